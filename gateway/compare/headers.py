"""Differences between the headers of two answers: those that matter by value, others by being there."""

import re
from collections.abc import Callable, Iterable

from gateway.compare.grades import Grade
from gateway.compare.judge import Judge
from gateway.traffic.exchange import Headers, values
from schemas.common import charsets

#: what clients act upon
MATTERS = (
    *("Content-Type", "Location", "Content-Location", "WWW-Authenticate", "Set-Cookie"),
    *("Cache-Control", "Expires", "ETag", "Last-Modified", "Vary", "Pragma"),
    *("Allow", "Retry-After", "Content-Disposition", "Content-Language", "Content-Range", "Accept-Ranges", "Link"),
)
#: what belongs to a connection, to one message, or to whoever made the server
NEVER = frozenset(
    name.lower().encode()
    for name in (
        *("Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Trailer", "TE", "Upgrade", "Via"),
        *("Content-Length", "Content-Encoding", "Date", "Server", "Age", "Alt-Svc", "Content-MD5", "Digest"),
        *("X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Runtime", "X-Served-By", "X-Cache"),
        *("X-Request-Id", "X-Correlation-Id", "Request-Id", "Traceparent", "Tracestate", "Server-Timing"),
    )
)
_MATTERS = {name.lower().encode(): name for name in MATTERS}
#: whose members have no order
_SETS = frozenset(("Cache-Control", "Vary", "Allow", "Pragma"))
_NONCE = re.compile(r'\b(nonce|opaque|cnonce)="[^"]*"', re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")


def compare(judge: Judge, old: Headers, new: Headers, is_one_text: Callable[[], bool]) -> None:
    """`is_one_text`: are the bodies the same text, so that nobody cares which character set was meant?"""
    mine, theirs = _by_name(old), _by_name(new)
    for lower in [lower for lower in _MATTERS if lower in mine or lower in theirs]:
        name = _MATTERS[lower]
        before, after = ([text.decode("latin-1").strip() for text in side.get(lower, ())] for side in (mine, theirs))
        if before == after and name not in ("Location", "Content-Location", "Link"):
            continue
        place = f"header {name}"
        if judge.is_ignored(place):
            continue
        if name == "Set-Cookie":
            _cookies(judge, place, before, after)
        elif before and not after:
            judge.report(place, Grade.BREAKING, ", ".join(before), None, "missing header")
        elif after and not before:
            judge.report(place, Grade.HARMLESS, None, ", ".join(after), "added header")
        elif before:
            _one(judge, name, ", ".join(before), ", ".join(after), is_one_text)
    if mine.keys() != theirs.keys():
        _others(judge, old, new)


def _by_name(headers: Headers) -> dict[bytes, list[bytes]]:
    named: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        named.setdefault(name.lower(), []).append(value)
    return named


def _one(judge: Judge, name: str, old: str, new: str, is_one_text: Callable[[], bool]) -> None:
    place = f"header {name}"
    if name == "Content-Type":
        _media_types(judge, place, old, new, is_one_text)
    elif name in _SETS and _members(old) == _members(new):
        judge.report(place, Grade.BYTES, old, new, "another order") if old != new else None
    elif name == "WWW-Authenticate":
        judge.value(place, _NONCE.sub(r"\1", old), _NONCE.sub(r"\1", new))
    else:
        judge.value(place, old, new)


def _members(value: str) -> list[str]:
    return sorted(filter(None, _COMMA.split(value.strip().lower())))


def _media_types(judge: Judge, place: str, old: str, new: str, is_one_text: Callable[[], bool]) -> None:
    before, after = _media_type(old), _media_type(new)
    if before[0] != after[0]:
        judge.report(place, Grade.BREAKING, old, new, "another media type")
        return
    for parameters in (before[1], after[1]):
        parameters.pop("boundary", None)
    if before[1].get("charset") != after[1].get("charset") and is_one_text():
        before[1].pop("charset", None)
        after[1].pop("charset", None)
    if before[1] != after[1]:
        judge.report(place, Grade.SUSPICIOUS, old, new, "another parameter of the media type")
    elif old != new and "boundary" not in old.lower():
        judge.report(place, Grade.BYTES, old, new, "written in another way")


def _media_type(text: str) -> tuple[str, dict[str, str]]:
    name, *parts = text.split(";")
    parameters = {}
    for part in parts:
        key, _, value = part.partition("=")
        key, value = key.strip().lower(), value.strip().strip('"')
        if key == "charset":
            value = charsets.known(value) or value.lower()
        if key:
            parameters[key] = value
    return name.strip().lower(), parameters


def _cookies(judge: Judge, place: str, old: list[str], new: list[str]) -> None:
    before, after = dict(map(_cookie, old)), dict(map(_cookie, new))
    for name, (value, attributes) in before.items():
        if name not in after:
            judge.report(place, Grade.BREAKING, f"{name}={value}", None, "missing cookie")
            continue
        other, others = after[name]
        if bool(value) != bool(other):
            judge.report(place, Grade.SUSPICIOUS, f"{name}={value}", f"{name}={other}", "another value")
        elif value:
            judge.value(place, value, other)
        for key in attributes.keys() | others.keys():
            mine, theirs = attributes.get(key), others.get(key)
            if mine is None or theirs is None:
                if key not in ("expires", "max-age") or mine is not theirs:
                    before_it, after_it = ((text and f"{name}; {key}={text}") or text for text in (mine, theirs))
                    judge.report(place, Grade.SUSPICIOUS, before_it, after_it, "another attribute of a cookie")
            elif key == "expires":
                judge.value("header Expires", mine, theirs)
            elif mine != theirs:
                judge.value(f"{place} {key}", mine, theirs)
    for name, (value, _) in after.items():
        if name not in before:
            judge.report(place, Grade.HARMLESS, None, f"{name}={value}", "added cookie")


def _cookie(text: str) -> tuple[str, tuple[str, dict[str, str]]]:
    first, *parts = text.split(";")
    name, _, value = first.partition("=")
    attributes = {}
    for part in parts:
        key, _, said = part.partition("=")
        key = key.strip().lower()
        attributes[key] = said.strip().lower() if key in ("samesite", "domain") else said.strip()
    return name.strip(), (value.strip(), attributes)


def _others(judge: Judge, old: Headers, new: Headers) -> None:
    before, after = _names(old), _names(new)
    for lower in sorted(before.keys() | after.keys()):
        if lower in before and lower in after:
            continue
        name = before.get(lower) or after[lower]
        place = f"header {name}"
        if judge.is_ignored(place):
            continue
        mine, theirs = (_joined(values(side, lower)) for side in (old, new))
        judge.report(place, Grade.HARMLESS, mine, theirs, "added header" if mine is None else "header less")


def _names(headers: Headers) -> dict[bytes, str]:
    named = {name.lower(): name.decode("latin-1") for name, _ in headers}
    return {lower: name for lower, name in named.items() if lower not in NEVER and lower not in _MATTERS}


def _joined(those: Iterable[bytes]) -> str | None:
    joined = ", ".join(value.decode("latin-1") for value in those)
    return joined or None
