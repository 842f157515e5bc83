"""What a kind of change is: a function of an answer and of chance. It gives the answer as it is then, and the places
with their grades, or None where there is nothing to change in this way."""

import random
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.traffic.exchange import Headers, Response

Expected = tuple[tuple[str, str], ...]


class Planted(NamedTuple):
    """`answer` is None for none at all."""

    answer: Response | None
    expected: Expected


Kind = Callable[[Response, random.Random], Planted | None]
KINDS: dict[str, Kind] = {}
#: what a server makes
ID = re.compile(r"[0-9]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def kind(function: Kind) -> Kind:
    KINDS[function.__name__] = function
    return function


def without(headers: Headers, name: bytes) -> Headers:
    return tuple((key, value) for key, value in headers if key.lower() != name)


def media_type(answer: Response) -> str:
    return (answer.header(b"content-type") or b"").partition(b";")[0].decode().strip().lower()


def is_json(answer: Response) -> bool:
    return media_type(answer).endswith("json") and answer.body[:1] in (b"{", b"[")


def is_xml(answer: Response) -> bool:
    return media_type(answer).endswith("xml") and answer.body.lstrip()[:1] == b"<"


def is_plain(text: Any) -> bool:
    """No id, no time: nothing that a server makes."""
    return isinstance(text, str) and bool(text) and not re.search(r"[0-9]", text)
