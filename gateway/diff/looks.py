"""What values look like that a server makes and nobody types."""

import re
from functools import lru_cache

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
#: what may be such a value within a longer text
TOKEN = re.compile(rf"{_UUID}|[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
_SHAPES = re.compile(
    rf"(?P<uuid>\{{?{_UUID}\}}?)|(?P<mark>redacted-[0-9a-f]{{16}})|(?P<jwt>eyJ[\w-]+\.[\w-]+\.[\w-]*)"
    r"|(?P<number>[1-9][0-9]{9,})|(?P<hex>(?=[0-9a-fA-F]*[0-9])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{16,})"
    r"|(?P<token>(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9+/_~.-]{20,}={0,2})"
)
SHORTEST, _LONGEST = 10, 4096
_LOOSE = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|redacted-[0-9a-f]{16}|[0-9a-fA-F]{16,}|[0-9]+"
)


def shape(value: str) -> str:
    """Its kind, "" for what somebody may have typed."""
    return _shape(value) if SHORTEST <= len(value) <= _LONGEST else ""


@lru_cache(maxsize=5_000)
def _shape(value: str) -> str:
    match = _SHAPES.fullmatch(value)
    return "" if match is None else match.lastgroup or ""


def loose(text: bytes) -> bytes:
    """Without what may be different each time a script runs."""
    return _LOOSE.sub(b"#", text)
