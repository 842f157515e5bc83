"""What a request does to a database, row by row and column by column. Triggers tell, so nothing is overlooked."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: what an engine does for itself: numbers that are handed out
OWN = {"counter"}


@dataclass(frozen=True)
class Touch:
    """A column of a row, and its value afterwards; of what is deleted, its value before."""

    table: str
    how: str
    key: str
    column: str
    value: str


class Touched:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen = 0

    def take(self) -> list[Touch]:
        """What was touched since the last time."""
        text = 'SELECT id, "table", how, "key", "column", value FROM touched WHERE id > ? ORDER BY id'
        rows = self._connection.execute(text, (self._seen,)).fetchall()
        if rows:
            self._seen = rows[-1][0]
        return [Touch(*map(str, row[1:])) for row in rows if row[1] not in OWN]

    def values(self, table: str, column: str) -> list[str]:
        return [str(row[0]) for row in self._connection.execute(f'SELECT "{column}" FROM "{table}"') if row[0]]


def _trigger(table: str, columns: list[str], how: str) -> str:
    row = "OLD" if how == "DELETE" else "NEW"
    key = f'{row}."key"' if "key" in columns else f"{row}.rowid"
    changed = " WHERE OLD.{0} IS NOT NEW.{0}" if how == "UPDATE" else ""
    rows = " UNION ALL ".join(
        f"SELECT '{table}', '{how}', {key}, '{column}', {row}.\"{column}\"" + changed.format(f'"{column}"')
        for column in columns
    )
    return (
        f'CREATE TRIGGER "touched_{table}_{how}" AFTER {how} ON "{table}" BEGIN '
        f'INSERT INTO touched ("table", how, "key", "column", value) {rows}; END'
    )


@contextmanager
def touched(path: Path) -> Iterator[Touched]:
    """Of a database that an engine has opened: it would not open one with more tables than it knows."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.execute("BEGIN IMMEDIATE")
        connection.execute('CREATE TABLE touched (id INTEGER PRIMARY KEY, "table", how, "key", "column", value)')
        for table in names:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            for how in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(_trigger(table, columns, how))
        connection.execute("COMMIT")
        yield Touched(connection)
    finally:
        connection.close()
