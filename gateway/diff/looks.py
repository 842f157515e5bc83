"""What values look like that a server makes and nobody types."""

import re

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
#: what may be such a value within a longer text
TOKEN = re.compile(rf"{_UUID}|[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
_SHAPES = (
    ("mark", re.compile(r"redacted-[0-9a-f]{16}")),
    ("uuid", re.compile(rf"\{{?{_UUID}\}}?")),
    ("jwt", re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")),
    ("number", re.compile(r"[1-9][0-9]{9,}")),
    ("hex", re.compile(r"(?=[0-9a-fA-F]*[0-9])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{16,}")),
    ("token", re.compile(r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[A-Za-z0-9+/_~.-]{20,}={0,2}")),
)
_SHORTEST, _LONGEST = 10, 4096
_LOOSE = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|redacted-[0-9a-f]{16}|[0-9a-fA-F]{16,}|[0-9]+"
)


def shape(value: str) -> str:
    """Its kind, "" for what somebody may have typed."""
    if not _SHORTEST <= len(value) <= _LONGEST:
        return ""
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(value)), "")


def loose(text: bytes) -> bytes:
    """Without what may be different each time a script runs."""
    return _LOOSE.sub(b"#", text)
