"""SOAP messages that are broken in ten thousand ways, and XML that means harm: the answer is always the host's.

The rows of reference/faults.md are named by their numbers.
"""

import ctypes
import gc
import logging
import random
import re
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import demo
from schemas.common.xml import BadXml
from schemas.inforouter.soap import S11, S12, read
from tests.support.asgi import Answer
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world
from tests.unit.conftest import Living

TASK_DEF = '<t TaskName="x" DeadLine="8"><instruction>Do</instruction></t>'
CALLS = (
    "<AuthenticateUser xmlns='http://tempuri.org/'><UID>jdoe</UID><PWD>jdoe</PWD></AuthenticateUser>",
    f"<getTasks xmlns='http://tempuri.org/'><AuthenticationTicket>{demo.TICKET}</AuthenticationTicket><xmlcriteria>"
    "<![CDATA[<criteria><param NAME='ASSIGNEEID' VALUE='5'/></criteria>]]></xmlcriteria><SortBy>DueDate</SortBy>"
    "<AscendingOrder>true</AscendingOrder></getTasks>",
    f"<ChangeTaskDueDate xmlns='http://tempuri.org/'><AuthenticationTicket>{demo.TICKET}</AuthenticationTicket>"
    "<taskId>2</taskId><newDueDate>2098-01-01T00:00:00</newDueDate><allowedStartTimeSpan>1</allowedStartTimeSpan>"
    "</ChangeTaskDueDate>",
    f"<AddFlowTaskDef xmlns='http://tempuri.org/'><AuthenticationTicket>{demo.TICKET}</AuthenticationTicket>"
    "<DomainName>Corporate</DomainName><FlowName>ContractApproval</FlowName><StepNumber>1</StepNumber>"
    f"<TaskDefXML>{TASK_DEF}</TaskDefXML></AddFlowTaskDef>",
)


def envelope(call: str, namespace: str = S11, header: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{namespace}">{header}<soap:Body>{call}'
        "</soap:Body></soap:Envelope>"
    ).encode()


GOLDEN = tuple(envelope(call, namespace) for call in CALLS for namespace in (S11, S12))
BITS = (
    *(b"<", b">", b"&", b'"', b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<?x?>", b"<!DOCTYPE x>", b"&e;", b"&#0;"),
    *(b"&#x10FFFF;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"</soap:Body>", b'xmlns="', b"xsi:nil='true'", b"-1"),
    *(b"99999999999999999999", b"1e400", b"0001-01-01T00:00:00", b"9999-12-31T23:59:59Z", b"'", b"%00", b"<x/>" * 40),
    *("é".encode(), "\U0001f600".encode(), b" " * 300, b"soap:mustUnderstand='1'", b"<soap:Header/>"),
)
mutations = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.floats(0, 1), st.sampled_from(BITS)),
        st.tuples(st.just("delete"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("repeat"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("byte"), st.floats(0, 1), st.integers(0, 255)),
    ),
    min_size=1,
    max_size=4,
)


def mutated(body: bytes, steps: list[tuple[str, float, object]]) -> bytes:
    for kind, where, what in steps:
        at = int(where * len(body))
        if kind == "insert":
            assert isinstance(what, bytes)
            body = body[:at] + what + body[at:]
            continue
        assert isinstance(what, int)
        if kind == "delete":
            body = body[:at] + body[at + what :]
        elif kind == "repeat":
            body = body[:at] + body[at : at + what] * 3 + body[at + what :]
        else:
            body = body[:at] + bytes([what]) + body[at + 1 :]
    return body


MEDIA_TYPES = st.sampled_from(
    ["text/xml; charset=utf-8", "text/xml", "application/soap+xml; charset=utf-8", "text/xml; charset=utf-16"]
)
ACTIONS = st.sampled_from([None, '"http://tempuri.org/getTasks"', '""', '"http://tempuri.org/AddFlowTaskDef"'])


def is_the_hosts(answer: Answer) -> bool:
    """An answer, an empty 400 or 415, or a fault in its shape."""
    if answer.status in (400, 415):
        return answer.body == b""
    if answer.status == 500:
        fault = re.search(rb"<soap:Fault>.*<(faultstring|soap:Text[^>]*)>[^<]+<", answer.body, re.DOTALL)
        return fault is not None and b"Internal error" not in answer.body
    return answer.status == 200 and b"SystemError" not in answer.body


@pytest.fixture(scope="module")
def standing(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Living, World]]:
    """A world that stays open through all examples."""
    import asyncio

    with asyncio.Runner() as runner:
        opened = open_world(template, tmp_path_factory.mktemp("standing"), **UNTHROTTLED)
        world = runner.run(opened.__aenter__())
        connection = world.engine.store.connect()
        yield Living(world.engine, runner, connection), world
        connection.close()
        runner.run(opened.__aexit__(None, None, None))


@pytest.mark.rounds
def test_thousands_of_broken_messages(standing: tuple[Living, World], caplog: pytest.LogCaptureFixture) -> None:
    """X18."""
    living, world = standing
    seen: dict[int, int] = {}

    @settings(max_examples=rounds(1000), database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(GOLDEN), mutations, MEDIA_TYPES, ACTIONS)
    def answer_is_the_hosts(
        body: bytes, steps: list[tuple[str, float, object]], media_type: str, action: str | None
    ) -> None:
        headers = {"content-type": media_type} | ({"soapaction": action} if action is not None else {})
        sent = mutated(body, steps)
        answer = living.run(world.call("POST", "/srv.asmx", headers, body=sent))
        assert is_the_hosts(answer), (sent, answer)
        seen[answer.status] = seen.get(answer.status, 0) + 1

    with caplog.at_level(logging.ERROR):
        answer_is_the_hosts()
    assert sum(seen.values()) >= rounds(1000)
    assert set(seen) >= {200, 400, 500}
    assert caplog.records == []


def resident() -> int:
    """Kilobytes of this process, without what is free again and only kept for the next who wants memory."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


async def test_a_prefix_that_stands_for_nothing_is_no_xml(world: World) -> None:
    """Also if something less bad comes behind it: a namespace that is no absolute address."""
    sent = GOLDEN[0].replace(b"xmlns:soap", b"xmlns:soup").replace(b"http://tempuri.org/", b"tempuri.org/")
    answer = await world.call("POST", "/srv.asmx", {"content-type": "text/xml; charset=utf-8"}, body=sent)
    unread = GOLDEN[0].replace(b"xmlns:soap", b"xmlns:soup")
    same = await world.call("POST", "/srv.asmx", {"content-type": "text/xml; charset=utf-8"}, body=unread)
    assert (answer.status, answer.text) == (same.status, same.text)
    assert is_the_hosts(answer), answer.text
    for length in (0, 40_000):
        with pytest.raises(BadXml):
            read(sent + b" " * length, "utf-8")


async def test_a_bad_value_in_front_of_bytes_that_are_no_text(world: World) -> None:
    """The place of the value is told, although the document cannot be read to its end."""
    (body,) = [golden for golden in GOLDEN if b"AddFlowTaskDef" in golden and S11.encode() in golden]
    sent = mutated(body, [("repeat", 0.375, 20), ("insert", 0.71875, b">"), ("insert", 0.8125, b"\xff\xfe")])
    answer = await world.call("POST", "/srv.asmx", {"content-type": "text/xml; charset=utf-8"}, body=sent)
    assert is_the_hosts(answer), answer.text


@pytest.mark.rounds
async def test_broken_messages_leave_nothing_behind(template: Path, tmp_path: Path) -> None:
    """X18: memory does not grow with them. A thread that begins late makes one step of some MB, whoever keeps what was
    sent grows between any two measurements.
    """
    chance = random.Random(18)
    sizes = []
    many = rounds(200)
    async with open_world(template, tmp_path, **UNTHROTTLED) as world:
        for n in range(7 * many + 1):
            kind = chance.choice(["insert", "delete", "repeat"])
            what = chance.choice(BITS) if kind == "insert" else chance.randint(1, 40)
            body = mutated(chance.choice(GOLDEN), [(kind, chance.random(), what)])
            assert is_the_hosts(await post(world, body))
            if n % many == 0:
                sizes.append(resident())
    grown = [after - before for before, after in pairwise(sizes)]
    assert median(grown) < many, sizes  # a KB for each message


async def post(world: World, body: bytes, media_type: str = "text/xml; charset=utf-8", **headers: str) -> Answer:
    return await world.call("POST", "/srv.asmx", {"content-type": media_type, **headers}, body=body)


LOGIN = CALLS[0]
BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def with_doctype(doctype: bytes, uid: str = "jdoe") -> bytes:
    return envelope(LOGIN.replace("jdoe</UID>", f"{uid}</UID>")).replace(b"?>", b"?>" + doctype, 1)


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE x>",
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        BOMB,
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        b'<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:1/x.dtd">',
    ],
)
async def test_no_document_type_of_any_kind(world: World, doctype: bytes) -> None:
    """X1, X2, X3."""
    answer = await post(world, with_doctype(doctype, "&b;" if doctype == BOMB else "jdoe"))
    assert (answer.status, answer.body) == (400, b"")


async def test_nothing_is_fetched(world: World) -> None:
    """X3, X4: entities, inclusions, schema locations and stylesheets name a socket that nobody comes to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for body in (
            with_doctype(f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]>'.encode(), "&e;"),
            envelope(
                LOGIN.replace("<UID>", f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/><UID>')
            ),
            envelope(
                LOGIN.replace(
                    "<UID>",
                    '<UID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                    f'xsi:schemaLocation="http://tempuri.org/ {url}">',
                )
            ),
            envelope(LOGIN).replace(b"?>", f'?><?xml-stylesheet href="{url}"?>'.encode(), 1),
        ):
            answer = await post(world, body)
            assert answer.status in (200, 400)
        with pytest.raises(BlockingIOError):  # whoever had come by now would be let in
            listener.accept()


async def test_limits(world: World) -> None:
    """X5, X6, X8."""
    deep = "<a>" * 70 + "</a>" * 70
    assert (await post(world, envelope(LOGIN + deep))).status == 400
    assert (await post(world, envelope(LOGIN + "<a>" * 10_000 + "</a>" * 10_000))).status == 400
    attributes = " ".join(f'a{n}="1"' for n in range(257))
    assert (await post(world, envelope(f"<x {attributes}><y/></x>{LOGIN}"))).status == 400
    assert (await post(world, envelope(LOGIN + "<a/>" * 50_001))).status == 400
    assert (await post(world, envelope(f"<{'n' * 65_536}/>{LOGIN}"))).status in (400, 500)
    array = '<x xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="xsd:string[2147483648]"/>'
    answer = await post(world, envelope(LOGIN.replace("<UID>", array + "<UID>")))
    assert answer.status == 200


async def test_a_body_that_is_too_long(world: World) -> None:
    """X7."""
    body = envelope(LOGIN).replace(b"jdoe</UID>", b"x" * (2 * 1024 * 1024) + b"</UID>")
    assert (await post(world, body)).status == 413


async def test_the_action_and_the_element_disagree(world: World) -> None:
    """X9: the action wins, and finds none of its parameters; nothing runs with another's authorisation."""
    answer = await post(world, envelope(CALLS[2]), soapaction='"http://tempuri.org/AuthenticateUser"')
    assert 'error="[900] Authentication failed"' in answer.text
    answer = await post(world, envelope(LOGIN), soapaction='"http://tempuri.org/TransferUserTasks"')
    assert 'error="[900] Authentication failed"' in answer.text


async def test_two_bodies_and_headers_that_are_not_understood(world: World) -> None:
    """X10, X19."""
    two = envelope(LOGIN + CALLS[1])
    assert "AuthenticateUserResponse" in (await post(world, two)).text
    twice = envelope(LOGIN).replace(b"</soap:Body>", b"</soap:Body><soap:Body/>")
    assert (await post(world, twice)).status in (200, 500)
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    for must in ("", " soap:mustUnderstand='1'"):
        header = f"<soap:Header><w:Security xmlns:w='{wsse}'{must}/></soap:Header>"
        answer = await post(world, envelope(LOGIN, header=header))
        assert ("MustUnderstand" in answer.text) == bool(must)


async def test_versions_crossed(world: World) -> None:
    """X11."""
    answer = await post(world, envelope(LOGIN), "application/soap+xml; charset=utf-8")
    assert (answer.status, answer.body) == (415, b"")
    answer = await post(world, envelope(LOGIN, S12))
    assert answer.headers["content-type"] == "application/soap+xml; charset=utf-8"
    answer = await post(world, envelope(LOGIN, "urn:other"))
    assert "soap:VersionMismatch" in answer.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "utf-32", "ascii", "cp037", "nonsense"])
async def test_encodings_that_lie(world: World, encoding: str) -> None:
    """X12: declared or in the header, read or refused, never broken."""
    text = envelope(LOGIN).decode()
    for body in (
        text.replace("utf-8", encoding).encode(),
        text.encode("utf-16"),
        text.encode() + b"\x00",
        text.replace("jdoe</UID>", "\ud800</UID>").encode("utf-8", "surrogatepass"),
    ):
        for charset in ("", f"; charset={encoding}"):
            assert is_the_hosts(await post(world, body, f"text/xml{charset}"))


async def test_characters_that_xml_cannot_hold(world: World) -> None:
    """X13: over GET they arrive; the answer is well-formed all the same."""
    from lxml import etree

    answer = await world.call("GET", f"/srv.asmx/GetUser?authenticationTicket={demo.TICKET}&UserName=%01%0B%EF%BF%BF")
    assert etree.fromstring(answer.body).get("error") == "User not found"
    target = (
        f"/srv.asmx/UpdateUserEmail?authenticationTicket={demo.TICKET}&UserName=jdoe&NewEmailAddress=a%01b%EF%BF%BEc"
    )
    assert 'success="true"' in (await world.call("GET", target)).text
    answer = await world.call("GET", f"/srv.asmx/GetUser?authenticationTicket={demo.TICKET}&UserName=jdoe")
    user = etree.fromstring(answer.body).find("User")
    assert user is not None
    assert user.get("Email") == "abc"


async def test_documents_inside_of_parameters(world: World) -> None:
    """X1, X2, X5, X14, X15 once more, for the XML that parameters carry."""
    from urllib.parse import quote

    for document in (
        '<!DOCTYPE c [<!ENTITY e SYSTEM "file:///etc/passwd">]><criteria>&e;</criteria>',
        "<criteria>" * 70 + "</criteria>" * 70,
        "<criteria><param NAME=\"' or 1=1 --\" VALUE='x'/></criteria>",
        "<criteria " + " ".join(f'a{n}="1"' for n in range(300)) + "/>",
        "\x00",
    ):
        query = f"authenticationTicket={demo.TICKET}&xmlcriteria={quote(document)}&SortBy=&AscendingOrder=true"
        answer = await world.call("GET", f"/srv.asmx/getTasks?{query}")
        assert answer.status == 200
        assert 'success="false"' in answer.text
        assert "root:" not in answer.text
        assert "SystemError" not in answer.text


async def test_packed_and_multipart_bodies_are_not_unpacked(world: World) -> None:
    """X16, X17."""
    import gzip

    packed = gzip.compress(envelope(LOGIN) + b" " * 1_000_000)
    answer = await world.call(
        "POST", "/srv.asmx", {"content-type": "text/xml", "content-encoding": "gzip"}, body=packed
    )
    assert (answer.status, b"Data at the root level is invalid" in answer.body) == (500, True)
    parts = b"--b\r\ncontent-type: text/xml\r\n\r\n<a/>\r\n" * 10_000 + b"--b--"
    answer = await post(world, parts, 'multipart/related; type="application/xop+xml"; boundary=b')
    assert (answer.status, b"Data at the root level is invalid" in answer.body) == (500, True)


async def test_the_description_never_changes(world: World) -> None:
    """X20."""
    first = (await world.call("GET", "/srv.asmx?WSDL")).body
    for _ in range(50):
        assert (await world.call("GET", "/srv.asmx?wsdl")).body == first
    answer = await world.call("GET", "/srv.asmx?WSDL", {"host": 'evil"/><x/>'})
    assert b"evil" not in answer.body
    other = (await world.call("GET", "/srv.asmx?WSDL", {"host": "other:1"})).body
    assert other.replace(b"http://other:1/", b"http://localhost:8080/") == first
