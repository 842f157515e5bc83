"""Changes of any answer: its status, its headers, its text, its bytes."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from gateway.traffic.exchange import Response
from tests.support.planted.kinds import KINDS, Planted, is_json, is_xml, kind, media_type, without


@kind
def another_class_of_status(answer: Response, rng: random.Random) -> Planted:
    others = [status for status in (200, 302, 404, 500) if status // 100 != answer.status // 100]
    return Planted(replace(answer, status=rng.choice(others)), (("status", "breaking"),))


@kind
def another_status(answer: Response, rng: random.Random) -> Planted:
    return Planted(replace(answer, status=answer.status + 7), (("status", "suspicious"),))


@kind
def no_answer(answer: Response, rng: random.Random) -> Planted:
    return Planted(None, (("status", "no-answer"),))


@kind
def an_empty_body(answer: Response, rng: random.Random) -> Planted | None:
    return Planted(replace(answer, body=b""), (("body", "empty"),)) if answer.body else None


@kind
def half_of_the_body(answer: Response, rng: random.Random) -> Planted | None:
    if not (is_json(answer) or is_xml(answer)):
        return None
    return Planted(replace(answer, body=answer.body[: len(answer.body) // 2]), (("body", "unreadable"),))


@kind
def another_media_type(answer: Response, rng: random.Random) -> Planted | None:
    if not answer.body:
        return None
    other = b"text/plain" if media_type(answer) == "text/html" else b"text/html"
    headers = (*without(answer.headers, b"content-type"), (b"Content-Type", other))
    return Planted(replace(answer, headers=headers), (("header Content-Type", "breaking"),))


@kind
def no_media_type(answer: Response, rng: random.Random) -> Planted | None:
    if not (is_json(answer) or is_xml(answer)):
        return None
    return Planted(
        replace(answer, headers=without(answer.headers, b"content-type")), (("header Content-Type", "breaking"),)
    )


@kind
def another_charset(answer: Response, rng: random.Random) -> Planted | None:
    """Where it makes other letters of the same bytes."""
    declared = answer.header(b"content-type") or b""
    if media_type(answer) != "text/plain" or b"utf-8" not in declared or answer.body.isascii():
        return None
    headers = (*without(answer.headers, b"content-type"), (b"Content-Type", declared.replace(b"utf-8", b"latin1")))
    lines = [n for n, line in enumerate(answer.body.decode().splitlines(), 1) if not line.isascii()]
    expected = [("header Content-Type", "suspicious"), *((f"line {n}", "suspicious") for n in lines)]
    return Planted(replace(answer, headers=headers), tuple(expected))


@kind
def another_charset_of_the_same_letters(answer: Response, rng: random.Random) -> Planted | None:
    declared = answer.header(b"content-type") or b""
    if b"charset=utf-8" not in declared.lower() or not answer.body.isascii() or not answer.body:
        return None
    headers = (
        *without(answer.headers, b"content-type"),
        (b"Content-Type", re.sub(rb"(?i)utf-8", b"us-ascii", declared)),
    )
    return Planted(replace(answer, headers=headers), (("header Content-Type", "bytes"),))


#: headers that clients act upon, and of those the ones whose values may differ by nature
MATTERS = ("Location", "WWW-Authenticate", "Cache-Control", "Vary", "Allow", "Retry-After", "Content-Language", "Link")
MADE = ("ETag", "Last-Modified", "Expires")


@kind
def a_header_less_that_matters(answer: Response, rng: random.Random) -> Planted | None:
    names = [name for name in (*MATTERS, *MADE) if answer.header(name.lower().encode()) is not None]
    if not names:
        return None
    name = rng.choice(names)
    headers = without(answer.headers, name.lower().encode())
    return Planted(replace(answer, headers=headers), ((f"header {name}", "breaking"),))


@kind
def another_header_that_matters(answer: Response, rng: random.Random) -> Planted | None:
    names = [name for name in MATTERS if answer.header(name.lower().encode()) is not None]
    if not names:
        return None
    name = rng.choice(names).encode()
    value = answer.header(name.lower()) or b""
    headers = (*without(answer.headers, name.lower()), (name, b"x-" + value))
    return Planted(replace(answer, headers=headers), ((f"header {name.decode()}", "suspicious"),))


@kind
def a_location_of_another_thing(answer: Response, rng: random.Random) -> Planted | None:
    """The two keys stand in an address; the answer leads to the other one."""
    location = answer.header(b"location") or b""
    keys = re.findall(rb"[0-9]{16}", location)
    if len(set(keys)) != 2:
        return None
    headers = (*without(answer.headers, b"location"), (b"Location", location.replace(keys[0], keys[1])))
    return Planted(replace(answer, headers=headers), (("header Location", "breaking"),))


@kind
def an_added_header(answer: Response, rng: random.Random) -> Planted:
    return Planted(
        replace(answer, headers=(*answer.headers, (b"X-Planted", b"1"))), (("header X-Planted", "harmless"),)
    )


@kind
def a_header_less(answer: Response, rng: random.Random) -> Planted | None:
    names = [name for name, _ in answer.headers if name.lower() in (b"x-frame-options", b"x-content-type-options")]
    if not names:
        return None
    name = rng.choice(names)
    return Planted(
        replace(answer, headers=without(answer.headers, name.lower())), ((f"header {name.decode()}", "harmless"),)
    )


@kind
def names_of_headers_in_capitals(answer: Response, rng: random.Random) -> Planted:
    return Planted(replace(answer, headers=tuple((name.upper(), value) for name, value in answer.headers)), ())


def _with_cookie(answer: Response, change: Callable[[bytes], bytes]) -> Response:
    headers = ((name, change(value) if name.lower() == b"set-cookie" else value) for name, value in answer.headers)
    return replace(answer, headers=tuple(pair for pair in headers if pair[1]))


def _cookie(name: str, change: Callable[[bytes], bytes], place: str, grade: str) -> None:
    def planted(answer: Response, rng: random.Random) -> Planted | None:
        if answer.header(b"set-cookie") is None:
            return None
        return Planted(_with_cookie(answer, change), ((place, grade),))

    KINDS[name] = planted


_cookie("a_cookie_for_scripts", lambda c: c.replace(b"; HttpOnly", b""), "header Set-Cookie", "suspicious")
_cookie("a_cookie_of_another_path", lambda c: c.replace(b"Path=/", b"Path=/x"), "header Set-Cookie path", "suspicious")
_cookie("a_cookie_for_other_sites", lambda c: c.replace(b"Lax", b"None"), "header Set-Cookie samesite", "suspicious")
_cookie("a_cookie_without_a_value", lambda c: re.sub(rb"=[^;]*", b"=", c, count=1), "header Set-Cookie", "suspicious")
_cookie("a_cookie_less", lambda c: b"", "header Set-Cookie", "breaking")


@kind
def an_added_cookie(answer: Response, rng: random.Random) -> Planted:
    headers = (*answer.headers, (b"Set-Cookie", b"planted=1; Path=/"))
    return Planted(replace(answer, headers=headers), (("header Set-Cookie", "harmless"),))


def _is_text(answer: Response) -> bool:
    return media_type(answer) == "text/plain" and bool(answer.body.strip()) and answer.body[:1] not in b"{["


@kind
def another_line(answer: Response, rng: random.Random) -> Planted | None:
    if not _is_text(answer):
        return None
    lines = answer.body.decode().splitlines()
    number = rng.randrange(len(lines))
    lines[number] += "!"
    return Planted(replace(answer, body="\n".join(lines).encode()), ((f"line {number + 1}", "suspicious"),))


@kind
def a_line_less(answer: Response, rng: random.Random) -> Planted | None:
    lines = answer.body.decode("utf-8", "replace").splitlines()
    if not _is_text(answer) or len(set(lines)) < 2:
        return None
    number = rng.randrange(len(lines))
    del lines[number]
    return Planted(replace(answer, body="\n".join(lines).encode()), ((f"line {number + 1}", "suspicious"),))


@kind
def ends_of_lines(answer: Response, rng: random.Random) -> Planted | None:
    if not _is_text(answer) or b"\n" not in answer.body or b"\r" in answer.body:
        return None
    return Planted(replace(answer, body=answer.body.replace(b"\n", b"\r\n")), (("body", "bytes"),))


@kind
def other_bytes(answer: Response, rng: random.Random) -> Planted | None:
    if media_type(answer) != "application/octet-stream":
        return None
    body = bytearray(answer.body)
    body[rng.randrange(len(body))] ^= 1 + rng.randrange(255)
    return Planted(replace(answer, body=bytes(body)), (("body", "suspicious"),))
