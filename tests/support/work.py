"""How much Python does for something, counted in calls, and into which of its tables it looks meanwhile."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

#: ends of the files in which the language keeps what names lead to; the name of what is looked at there
TABLES = {
    "/re/_compiler.py": "patterns",
    "/encodings/__init__.py": "codecs",
    "/encodings/punycode.py": "codecs",
    "/encodings/idna.py": "codecs",
    "/zoneinfo/_common.py": "zones",
    "/locale.py": "locales",
    "/_strptime.py": "formats",
}
#: what the interpreter tells its auditors
EVENTS = {"import": "modules", "compile": "code", "exec": "code"}


@dataclass
class Work:
    calls: int = 0
    looked_up: Counter[str] = field(default_factory=Counter)


_counting: list[Work] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if _counting and event in EVENTS:
        _counting[-1].looked_up[EVENTS[event]] += 1


sys.addaudithook(_heard)


@contextmanager
def counted() -> Iterator[Work]:
    """What this thread does in the block."""
    work = Work()

    def called(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            work.calls += 1
            file = frame.f_code.co_filename
            for end, table in TABLES.items():
                if file.endswith(end):
                    work.looked_up[table] += 1
        elif event == "c_call":
            work.calls += 1

    _counting.append(work)
    sys.setprofile(called)
    try:
        yield work
    finally:
        sys.setprofile(None)
        _counting.remove(work)
