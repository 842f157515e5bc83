"""What an engine's writer sends to its database, seen where it leaves for the driver."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.engine import Engine
from core.storage.statements import Bulk, Flavour
from core.storage.store import Row

_READS = ("SELECT", "BEGIN", "COMMIT", "ROLLBACK")
_TABLE = re.compile(r"(?:FROM|INTO|UPDATE)\s+(\w+)")


@dataclass
class Watch:
    """`statements` of the turns, `counters` of the sequences."""

    statements: list[str] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)

    @property
    def writing(self) -> list[str]:
        return [text for text in self.statements if not text.startswith(_READS)]

    @property
    def written(self) -> set[str]:
        """The tables."""
        return {table_of(text) for text in self.writing}


def table_of(text: str) -> str:
    found = _TABLE.search(text)
    return found[1] if found is not None else ""


@contextmanager
def watch(engine: Engine) -> Iterator[Watch]:
    seen = Watch()
    turns: Any = engine._runner._connection
    counters: Any = engine.store._counter()  # type: ignore[attr-defined]
    execute, bulk, count = turns.execute, turns.bulk, counters.execute

    def executed(text: str, params: Mapping[str, Any]) -> Any:
        seen.statements.append(text)
        return execute(text, params)

    def bulked(statement: Bulk, rows: Sequence[Row]) -> None:
        seen.statements.append(statement.sqlite if turns.flavour is Flavour.SQLITE else statement.unnest)
        bulk(statement, rows)

    def counted(text: str, params: Mapping[str, Any]) -> Any:
        seen.counters.append(text)
        return count(text, params)

    turns.execute, turns.bulk, counters.execute = executed, bulked, counted
    try:
        yield seen
    finally:
        del turns.execute, turns.bulk, counters.execute
