"""Secrets: none reaches the file, the same one has the same mark, and everything else stays as it was."""

import base64
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.traffic.exchange import Exchange, Headers, Request, Response
from gateway.traffic.recording import Recording
from gateway.traffic.redaction import Redactor, key_beside
from gateway.traffic.restoring import MARK, marks, read_secrets, restored
from gateway.traffic.writer import Writer

KEY = b"k" * 32
JSON = ((b"Content-Type", b"application/json"),)
XML = ((b"Content-Type", b"text/xml; charset=utf-8"),)
FORM = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
SECRET = "Geheim-4711-äöü"
TICKET = "0123456789abcdef0123456789abcdef"


def said(
    body: str | bytes = b"", headers: Headers = (), target: bytes = b"/", answer: Response | None = None
) -> Exchange:
    raw = body.encode() if isinstance(body, str) else body
    return Exchange(1, 0, 0, 1, Request("POST", target, headers, raw), response=answer)


def covered(exchange: Exchange, *more: str) -> Exchange:
    return Redactor(KEY, more).exchange(exchange)


@pytest.mark.parametrize(
    ("exchange", "left"),
    [
        (said(f'{{"user": "ann", "password": "{SECRET}"}}', JSON), '{"user": "ann", "password": "MARK"}'),
        (said(f'{{"a":{{"clientSecret" : {json.dumps(SECRET)}}}}}', JSON), '{"a":{"clientSecret" : "MARK"}}'),
        (said('{"pin": 471122}', JSON), '{"pin": "MARK"}'),
        (said(f'{{"password": "{SECRET}", ', JSON), '{"password": "MARK", '),
        (said(f'{{"sent": "{{\\"password\\": \\"{SECRET}\\"}}"}}', JSON), '{"sent": "{\\"password\\": \\"MARK\\"}"}'),
        (said(f"user=ann&PASSWORD={SECRET}&x=", FORM), "user=ann&PASSWORD=MARK&x="),
        (said("user=ann&pass=Geheim%2B1", FORM), "user=ann&pass=MARK"),
        (said("user=ann&pass=Geheim%2B1"), "user=ann&pass=MARK"),
        (said(f'{{"password": "{SECRET}"}}', FORM), '{"password": "MARK"}'),
        (said(f"<Password>{SECRET}</Password>", FORM), "<Password>MARK</Password>"),
        (said(f'{{"password": "{SECRET}"}}'), '{"password": "MARK"}'),
        (
            said(f"<u:Login><u:Password>{SECRET}</u:Password></u:Login>", XML),
            "<u:Login><u:Password>MARK</u:Password></u:Login>",
        ),
        (said(f"<Pwd><![CDATA[{SECRET}]]></Pwd>", XML), "<Pwd>MARK</Pwd>"),
        (said(f'<a user="ann" Ticket=\'{SECRET}\' x="1"/>', XML), '<a user="ann" Ticket=\'MARK\' x="1"/>'),
        (said(f'<Property name="password">{SECRET}</Property>', XML), '<Property name="password">MARK</Property>'),
        (said(f'<input name="csrf_token" value="{SECRET}">', XML), '<input name="csrf_token" value="MARK">'),
        (said("<input name=password value=abc type=password>", XML), "<input name=password value=MARK type=password>"),
        (
            said(f"<x>&lt;Ticket&gt;{SECRET}&lt;/Ticket&gt;</x>", XML),
            "<x>&lt;Ticket&gt;MARK&lt;/Ticket&gt;</x>",
        ),
        (
            said(
                f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--b--\r\n',
                ((b"Content-Type", b"multipart/form-data; boundary=b"),),
            ),
            '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nMARK\r\n--b--\r\n',
        ),
    ],
)
def test_a_secret_in_a_body_becomes_a_mark_and_nothing_else_changes(exchange: Exchange, left: str) -> None:
    assert MARK.sub("MARK", covered(exchange).request.body.decode()) == left


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        (b"Authorization", b"Bearer abc.def", b"Bearer MARK"),
        (b"authorization", b"Negotiate TlRMTVNTUAAB", b"Negotiate MARK"),
        (b"AUTHORIZATION", b"naked", b"MARK"),
        (
            b"Authorization",
            b'Digest username="ann", nonce="n", response="6629"',
            b'Digest username="ann", nonce="n", response="MARK"',
        ),
        (b"Cookie", b'a=1; JSESSIONID="x y"; empty=', b'a=MARK; JSESSIONID="MARK"; empty='),
        (b"Set-Cookie", b"sid=abc; Path=/; HttpOnly", b"sid=MARK; Path=/; HttpOnly"),
        (b"Set-Cookie", b"sid=deleted; Max-Age=0", b"sid=deleted; Max-Age=0"),
        (
            b"Referer",
            b"http://ann:pw@old/x?ticket=abc&y=1#token=z",
            b"http://ann:MARK@old/x?ticket=MARK&y=1#token=MARK",
        ),
        (b"X-CSRF-TOKEN", b"abc", b"MARK"),
        (b"X-Api-Key", b"abc", b"MARK"),
        (b"Access-Control-Allow-Credentials", b"true", b"true"),
        (b"ETag", b'"abc"', b'"abc"'),
    ],
)
def test_a_secret_in_a_header_becomes_a_mark(name: bytes, value: bytes, left: bytes) -> None:
    ((same, now),) = covered(said(headers=((name, value),))).request.headers
    assert same == name
    assert re.sub(rb"redacted-[0-9a-f]{16}", b"MARK", now) == left


def test_of_a_basic_credential_the_name_stays() -> None:
    value = b"Basic " + base64.b64encode(f"ann:{SECRET}".encode())
    ((_, now),) = covered(said(headers=((b"Authorization", value),))).request.headers
    user, _, mark = base64.b64decode(now.removeprefix(b"Basic ")).decode().partition(":")
    assert user == "ann"
    assert MARK.fullmatch(mark)


def test_a_query_keeps_all_but_its_secrets() -> None:
    target = covered(said(target=b"/a%2Fb?AuthenticationTicket=abc&id=%31&pwd=")).request.target
    assert re.sub(rb"redacted-[0-9a-f]{16}", b"MARK", target) == b"/a%2Fb?AuthenticationTicket=MARK&id=%31&pwd="


def test_the_same_secret_has_the_same_mark_wherever_and_however_it_is_written() -> None:
    redactor = Redactor(KEY)
    places = [
        said(json.dumps({"password": SECRET}), JSON),
        said(f"<Password>{SECRET.replace('ä', '&#228;')}</Password>", XML),
        said("password=Geheim-4711-%C3%A4%C3%B6%C3%BC", FORM),
        said(target=b"/?password=Geheim-4711-%C3%A4%C3%B6%C3%BC"),
    ]
    seen = {mark for exchange in places for mark in marks(redactor.exchange(exchange).request)}
    assert len(seen) == 1


def test_another_key_makes_other_marks() -> None:
    assert Redactor(b"1" * 32).mark(SECRET) != Redactor(b"2" * 32).mark(SECRET)


def test_a_ticket_is_known_again_where_the_server_handed_it_out() -> None:
    redactor = Redactor(KEY)
    answer = Response(200, "OK", XML, f"<R><Ticket>{TICKET}</Ticket></R>".encode())
    first = redactor.exchange(said(answer=answer))
    later = redactor.exchange(said(target=f"/tasks/{TICKET}/x?list={TICKET}".encode()))
    assert first.response is not None
    (mark,) = MARK.findall(first.response.body.decode())
    assert later.request.target.decode() == f"/tasks/{mark}/x?list={mark}"


def test_the_answer_to_a_password_hands_out_a_ticket_under_any_name() -> None:
    redactor = Redactor(KEY)
    answer = Response(200, "OK", XML, f'<string xmlns="urn:x">{TICKET}</string>'.encode())
    first = redactor.exchange(said("user=ann&password=x", FORM, answer=answer))
    later = redactor.exchange(said(headers=((b"Cookie", f"s={TICKET}".encode()),)))
    assert first.response is not None
    (mark,) = MARK.findall(first.response.body.decode())
    assert later.request.headers == ((b"Cookie", f"s={mark}".encode()),)


def test_ids_in_other_answers_stay() -> None:
    answer = Response(200, "OK", JSON, f'{{"id": "{TICKET}"}}'.encode())
    assert covered(said(headers=((b"Authorization", b"Basic YW5uOmFubg=="),), answer=answer)).response == answer


def test_a_json_web_token_is_one_anywhere() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
    read = covered(said(f"hello {token}!", ((b"Content-Type", b"text/plain"),)))
    assert MARK.sub("MARK", read.request.body.decode()) == "hello MARK!"


def test_a_compressed_body_is_looked_into() -> None:
    headers = (*JSON, (b"Content-Encoding", b"gzip"))
    read = covered(said(gzip.compress(b'{"token": "abc"}'), headers)).request
    assert MARK.sub("MARK", gzip.decompress(read.body).decode()) == '{"token": "MARK"}'


#: the head of a body, of which there was more
CUT = gzip.compress(b'{"token": "abc"}')[:-9]


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, gzip"], ids=["two members", "one within the other"])
def test_no_part_of_a_compressed_body_is_passed_over(coding: bytes) -> None:
    body = gzip.compress(b'[{"id": 1},') + gzip.compress(b'{"token": "abc"}]')
    if b"," in coding:
        body = gzip.compress(body)
    read = covered(said(body, (*JSON, (b"Content-Encoding", coding)))).request
    plain = gzip.decompress(read.body)
    assert MARK.sub("MARK", (gzip.decompress(plain) if b"," in coding else plain).decode()) == (
        '[{"id": 1},{"token": "MARK"}]'
    )


def test_a_compressed_body_without_secrets_stays_as_it_was() -> None:
    body = gzip.compress(b'{"id": "abc"}', compresslevel=1)
    assert covered(said(body, (*JSON, (b"Content-Encoding", b"gzip")))).request.body == body


@pytest.mark.parametrize(
    ("coding", "body"), [*((b"gzip", body) for body in (b"no gzip", b"\x1f\x8b" * 9, CUT)), (b"br", b"x" * 9)]
)
def test_what_nobody_can_look_into_is_not_kept(coding: bytes, body: bytes) -> None:
    read = covered(said(body, (*JSON, (b"Content-Encoding", coding)))).request
    assert read.body == b""
    assert "nobody can look for secrets in it" in read.lacks


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "latin-1"])
def test_other_characters_are_read(charset: str) -> None:
    text = "\ufeff" * charset.startswith("utf") + f"<a ö='1'><Password>{SECRET}</Password></a>"
    read = covered(said(text.encode(charset), ((b"Content-Type", b"text/xml; charset=latin1"),)))
    assert MARK.sub("MARK", read.request.body.decode(charset)) == text.replace(SECRET, "MARK")


def test_names_can_be_added() -> None:
    body = '{"Kundennummer": "4711", "x": "1"}'
    assert covered(said(body, JSON)).request.body == body.encode()
    assert MARK.sub("MARK", covered(said(body, JSON), "kundennummer").request.body.decode()) == body.replace(
        "4711", "MARK"
    )


@pytest.mark.parametrize(
    "body",
    [
        '{"nextPageToken": "abc", "hasPassword": "true", "token": "", "tokenType": "bearer", "task": "x"}',
        "<R><HasToken>false</HasToken><Token/><Token></Token><Token><a>x</a></Token></R>",
        "\x00\x01password=abc",
        "plain text about a password: none",
    ],
)
def test_what_is_no_secret_stays(body: str) -> None:
    assert covered(said(body, JSON)).request.body == body.encode()


@pytest.mark.parametrize(
    "piece",
    ['"a":', "<a><![CDATA[", '<a b="', "&lt;a&gt;", '\\"a\\":\\"', "?token=", "://a:", "eyJaaaaa.", "token", '"'],
)
def test_endless_repetitions_take_time_that_grows_with_the_text(piece: str) -> None:
    covered(said("<" + "token=" + piece * 20_000, XML))
    covered(said("{" + '"token":' + piece * 20_000, JSON))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs")), min_size=6, max_size=20)


@given(WORDS)
def test_no_secret_is_left_and_each_comes_back(secret: str) -> None:
    redactor = Redactor(KEY)
    for exchange in (
        said(json.dumps({"user": "u", "password": secret}), JSON),
        said(json.dumps({"user": "u", "password": secret}, ensure_ascii=False), JSON),
        said(headers=((b"Authorization", b"Basic " + base64.b64encode(f"u:{secret}".encode())),)),
    ):
        read = redactor.exchange(exchange).request
        (mark,) = marks(read)
        assert json.dumps(secret)[1:-1].encode() not in read.body or secret in mark
        again = restored(read, {mark: secret})
        assert again.headers == exchange.request.headers
        assert not again.body or json.loads(again.body) == json.loads(exchange.request.body)


def test_secrets_come_back_as_their_place_wants_them() -> None:
    redactor = Redactor(KEY)
    secret = 'a"<&+ü'
    mark = redactor.mark(secret)
    request = Request("POST", f"/?p={mark}".encode(), XML, f"<Password>{mark}</Password>".encode())
    again = restored(request, {mark: secret})
    assert again.target == b"/?p=a%22%3C%26%2B%C3%BC"
    assert again.body == "<Password>a&quot;&lt;&amp;+ü</Password>".encode()
    form = restored(Request("POST", b"/", FORM, f"p={mark}".encode()), {mark: secret})
    assert form.body == b"p=a%22%3C%26%2B%C3%BC"


def test_a_file_of_secrets_is_read(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("# ann's\nredacted-0123456789abcdef=a=b \n\n")
    assert read_secrets(file) == {"redacted-0123456789abcdef": "a=b"}


def test_the_file_names_marks_and_has_neither_secrets_nor_the_key(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    key = key_beside(path)
    for number in (1, 2):
        redactor = Redactor(key_beside(path))
        with Writer(path, source="a test", change=redactor.exchange, beside=[redactor.save]) as writer:
            writer.put(replace(said(json.dumps({"password": SECRET}), JSON), number=number))
    with Recording(path) as recording:
        (mark,) = recording.marks()
        assert (mark.kind, mark.place, mark.first, mark.times) == ("password", "request: password", 1, 2)
    content = path.read_bytes()
    assert SECRET.encode() not in content
    assert key not in content
    assert key.hex().encode() not in content
    assert path.with_name("a.rec.key").stat().st_mode & 0o777 == 0o600
