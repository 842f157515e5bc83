"""What a file says of identities: which numbers are of one kind, and what a value of the old server is on the new one.

[[identity]]
kind = "task"
names = ["taskId"]           # members, parameters, elements
paths = ["/api/tasks"]       # behind which such a number stands

[[identity]]
old = "4711"                 # known beforehand
new = "8001"
kind = "task"                # not needed for what nobody would type
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.common.dialect import Numbers
from gateway.compare.tables import BadTables, tables
from gateway.exits import Usage

_KEYS = frozenset(("kind", "names", "paths", "old", "new"))
#: nobody writes more by hand, and a script gives a map in lines of the same form
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """A value whose counterpart is known."""

    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Said:
    numbers: tuple[Numbers, ...] = ()
    given: tuple[Given, ...] = ()


def read(paths: Iterable[Path]) -> Said:
    """Files with `[[identity]]`; other tables in them are for others. Raises Usage, and OSError."""
    numbers: list[Numbers] = []
    given: list[Given] = []
    for path in paths:
        for index, row in enumerate(_rows(path), 1):
            where = f"{path}: identity {index}"
            if unknown := row.keys() - _KEYS:
                raise Usage(f"{where}: there is no {min(unknown)}; there are {', '.join(sorted(_KEYS))}")
            kind = _text(row, "kind", where)
            if "old" in row or "new" in row:
                given.append(Given(kind, _text(row, "old", where, True), _text(row, "new", where, True)))
            else:
                numbers.append(_numbers(row, kind, where))
    return Said(tuple(numbers), tuple(given))


def _rows(path: Path) -> list[dict[str, Any]]:
    body = path.read_bytes()
    if len(body) > MAX_BYTES:
        raise Usage(f"{path} has more than {MAX_BYTES} bytes")
    try:
        return tables(body, str(path), "identity", besides=("rule",))
    except BadTables as error:
        raise Usage(str(error)) from None


def _numbers(row: dict[str, Any], kind: str, where: str) -> Numbers:
    names, paths = _texts(row, "names", where), _texts(row, "paths", where)
    if not kind or not (names or paths):
        raise Usage(f"{where}: has a kind, and names or paths, or it has old and new")
    if bad := [path for path in paths if not path.startswith("/")]:
        raise Usage(f"{where}: a path begins with a slash, and {bad[0]} does not")
    return Numbers(kind, names, paths)


def _text(row: dict[str, Any], name: str, where: str, needed: bool = False) -> str:
    value = row.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (needed and not value):
        raise Usage(f"{where}: {name} has to be a text")
    return value


def _texts(row: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = row.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise Usage(f"{where}: {name} has to be a list of texts")
    return tuple(value)
