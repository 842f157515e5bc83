"""Of which kind of thing a small number is, as a file of rules or of identities says it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.compare.noise import BadRules


@dataclass(slots=True)
class Places:
    """Where numbers of a kind stand: names of members and elements, in lower case, and paths that they are behind."""

    names: dict[str, str] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)


def places(paths: Iterable[Path]) -> Places:
    """Raises BadRules, and OSError."""
    said = Places()
    for path in paths:
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("identity", [])
        except (ValueError, RecursionError) as error:
            raise BadRules(f"{path}: {str(error) or 'too deep'}") from None
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            where = f"{path}: identity {number}"
            kind, those, behind = (
                (row.get("kind"), row.get("names", []), row.get("paths", [])) if isinstance(row, dict) else (None, 0, 0)
            )
            names, starts = _texts(those, f"{where}: names"), _texts(behind, f"{where}: paths")
            if (names or starts) and not isinstance(kind, str):
                raise BadRules(f"{where}: kind is missing")
            said.names |= {name.lower(): str(kind) for name in names}
            said.behind |= {start: str(kind) for start in starts}
    return said


def _texts(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRules(f"{what} has to be a list of texts")
    return value
