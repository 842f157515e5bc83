"""What exchanges are called in a list: operations, and whose they are."""

import base64

import pytest

from gateway.traffic.exchange import Exchange, Headers, Request
from gateway.traffic.labels import Named

XML = ((b"Content-Type", b"text/xml"),)
BASIC = ((b"Authorization", b"Basic " + base64.b64encode(b"ann:redacted-0123456789abcdef")),)
MARK = b"redacted-0123456789abcdef"


def said(target: bytes = b"/", headers: Headers = (), body: bytes = b"", connection: int = 1) -> Exchange:
    return Exchange(1, 0, 0, connection, Request("POST", target, headers, body))


@pytest.mark.parametrize(
    ("exchange", "operation"),
    [
        (said(b"/api/tasks/1234/complete?x=1"), "POST /api/tasks/{id}/complete"),
        (said(b"/v2/27f94b72-3e34-4c85-ad02-88450dff6e46"), "POST /v2/{id}"),
        (said(b"/v2/" + MARK), "POST /v2/{id}"),
        (said(b"/v2/tasks"), "POST /v2/tasks"),
        (said(b"/soap", XML, b"<s:Envelope><s:Body>\n<u:GetTask x='1'/></s:Body></s:Envelope>"), "GetTask"),
        (said(b"/soap", XML, b'<Envelope xmlns="x"><Body><GetTask/></Body></Envelope>'), "GetTask"),
        (said(b"/soap", XML, b"<Envelope>"), "POST /soap"),
    ],
)
def test_operations_are_without_what_varies(exchange: Exchange, operation: str) -> None:
    assert Named()(exchange)[1] == operation


@pytest.mark.parametrize(
    "exchange",
    [
        said(headers=((b"Authorization", b"Bearer " + MARK),)),
        said(headers=((b"Cookie", b"theme=dark; JSESSIONID=" + MARK),)),
        said(b"/?a=1&AuthenticationTicket=" + MARK),
        said(headers=XML, body=b"<u:Ticket>" + MARK + b"</u:Ticket>"),
        said(body=b'{"a": 1, "accessToken": "' + MARK + b'"}'),
        said(body=b"a=1&ticket=" + MARK),
    ],
)
def test_whoever_shows_the_same_credential_is_in_the_same_session(exchange: Exchange) -> None:
    named = Named()
    assert [named(exchange)[0], named(exchange)[0]] == ["session 1", "session 1"]


def test_sessions_of_users_and_of_nobody() -> None:
    named = Named()
    assert named(said(headers=BASIC))[0] == "user ann"
    assert named(said(connection=7))[0] == "connection 7"
    assert named(said(headers=((b"Authorization", b"Basic no base64!"),)))[0] == "session 1"


@pytest.mark.parametrize("piece", [b"<Body", b"<Body>", b"<ticket>", b"ticket=", b'"token": "', b"<a:ticket "])
def test_endless_repetitions_take_time_that_grows_with_the_text(piece: bytes) -> None:
    Named()(said(headers=XML, body=b"<Envelope>" + piece * 100_000))
