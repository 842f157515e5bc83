"""Which operations of the dialects that were spoken nobody has asked for."""

import re
from collections.abc import Iterable

from adapters.common.dialect import Dialect, Operation
from gateway.traffic.recording import Entry

_PARAMETER = re.compile(r"\{[^{}]*\}")


class Coverage:
    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._dialects = [(dialect, [_pattern(one) for one in dialect.operations]) for dialect in dialects]
        self._seen: set[tuple[str, str]] = set()

    def take(self, entries: Iterable[Entry]) -> None:
        known: set[tuple[str, bytes, str]] = set()
        for entry in entries:
            path = entry.target.partition(b"?")[0]
            key = (entry.method, path, entry.operation)
            if key not in known and len(known) < 100_000:
                known.add(key)
                self._look(entry.method, path.decode("utf-8", "replace"), entry.operation)

    def never_seen(self) -> tuple[str, ...]:
        """Of dialects of which something was seen; whose paths are like theirs only by chance is none of them."""
        spoken = {dialect for dialect, _ in self._seen}
        return tuple(
            f"{dialect.name} {operation.name}"
            for dialect, _ in self._dialects
            if dialect.name in spoken
            for operation in dialect.operations
            if (dialect.name, operation.name) not in self._seen
        )

    def _look(self, method: str, path: str, name: str) -> None:
        for dialect, patterns in self._dialects:
            if not dialect.owns.match(path):
                continue
            for operation, pattern in zip(dialect.operations, patterns, strict=True):
                if name == operation.name or (method == operation.method and pattern.fullmatch(path)):
                    self._seen.add((dialect.name, operation.name))


def _pattern(operation: Operation) -> re.Pattern[str]:
    parts = map(re.escape, _PARAMETER.split(operation.path))
    return re.compile("[^/]+".join(parts), re.IGNORECASE)
