"""A world whose next keys and numbers are others than those of a world that was made in the same way."""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.ids import KEYS

#: how far on keys and numbers are
KEYS_ON, NUMBERS_ON = 7_300_000, 5_000


def move_on(path: Path) -> None:
    """In the database of an engine that was stopped."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE counter SET value = value + CASE name WHEN ? THEN ? ELSE ? END", (KEYS, KEYS_ON, NUMBERS_ON)
        )
