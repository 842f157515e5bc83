"""Thirteen SOAP clients, in nine languages, as they are installed, with proxies made from our WSDL, against a real
port; the clients that Camunda publishes; and the PHP examples of a vendor's page.

Each SOAP client logs in, lists tasks, completes one, transfers, and meets a business error and a fault; most make a
task of their own besides, with dates and texts of all kinds, and read it back. `make interop` installs them; what each
test needs is in tests/support/tools.py.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import demo
from tests.support.leave import prepare
from tests.support.server import start
from tests.support.tools import JAVA_REPOSITORY

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent


@pytest.fixture
def address(template: Path, tmp_path: Path) -> Iterator[str]:
    """The service of a gateway of its own, with the demo world."""
    with start(tmp_path, template) as server:
        yield f"{server.url}/srv.asmx"


def run(*command: str | Path, folder: Path | None = None, **environment: str) -> str:
    """What a program prints; `folder` is where it leaves what it keeps."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env={**os.environ, **environment}, cwd=folder
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def write_description(address: str, folder: Path) -> Path:
    path = folder / "srv.wsdl"
    path.write_bytes(urllib.request.urlopen(f"{address}?WSDL").read())
    return path


def test_python_zeep(address: str) -> None:
    out = run(sys.executable, HERE / "client_zeep.py", address)
    assert out.splitlines() == ["srvSoap tasks [2, 3, 4]", "srvSoap12 tasks [3, 4]"]


def test_python_suds(address: str) -> None:
    assert run(sys.executable, HERE / "client_suds.py", address) == "srvSoap tasks [2, 3, 4]\n"


@pytest.mark.needs("php-soap")
def test_php_soap_client(address: str) -> None:
    assert run("php", HERE / "client.php", address) == "srvSoap tasks 2,3,4\nsrvSoap12 tasks 3,4\n"


@pytest.mark.needs("perl-soap-lite")
def test_perl_soap_lite(address: str) -> None:
    out = run("perl", HERE / "client.pl", address)
    assert out.splitlines() == ["SOAP 1.1 tasks 2 3 4", "SOAP 1.2 tasks 3 4", "from the WSDL: an answer"]


@pytest.mark.needs("node-soap")
def test_node_soap(address: str) -> None:
    out = run("node", HERE / "client.js", address, NODE_PATH=str(HERE / "node" / "node_modules"))
    assert out == "SOAP 1.1 tasks 2,3,4\nSOAP 1.2 tasks 3,4\n"


@pytest.mark.needs("mono")
def test_dotnet_proxies(address: str, tmp_path: Path) -> None:
    """All four protocols that the .NET tool makes proxies for."""
    description = write_description(address, tmp_path)
    sources = []
    for protocol, namespace in (
        ("Soap", "Soap11"),
        ("Soap12", "Soap12"),
        ("HttpGet", "HttpGet"),
        ("HttpPost", "HttpPost"),
    ):
        source = tmp_path / f"{namespace}.cs"
        run("wsdl", f"-protocol:{protocol}", f"-namespace:{namespace}", f"-out:{source}", description)
        sources.append(source)
    program = tmp_path / "client.exe"
    libraries = [f"-r:System.{name}.dll" for name in ("Web.Services", "Xml", "EnterpriseServices")]
    run("mcs", "-nowarn:219,612,618,1591", f"-out:{program}", *libraries, *sources, HERE / "dotnet" / "Client.cs")
    out = run("mono", program, address)
    assert out.splitlines() == ["SOAP 1.1 tasks 2,3,4", "SOAP 1.2 tasks 3,4", "GET and POST tasks 4"]


@pytest.mark.needs("node-strong-soap")
def test_node_strong_soap(address: str) -> None:
    out = run("node", HERE / "client_strong.js", address, NODE_PATH=str(HERE / "node" / "node_modules"))
    assert out == "SOAP 1.1 tasks 5,2,3,4\nSOAP 1.2 tasks 6,2,3,4\n"


@pytest.mark.needs("ruby-soap4r")
def test_ruby_soap4r(address: str) -> None:
    assert run("ruby", "-W0", HERE / "client.rb", address) == "SOAP 1.1 tasks 5 2 3 4\n"


@pytest.mark.needs("go-gosoap")
def test_go_gosoap(address: str) -> None:
    assert run(HERE / "go" / "client", address) == "SOAP 1.1 tasks 4\n"


@pytest.mark.needs("gsoap")
def test_c_gsoap(address: str, tmp_path: Path) -> None:
    write_description(address, tmp_path)
    run("wsdl2h", "-c", "-o", "srv.h", "srv.wsdl", folder=tmp_path)
    run("soapcpp2", "-c", "-C", "-L", "-w", "-x", "srv.h", folder=tmp_path)
    sources = (HERE / "gsoap" / "client.c", "soapC.c", "soapClient.c")
    run("gcc", "-O0", "-I.", *sources, "-lgsoap", "-o", "client", folder=tmp_path)
    assert run(tmp_path / "client", address) == "SOAP 1.1 tasks 4\nSOAP 1.2 tasks 4\n"


def run_with_maven(project: str, address: str, folder: Path) -> str:
    """What a client prints whose proxies are made of the description."""
    write_description(address, folder)
    offline = ("mvn", "-B", "-q", "-o", f"-Dmaven.repo.local={JAVA_REPOSITORY}")
    command = (*offline, "-f", HERE / project / "pom.xml", f"-Dwork={folder}", "compile", "exec:java")
    return run(*command, f"-Dexec.args={address}")


@pytest.mark.needs("java-jax-ws")
def test_java_jax_ws(address: str, tmp_path: Path) -> None:
    assert "SOAP 1.1 tasks [2, 3, 4]" in run_with_maven("java", address, tmp_path)


@pytest.mark.parametrize(
    "project",
    [
        pytest.param("axis2", marks=pytest.mark.needs("java-axis2")),
        pytest.param("spring", marks=pytest.mark.needs("java-spring-ws")),
    ],
)
def test_java_axis2_and_spring(address: str, tmp_path: Path, project: str) -> None:
    out = run_with_maven(project, address, tmp_path)
    assert "SOAP 1.1 tasks [5, 2, 3, 4]" in out
    assert "SOAP 1.2 tasks [6, 2, 3, 4]" in out


@pytest.mark.parametrize(
    ("profile", "command"),
    [
        pytest.param("8.8", ("node", "client8.cjs"), marks=pytest.mark.needs("node-camunda-8.8")),
        pytest.param("8.9", ("node", "client.mjs"), marks=pytest.mark.needs("node-camunda-8.9")),
        pytest.param("8.10", (".venv/bin/python", "client_sdk.py"), marks=pytest.mark.needs("python-camunda-8.10")),
    ],
)
def test_the_clients_of_camunda(template: Path, tmp_path: Path, profile: str, command: tuple[str, str]) -> None:
    """Deploy, start, search, forms, variables, assign, update, complete, await, cancel; users and what they may do;
    jobs of listeners; races; and errors as their own."""
    folder = HERE / "camunda"
    program = str(folder / command[0]) if "/" in command[0] else command[0]
    settings = {"DRAGOMAN_CAMUNDA_PROFILE": profile, "DRAGOMAN_CAMUNDA_AUTHORIZATIONS": "on"}
    with start(tmp_path, template, **settings) as server:
        assert run(program, folder / command[1], server.url) == "done\n"


@pytest.mark.needs("java-camunda")
@pytest.mark.parametrize(("profile", "version"), [("8.8", "8.8.14"), ("8.9", "8.9.0")])
def test_the_client_of_camunda_for_java(template: Path, tmp_path: Path, profile: str, version: str) -> None:
    """All operators, pages in both directions, tasks, instances, listeners, people, and problems as its own."""
    project = tmp_path / "java"
    shutil.copytree(HERE / "camunda" / "java", project)
    offline = ("mvn", "-B", "-q", "-o", f"-Dmaven.repo.local={JAVA_REPOSITORY}", f"-Dcamunda.version={version}")
    settings = {"DRAGOMAN_CAMUNDA_PROFILE": profile, "DRAGOMAN_CAMUNDA_AUTHORIZATIONS": "on"}
    with start(tmp_path, template, **settings) as server:
        command = (*offline, "-f", project / "pom.xml", f"-Dwork={project}", "compile", "exec:java")
        assert "done\n" in run(*command, f"-Dexec.args={server.url} {HERE / 'camunda'}")


@pytest.mark.needs("java-camunda-spring")
def test_the_starter_of_camunda_for_spring_boot(template: Path, tmp_path: Path) -> None:
    """An application deploys as it starts, and its worker does user tasks of the old kind."""
    project = tmp_path / "spring"
    shutil.copytree(HERE / "camunda" / "spring", project)
    offline = ("mvn", "-B", "-q", "-o", f"-Dmaven.repo.local={JAVA_REPOSITORY}")
    settings = {"DRAGOMAN_CAMUNDA_PROFILE": "8.8", "DRAGOMAN_CAMUNDA_AUTHORIZATIONS": "on"}
    with start(tmp_path, template, **settings) as server:
        command = (*offline, "-f", project / "pom.xml", f"-Dwork={project}", "compile", "exec:java")
        assert "done\n" in run(*command, f"-Dexec.args={server.url}")


@pytest.mark.needs("php")
def test_the_php_examples_of_processmakers_page(template: Path, tmp_path: Path) -> None:
    """As they are printed, one after the other; only the function that they call is ours."""
    folder = HERE / "processmaker"
    with start(tmp_path, asyncio.run(prepare(template, tmp_path, "page case"))) as server:

        def example(name: str) -> str:
            return run("php", folder / f"{name}.php", server.url, demo.CLIENT_ID, demo.CLIENT_SECRET)

        user, task = demo.PHP_USER, demo.PHP_ACTIVITY
        assert example("unassign") == f"DELETE 200\nAd hoc user {user} unassigned from task {task}\n"
        assert example("unassign") == "DELETE 400\n"
        assert example("assign") == f"POST 201\nUser {user} assigned to task {task}\n"
        assert example("assign") == "POST 400\n"
        assert example("reassign") == "GET 200\nPOST 200\n"
        assert example("assign_available") == "GET 200\nPOST 201\n"
