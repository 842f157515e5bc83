"""Real clients against a real port."""

import base64
import signal
import socket
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import orjson
import pytest
import zeep
import zeep.exceptions
from lxml import etree

from gateway import demo
from tests.support.asgi import basic
from tests.support.forks import run
from tests.support.postgresql import fresh_database
from tests.support.server import Server, launch, start, until


def element_of(value: object) -> etree._Element:
    """zeep hands an xs:any back as an element, in a list or in an object."""
    if isinstance(value, list):
        value = value[0]
    inner = getattr(value, "_value_1", None)
    return element_of(inner) if inner is not None else value  # type: ignore[return-value]


@pytest.mark.parametrize("port", ["srvSoap", "srvSoap12"])
def test_zeep_works_from_our_wsdl(server: Server, port: str) -> None:
    client = zeep.Client(f"{server.url}/srv.asmx?WSDL")
    proxy = client.bind("srv", port)
    session = element_of(proxy.AuthenticateUser(UID="admin", PWD="admin"))
    assert session.get("success") == "true"
    ticket = session.get("ticket")
    assert element_of(proxy.isValidTicket(AuthenticationTicket=ticket)).get("username") == "admin"
    moved = element_of(proxy.TransferUserTasks(AuthenticationTicket=ticket, FromUserName="jdoe", ToUserName="jdoe"))
    assert moved.items() == [("success", "true")]
    refused = element_of(
        proxy.TransferUserTasks(AuthenticationTicket=ticket, FromUserName="Jöe & <co>", ToUserName="€")
    )
    assert refused.get("error") == "User not found"
    assert element_of(proxy.LogOut(AuthenticationTicket=ticket)).get("success") == "true"


def test_zeep_reads_our_faults(server: Server) -> None:
    client = zeep.Client(f"{server.url}/srv.asmx?WSDL")
    client.transport.session.headers["X"] = "y"
    envelope = client.create_message(client.service, "LogOut", AuthenticationTicket="x")
    header = etree.SubElement(envelope, "{http://schemas.xmlsoap.org/soap/envelope/}Header")
    envelope.insert(0, header)
    must = etree.SubElement(header, "{urn:x}Secret")
    must.set("{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand", "1")
    answer = httpx2.post(
        f"{server.url}/srv.asmx",
        content=etree.tostring(envelope),
        headers={"content-type": "text/xml", "soapaction": '"http://tempuri.org/LogOut"'},
        timeout=None,
    )
    assert answer.status_code == 500
    binding = client.service._binding
    with pytest.raises(zeep.exceptions.Fault, match="SOAP header Secret was not understood") as fault:
        binding.process_error(etree.fromstring(answer.content), None)
    assert fault.value.code == "soap:MustUnderstand"


def test_the_wsdl_has_the_shape_of_the_hosts(server: Server) -> None:
    document = etree.fromstring(urllib.request.urlopen(f"{server.url}/srv.asmx?WSDL").read())
    wsdl, schema = "{http://schemas.xmlsoap.org/wsdl/}", "{http://www.w3.org/2001/XMLSchema}"
    parts = document.findall(f"{wsdl}message/{wsdl}part[@element]")
    assert {p.get("name") for p in parts} == {"parameters"}
    assert document.find(f"{wsdl}types/{schema}schema").get("elementFormDefault") == "qualified"  # type: ignore[union-attr]
    ports = [p.get("name") for p in document.findall(f"{wsdl}service/{wsdl}port")]
    assert ports == ["srvSoap", "srvSoap12", "srvHttpGet", "srvHttpPost"]
    results = document.findall(f".//{schema}complexType[@mixed='true']")
    assert len(results) == 135, "of 136 methods one has no result"
    again = urllib.request.urlopen(f"{server.url}/srv.asmx?wsdl").read()
    assert again == urllib.request.urlopen(f"{server.url}/SRV.asmx?WSDL").read()


def test_a_hostile_host_is_not_told_back(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(b'GET /srv.asmx?WSDL HTTP/1.1\r\nHost: "><evil/>\r\nConnection: close\r\n\r\n')
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert b"evil" not in answer


@pytest.mark.needs("curl")
def test_curl_pastes_the_pages(server: Server) -> None:
    def curl(*arguments: str) -> str:
        return subprocess.run(["curl", "-s", *arguments], capture_output=True, check=True).stdout.decode()

    base = server.url
    started = curl("-u", "testuser:testuser", "-X", "POST", "-H", "Accept: application/xml", "-w", " %{http_code}",
                   f"{base}/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd")  # fmt: skip
    assert started.endswith(" 201")
    assert len(started) == 40
    form = f"authenticationTicket={demo.TICKET}&fromUserName=jdoe&toUserName=jdoe"
    transfer = curl(f"{base}/srv.asmx/TransferUserTasks", "-d", form)
    assert transfer == '<?xml version="1.0" encoding="utf-8"?>\r\n<root success="true" />'
    assert "Dragoman" in curl(base + "/")
    ready = orjson.loads(curl(base + "/ready"))
    assert ready == {"status": "ready"}
    metrics = curl(base + "/metrics")
    assert 'dragoman_requests_total{dialect="inubit",operation="startAdhocProcess",status="201"}' in metrics


def test_one_connection_many_dialects(server: Server) -> None:
    with httpx2.Client(base_url=server.url, headers={"authorization": basic("demo")}, timeout=None) as client:
        found = client.post("/v2/user-tasks/search", json={}).json()
        assert found["page"]["totalItems"] >= 4
        assert client.get("/ibis/rest/task/tasks").status_code == 200
        assert client.get("/srv.asmx/isValidTicket").text.endswith("/>")
        chunks = iter([b'{"filter":', b'{"assignee"', b':"jdoe"}}'])
        sent = client.post("/v2/user-tasks/search", content=chunks, headers={"content-type": "application/json"})
        assert sent.json()["page"]["totalItems"] == 3


def test_many_claims_over_http_have_one_winner(server: Server) -> None:
    auth = {"authorization": basic("demo")}
    with httpx2.Client(base_url=server.url, headers=auth, timeout=None) as client:
        found = client.post("/v2/user-tasks/search", json={"filter": {"candidateUser": "lisa", "state": "CREATED"}})
        key = found.json()["items"][0]["userTaskKey"]

    def claim(number: int) -> tuple[int, str]:
        body = {"assignee": f"user{number}", "allowOverride": False}
        answer = httpx2.post(f"{server.url}/v2/user-tasks/{key}/assignment", json=body, headers=auth, timeout=None)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(claim, range(16)))
    assert sorted(status for status, _ in answers) == [204] + [409] * 15
    assert all("it has already been assigned" in text for status, text in answers if status == 409)


def test_too_long_heads_are_refused(server: Server) -> None:
    assert httpx2.get(f"{server.url}/v2/{'x' * 20_000}", timeout=None).status_code == 414
    assert httpx2.get(server.url, headers={"x": "y" * 40_000}, timeout=None).status_code in (400, 431)
    assert httpx2.get(server.url, headers={f"x{n}": "y" for n in range(250)}, timeout=None).status_code == 431


def refuses(port: int) -> bool:
    """Whether nobody listens any more."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def test_sigterm_answers_what_is_under_way(template: Path, tmp_path: Path) -> None:
    with start(tmp_path, template) as running:
        body = b'{"assignee":"demo","padding":"' + b" " * 2000 + b'"}'
        with socket.create_connection(("127.0.0.1", running.port)) as sock:
            credentials = base64.b64encode(b"demo:demo").decode()
            head = f"POST /v2/user-tasks/1/assignment HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
            sock.sendall(head.encode())
            assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n", "it waits for the body"
            sock.sendall(body[:100])
            running.process.send_signal(signal.SIGTERM)
            until(lambda: refuses(running.port))
            sock.sendall(body[100:])
            assert sock.recv(65536).startswith(b"HTTP/1.1 400 ")
        assert running.process.wait() == 0


def test_two_gateways_start_on_an_empty_postgresql(postgresql: str, tmp_path: Path) -> None:
    """At once, in processes of their own; what one is told the other knows."""
    url = fresh_database(postgresql)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    admin = {"DRAGOMAN_ADMIN_USER": "root", "DRAGOMAN_ADMIN_PASSWORD": "toor"}
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda name: launch(tmp_path / name, url, **admin), ("a", "b")))
    try:
        auth = {"authorization": basic("root", "toor")}
        for one in both:
            assert httpx2.get(f"{one.url}/ibis/rest/task/tasks", headers=auth, timeout=None).status_code == 200
        put = httpx2.put(f"{both[0].url}/maintenance", json={"on": True}, headers=auth, timeout=None)
        assert put.json() == {"on": True}
        until(lambda: httpx2.get(f"{both[1].url}/ready", timeout=None).status_code == 503)
    finally:
        assert [one.terminate() for one in both] == [0, 0]


def test_logs_are_json_and_hold_no_secrets(server: Server) -> None:
    first, second = {"x-request-id": "abc-1"}, {"x-request-id": "abc-2"}
    httpx2.get(f"{server.url}/srv.asmx/isValidTicket?authenticationTicket={demo.TICKET}", headers=first, timeout=None)
    secrets = {"client_secret": demo.CLIENT_SECRET, "password": "hunter2"}
    httpx2.post(f"{server.url}/workflow/oauth2/token", json=secrets, headers=second, timeout=None)

    def told() -> list[tuple[str, str, int]]:
        """Whole lines: the last one may be half written."""
        lines = [orjson.loads(line) for line in server.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        wanted = [line for line in lines if line.get("request_id") in ("abc-1", "abc-2")]
        return [(line["dialect"], line["operation"], line["status"]) for line in wanted]

    until(lambda: len(told()) == 2)
    assert told() == [("inforouter", "isValidTicket", 200), ("processmaker", "token", 400)]
    text = server.log.read_text()
    for secret in (demo.TICKET, demo.CLIENT_SECRET, "hunter2", "Basic ", "Bearer "):
        assert secret not in text


def test_the_tour_is_taken(server: Server) -> None:
    done = run("tour", "--url", server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "One task, five dialects, one history." in done.stdout
    assert "FAIL: differences of the grade suspicious" in done.stdout
    assert "2 exchanges: 1 equal, 1 different, 0 not judged" in done.stdout
