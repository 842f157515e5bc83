"""Files of TOML that somebody writes by hand: tables of one kind below each other."""

import tomllib
from collections.abc import Collection
from typing import Any

#: of a file
MAX_TABLES = 10_000
FORMAT = 1


class BadTables(ValueError):
    """A file of tables cannot be used; the text says why, with its name."""


def tables(body: bytes, name: str, kind: str, besides: Collection[str] = ()) -> list[dict[str, Any]]:
    """Those of one kind; tables of the kinds in `besides` are for others. Raises BadTables."""
    try:
        document = tomllib.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise BadTables(f"{name}: {str(error) or 'too deep'}") from None
    known = ("format", kind, *besides)
    if unknown := document.keys() - set(known):
        raise BadTables(f"{name}: there is no {min(unknown)}; there are {', '.join(known)}")
    if document.get("format", FORMAT) != FORMAT:
        raise BadTables(f"{name}: is of another format than {FORMAT}, which this program reads")
    rows = document.get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadTables(f"{name}: each {kind} is a table that begins with [[{kind}]]")
    if len(rows) > MAX_TABLES:
        raise BadTables(f"{name}: more than {MAX_TABLES} {kind}s")
    return rows
