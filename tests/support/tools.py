"""What tests need besides this project's own packages: programs, their modules, their versions.

A test says `@pytest.mark.needs("node-soap")` and looks for nothing itself. Where something is absent the test is left
out, and the summary of the run says so. With REQUIRE_TOOLS=1 it fails; FORBID_TOOLS=1 is for a machine that has none of
them. `python -m tests.support.tools` tells what is there.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INTEROP = Path(__file__).parents[1] / "interop"
JAVA_REPOSITORY = INTEROP / "java" / "repository"
GO = INTEROP / "go"

#: "" if everything is there, else what is not
Check = Callable[[], str]


@dataclass(frozen=True)
class Need:
    """`brings` is the command that installs it."""

    name: str
    checks: tuple[Check, ...]
    brings: str = "make interop"

    def missing(self) -> str:
        return next((absent for check in self.checks if (absent := check())), "")


def program(name: str) -> Check:
    return lambda: "" if shutil.which(name) else f"{name} is not on the path"


def version(least: tuple[int, ...], *command: str) -> Check:
    """The first number that a program prints is not too small."""

    def check() -> str:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        number = re.search(r"\d+(\.\d+)*", done.stdout + done.stderr)
        if done.returncode or number is None:
            return f"`{' '.join(command)}` fails"
        there = tuple(int(part) for part in number[0].split("."))
        return "" if there >= least else f"{command[0]} is {number[0]}, not {'.'.join(map(str, least))} or newer"

    return check


def works(what: str, *command: str | Path, **environment: str) -> Check:
    """A command that succeeds if `what` is there."""

    def check() -> str:
        words = [str(word) for word in command]
        if shutil.which(words[0]) is None:
            return f"{what} is not installed"
        done = subprocess.run(
            words, capture_output=True, stdin=subprocess.DEVNULL, cwd=INTEROP, env={**os.environ, **environment}
        )
        return f"{what} is not installed" if done.returncode else ""

    return check


def newer(what: str, stamp: Path, than: Path) -> Check:
    """Installed, and not before what says what to install was last changed."""
    return lambda: (
        "" if stamp.exists() and stamp.stat().st_mtime >= than.stat().st_mtime else f"{what} is not installed"
    )


def node_packages(folder: str, program: str) -> tuple[Check, ...]:
    """Node and the packages of a folder, tried with a line of JavaScript."""
    where = INTEROP / folder
    what = f"what {where.name}/package-lock.json lists"
    return (
        *NODE,
        newer(what, where / "node_modules" / ".package-lock.json", where / "package-lock.json"),
        works(what, "node", "--input-type=commonjs", "-e", program, NODE_PATH=str(where / "node_modules")),
    )


def python_packages(folder: str, module: str) -> tuple[Check, ...]:
    """A virtual environment of the folder's own."""
    where = INTEROP / folder
    what = f"what {where.name}/requirements.txt lists"
    return (
        newer(what, where / ".venv" / "installed", where / "requirements.txt"),
        works(what, where / ".venv" / "bin" / "python", "-c", f"import {module}"),
    )


def maven_project(folder: str, stamp: str, *, java: int) -> tuple[Check, ...]:
    """Maven, and what the project of a folder needs in the repository that all of them share."""
    where = INTEROP / folder / "pom.xml"
    return (
        program("mvn"),
        version((java,), "javac", "-version"),
        newer(f"what {folder}/pom.xml lists", JAVA_REPOSITORY / stamp, where),
    )


#: whoever the checkout belongs to
GIT = ("git", "-c", "safe.directory=*")
PHP = (program("php"),)
NODE = (program("node"), version((20, 19), "node", "--version"))
STDSOAP = ("-E", "-include", "stdsoap2.h", "-x", "c", "/dev/null")
PHP_CLASSES = 'exit(class_exists("SoapClient") && class_exists("SimpleXMLElement") ? 0 : 1);'

NEEDS = {
    need.name: need
    for need in (
        Need("curl", (program("curl"),)),
        Need("bash", (program("bash"),), "apt-get install bash"),
        Need("coreutils", (program("install"), program("rm")), "apt-get install coreutils"),
        Need("git-checkout", (program("git"), works("a checkout", *GIT, "rev-parse")), brings="git clone"),
        Need("php", PHP),
        Need("php-soap", (*PHP, works("PHP's extensions soap and xml", "php", "-r", PHP_CLASSES))),
        Need("perl-soap-lite", (program("perl"), works("Perl's SOAP::Lite", "perl", "-MSOAP::Lite", "-e", "1"))),
        Need("node-soap", node_packages("node", 'require("soap")')),
        Need("node-strong-soap", node_packages("node", 'require("strong-soap")')),
        Need("node-camunda-8.8", node_packages("camunda", 'require("@camunda8/sdk")')),
        Need("node-camunda-8.9", node_packages("camunda", 'require.resolve("@camunda8/orchestration-cluster-api")')),
        Need("python-camunda-8.10", python_packages("camunda", "camunda_orchestration_sdk")),
        Need("mono", (program("wsdl"), program("mcs"), program("mono"))),
        Need("gsoap", (program("wsdl2h"), program("soapcpp2"), works("gSOAP's library", "gcc", *STDSOAP))),
        Need("ruby-soap4r", (program("ruby"), works("Ruby's soap4r", "ruby", "-e", 'require "soap/wsdlDriver"'))),
        Need("go-gosoap", tuple(newer("go/client", GO / "client", GO / name) for name in ("main.go", "go.sum"))),
        Need("java-jax-ws", maven_project("java", "java-installed", java=11)),
        Need("java-axis2", maven_project("axis2", "axis2-installed", java=11)),
        Need("java-spring-ws", maven_project("spring", "spring-installed", java=17)),
        Need("java-camunda", maven_project("camunda/java", "camunda-installed", java=17)),
        Need("java-camunda-model", maven_project("camunda/model", "camunda-model-installed", java=17)),
        Need("java-camunda-spring", maven_project("camunda/spring", "camunda-spring-installed", java=17)),
        Need("java-feel", maven_project("feel", "feel-installed", java=17)),
        Need("pgbouncer", (program("pgbouncer"),)),
        Need("haproxy", (program("haproxy"),)),
        Need("schemathesis", python_packages("openapi", "schemathesis")),
    )
}


@cache
def missing(name: str) -> str:
    """Why a need is not met; "" if it is. Each is looked at once in a process."""
    return NEEDS[name].missing()


def summary(left_out: Iterable[str]) -> str:
    """A line on the needs that were not met."""
    brought: dict[str, list[str]] = {}
    for name in sorted(set(left_out)):
        brought.setdefault(NEEDS[name].brings, []).append(name)
    return "left out for want of " + "; ".join(
        f"{', '.join(names)} (`{command}` brings it)" for command, names in brought.items()
    )


if __name__ == "__main__":
    for need in NEEDS.values():
        print(f"{need.name:20} {need.missing() or 'is there'}")
