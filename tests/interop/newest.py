"""The newest clients that Camunda publishes, whatever they are today, against this checkout: `make newest`.

Nothing of it is pinned, so it is no test: a client that came out this morning stops no change. It installs into a
folder of its own, runs the programs that `make interop` runs with the pinned versions, each with the profile of its
client, says what became of them, and fails if one did.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from adapters.camunda.profile import PROFILES
from tests.support.server import start
from tests.support.world import make_demo

HERE = Path(__file__).parent
NEWEST = max(PROFILES, key=lambda name: int(name.partition(".")[2]))


class Failed(Exception):
    """The text is what the program said."""


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise Failed((done.stdout + done.stderr).strip()[-4000:])
    return done.stdout


def profile(minor: str) -> str:
    """That of a generation of clients, or the nearest that there is."""
    return f"8.{minor}" if f"8.{minor}" in PROFILES else NEWEST


def serve(template: Path, folder: Path, wanted: str, program: Callable[[str], str]) -> None:
    """With a gateway of its own. Raises Failed."""
    settings = {"DRAGOMAN_CAMUNDA_PROFILE": wanted, "DRAGOMAN_CAMUNDA_AUTHORIZATIONS": "on"}
    place = Path(tempfile.mkdtemp(dir=folder))
    with start(place, template, **settings) as server:
        said = program(server.url)
    if "done\n" not in said:
        raise Failed(said)


def node(template: Path, folder: Path, package: str, program: str) -> str:
    run("npm", "install", "--no-audit", "--no-fund", "--silent", "--save-exact", f"{package}@latest", folder=folder)
    version = str(json.loads((folder / "node_modules" / package / "package.json").read_text())["version"])
    major, minor = version.split(".")[:2]
    wanted = profile(minor if major == "8" else major)
    serve(template, folder, wanted, lambda url: run("node", program, url, folder=folder))
    return f"{package} {version} with {wanted}"


def python(template: Path, folder: Path) -> str:
    venv.create(folder / ".venv", with_pip=True)
    interpreter = folder / ".venv" / "bin" / "python"
    run(interpreter, "-m", "pip", "-q", "install", "camunda-orchestration-sdk", folder=folder)
    shown = run(interpreter, "-m", "pip", "show", "camunda-orchestration-sdk", folder=folder)
    version = shown.partition("Version: ")[2].partition("\n")[0]
    wanted = profile(version.partition(".")[0])
    serve(template, folder, wanted, lambda url: run(interpreter, "client_sdk.py", url, folder=folder))
    return f"camunda-orchestration-sdk {version} with {wanted}"


def java(template: Path, folder: Path) -> str:
    maven = ("mvn", "-B", "-q", "-C", f"-Dmaven.repo.local={folder / 'repository'}", "-Dcamunda.version=RELEASE")
    project = ("-f", folder / "java" / "pom.xml", f"-Dwork={folder / 'work'}", "compile", "exec:java")
    run(*maven, *project, folder=folder)
    jars = sorted((folder / "repository" / "io" / "camunda" / "camunda-client-java").glob("*/*.jar"))
    version = re.sub(r"^camunda-client-java-|\.jar$", "", jars[-1].name)
    wanted = profile(version.split(".")[1])
    serve(template, folder, wanted, lambda url: run(*maven, *project, f"-Dexec.args={url} {folder}", folder=folder))
    return f"camunda-client-java {version} with {wanted}"


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        template = Path(scratch, "world.db")
        asyncio.run(make_demo(f"sqlite:///{template}"))
        for number, client in enumerate(
            (
                lambda folder: node(template, folder, "@camunda8/sdk", "client8.cjs"),
                lambda folder: node(template, folder, "@camunda8/orchestration-cluster-api", "client.mjs"),
                lambda folder: python(template, folder),
                lambda folder: java(template, folder),
            )
        ):
            folder = Path(scratch, str(number))
            leave = shutil.ignore_patterns("node_modules", ".venv", "package*.json", "model", "spring")
            shutil.copytree(HERE / "camunda", folder, ignore=leave)
            try:
                print(f"{client(folder)}: works", flush=True)
            except Failed as error:
                failures += 1
                print(f"client {number + 1} of 4 failed:\n{error}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
