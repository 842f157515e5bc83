"""Requests that a real ASMX host was asked, and what it answered, byte for byte: `captures.json` and `envelopes.json`.

The strict transport answers all of them alike. The service that is served is asked those that concern methods it has:
its answers differ in the attributes of the root element, since it knows no such tickets and users.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp

from tests.asmx import oracle
from tests.support.server import start

#: the second file has what mono answered with the texts filled in that it leaves open
CASES: list[dict[str, Any]] = [
    case
    for name in ("captures.json", "envelopes.json")
    for case in json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
#: methods of the host that was captured, which the vendor does not have
HOST_ONLY = re.compile(
    "EchoTyped|UploadBytes|TakeNames|TakeXml|EchoString|AddInts|DoNothing|ThrowPlain|ThrowSoap|GetDocumentNode|"
    "GetElement|GetDeclaredDocument|GetNullNode"
)
#: a method of the vendor, whose root element the captured host's author made up
STAND_IN = "t07-action-other-method"
#: texts that name the address of the captured host
ADDRESS = "127.0.0.1:9083"


def body_of(case: dict[str, Any]) -> bytes | None:
    return bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode() if "text" in case else None


def send(port: int, case: dict[str, Any]) -> tuple[int, str, str]:
    """(status, content type, body) of the answer to the request exactly as it was captured."""
    tail = case["tail"]
    path = tail[1:] if tail.startswith("@") else f"/srv.asmx{tail}"
    body = body_of(case)
    lines = [f"{case['method']} {path} {case.get('version', 'HTTP/1.1')}", f"Host: 127.0.0.1:{port}", *case["headers"]]
    names = {line.partition(":")[0].lower() for line in case["headers"]}
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: close")
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))
        answer = b""
        while part := sock.recv(65536):
            answer += part
    head, _, payload = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, payload = payload.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    content_type = next((h.partition(":")[2].strip() for h in headers if h.lower().startswith("content-type:")), "-")
    return int(status.split()[1]), content_type, payload.decode("utf-8", "replace")


def difference(port: int, case: dict[str, Any], *, attributes: bool) -> str:
    """What is different, empty if nothing is."""
    expected = case["answer"]
    status, content_type, body = send(port, case)
    if status != expected["status"]:
        return f"status {status}, not {expected['status']}"
    if expected["type"] and content_type != expected["type"]:
        return f"content type {content_type}, not {expected['type']}"
    if expected["body"] is None:
        return ""
    wanted = expected["body"].replace(ADDRESS, f"127.0.0.1:{port}")
    if not attributes:
        body, wanted = (re.sub(r"<root [^>]*?(/?)>", r"<root \1>", text) for text in (body, wanted))
    return "" if body == wanted else f"body {body!r}, not {wanted!r}"


def serving(app: ASGIApp) -> Generator[int]:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield sock.getsockname()[1]
    server.should_exit = True
    thread.join()
    sock.close()


@pytest.fixture(scope="module")
def strict_host() -> Iterator[int]:
    yield from serving(oracle.app())


def test_the_strict_host_is_the_captured_one(strict_host: int) -> None:
    assert len(CASES) > 300
    different = {case["name"]: text for case in CASES if (text := difference(strict_host, case, attributes=True))}
    assert different == {}


def test_the_service_answers_like_the_captured_host(template: Path, tmp_path: Path) -> None:
    cases = [
        case for case in CASES if not HOST_ONLY.search(case["tail"] + case.get("text", "")) and case["name"] != STAND_IN
    ]
    assert len(cases) > 200
    with start(tmp_path, template) as server:
        different = {case["name"]: text for case in cases if (text := difference(server.port, case, attributes=False))}
    assert different == {}


def test_the_lenient_host_takes_what_later_hosts_took() -> None:
    """Case, namespace, truth values, base64, markup, the encoding of the declaration: see the transport's docstring."""
    by_name = {case["name"]: case for case in CASES}
    generator = serving(oracle.app(strict=False))
    port = next(generator)
    expected = {
        "s13-params-lower-camel": 't="t" f="f" o="o"',
        "s16-wrong-namespace": 't="tick" f="jdoe" o="jsmith"',
        "s17-no-namespace": 't="tick" f="jdoe" o="jsmith"',
        "t17-params-lower-camel": 't="t" f="f" o="o"',
        "s34-utf8-no-charset": 't="é€😀" f="f" o="o"',
        "s37-latin1-decl-only": 't="é" f="f" o="o"',
        "s85-typed-bool-True": 'recursive="true"',
    }
    try:
        for name, attributes in expected.items():
            assert attributes in send(port, by_name[name])[2], name
        base = {"method": "GET", "headers": []}
        typed = "/EchoTyped?AuthenticationTicket=t&DocumentID=1&Recursive={}&DueDate=2024-05-06"
        assert 'recursive="true"' in send(port, {**base, "tail": typed.format("1")})[2]
        assert 'recursive="false"' in send(port, {**base, "tail": typed.format("0")})[2]
        assert 'len="4"' in send(port, {**base, "tail": "/UploadBytes?AuthenticationTicket=t&Content=AAEC/w=="})[2]
        assert 't="&lt;b&gt;' in send(port, {**base, "tail": MARKUP})[2]
        contract = {**by_name["s01-ok-quoted"], "headers": ["Content-Type: text/xml", CONTRACT]}
        assert 't="tick"' in send(port, contract)[2]
    finally:
        generator.close()


MARKUP = "/TransferUserTasks?AuthenticationTicket=%3Cb%3E&FromUserName=f&ToUserName=o"
CONTRACT = 'SOAPAction: "http://tempuri.org/ISrv/TransferUserTasks"'
