"""Answers of two servers, and what is different between them."""

from typing import Any

import orjson

from gateway.compare.compare import Setting, compare
from gateway.compare.judgement import Judgement
from gateway.traffic.exchange import Exchange, Headers, Request, Response

JSON, XML, TEXT, HTML, FORM = (
    ((b"Content-Type", name),)
    for name in (
        b"application/json",
        b"text/xml; charset=utf-8",
        b"text/plain",
        b"text/html",
        b"application/x-www-form-urlencoded",
    )
)
#: when the old run began, and the new one
OLD, NEW = 1_700_000_000.0, 1_790_000_000.0

#: (place, grade) of each difference
Found = list[tuple[str, str]]


def exchange(
    body: bytes | str = b"",
    headers: Headers = JSON,
    *,
    status: int = 200,
    number: int = 1,
    began: float = OLD,
    host: bytes = b"old.example:9100",
    target: bytes = b"/api/things",
) -> Exchange:
    request = Request("GET", target, ((b"Host", host),))
    text = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return Exchange(number, began, began + 0.1, 1, request=request, response=Response(status, "", headers, text))


def judged(old: Exchange, new: Exchange, setting: Setting | None = None) -> Judgement:
    return compare(old, new, "GET /api/things", setting)


def found(judgement: Judgement) -> Found:
    return [(one.place, one.grade.value) for one in judgement.differences]


def differences(
    old: bytes | str, new: bytes | str, headers: Headers = JSON, *, status: int = 200, setting: Setting | None = None
) -> Found:
    """Between two bodies of one kind."""
    after = exchange(new, headers, status=status, began=NEW, host=b"new.example:9200")
    return found(judged(exchange(old, headers, status=status), after, setting))


def of_json(old: Any, new: Any, *, status: int = 200, setting: Setting | None = None) -> Found:
    return differences(orjson.dumps(old), orjson.dumps(new), status=status, setting=setting)
