"""The tables of a recording, and of what a replay of it came to. A file from a stranger has these and no others."""

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.exits import Usage

#: "DRGN", in the header of the file
APPLICATION = 0x4452474E
VERSION = 1

#: what a file may be about
RECORDING = "recording"
RESULT = "result"

#: bytes of one body as it is kept; more is cut, and the exchange says so
MAX_BODY = 64 * 1024 * 1024
#: of one value that SQLite hands out: a body that does not compress, and some
_MAX_VALUE = MAX_BODY + 1024 * 1024

TABLES = {
    "meta": "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # each run of the recorder, each file that was imported
    "part": "CREATE TABLE part (number INTEGER PRIMARY KEY, source TEXT NOT NULL, began REAL NOT NULL, "
    "tool TEXT NOT NULL, notes TEXT NOT NULL DEFAULT '')",
    # `packed`: deflated; `size` is without
    "body": "CREATE TABLE body (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, "
    "packed INTEGER NOT NULL, data BLOB NOT NULL)",
    "exchange": "CREATE TABLE exchange (number INTEGER PRIMARY KEY, part INTEGER NOT NULL, began REAL NOT NULL, "
    "ended REAL NOT NULL, connection INTEGER NOT NULL, session TEXT NOT NULL, operation TEXT NOT NULL, "
    "method TEXT NOT NULL, target BLOB NOT NULL, version TEXT NOT NULL, headers TEXT NOT NULL, "
    "body INTEGER, lacks TEXT NOT NULL, status INTEGER, reason TEXT NOT NULL, answer_version TEXT NOT NULL, "
    "answer_headers TEXT NOT NULL, answer_body INTEGER, answer_lacks TEXT NOT NULL, error TEXT NOT NULL)",
    # what stands for a secret that is not kept: `place` is where it was seen first
    "mark": "CREATE TABLE mark (mark TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT NOT NULL, "
    "first INTEGER NOT NULL, times INTEGER NOT NULL) WITHOUT ROWID",
}
INDEXES = {
    "exchange_session": "CREATE INDEX exchange_session ON exchange (session, number)",
    "exchange_operation": "CREATE INDEX exchange_operation ON exchange (operation, number)",
    "exchange_status": "CREATE INDEX exchange_status ON exchange (status, number)",
}
#: beside those of a recording, in a result
RESULT_TABLES = {
    # `exchange` is the number in the recording that was replayed; a result holds what was sent and answered in its own
    # table `exchange`, under the same number
    "verdict": "CREATE TABLE verdict (exchange INTEGER PRIMARY KEY, session TEXT NOT NULL, operation TEXT NOT NULL, "
    "grade TEXT NOT NULL, reason TEXT NOT NULL)",
    "difference": "CREATE TABLE difference (id INTEGER PRIMARY KEY, exchange INTEGER NOT NULL, "
    "operation TEXT NOT NULL, place TEXT NOT NULL, grade TEXT NOT NULL, old TEXT, new TEXT, note TEXT NOT NULL, "
    "follows INTEGER)",
    "unmapped": "CREATE TABLE unmapped (value TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT NOT NULL, "
    "first INTEGER NOT NULL, times INTEGER NOT NULL) WITHOUT ROWID",
}
RESULT_INDEXES = {
    "verdict_grade": "CREATE INDEX verdict_grade ON verdict (grade, exchange)",
    "difference_exchange": "CREATE INDEX difference_exchange ON difference (exchange)",
    "difference_operation": "CREATE INDEX difference_operation ON difference (operation, place)",
}


class NotARecording(Usage):
    """The file cannot be read as one; the text says why, with its name."""


def statements(kind: str) -> dict[str, str]:
    """Every table and index of a file of that kind."""
    return {**TABLES, **INDEXES, **(RESULT_TABLES | RESULT_INDEXES if kind == RESULT else {})}


def is_database(head: bytes) -> bool:
    """By the first bytes of a file."""
    return head.startswith(b"SQLite format 3\0")


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """With nothing in force that a stranger could have put into the file."""
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA mmap_size = 0")
        if write:
            connection.execute("PRAGMA synchronous = NORMAL")
        else:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def create(connection: sqlite3.Connection, kind: str) -> None:
    """The tables of a new file, within the transaction that is open."""
    for statement in statements(kind).values():
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def check(connection: sqlite3.Connection, path: Path) -> str:
    """The kind of a file that is a recording or a result, with our tables and nothing else. Raises NotARecording."""
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            raise NotARecording(f"{path} is a SQLite database, but no recording")
        if version != VERSION:
            raise NotARecording(f"{path} is a recording of format {version}; this program knows format {VERSION}")
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchmany(1000)
        # SQLite keeps statistics in tables of its own
        there = {name: text for name, text in rows if not str(name).startswith("sqlite_")}
        kind = RESULT if "verdict" in there else RECORDING
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise NotARecording(f"{path} is no recording") from None
        raise NotARecording(f"{path} cannot be read: {error}") from None
    if there != statements(kind):
        raise NotARecording(f"{path} does not have the tables of a {kind}, or has others besides")
    return kind


def open_checked(path: Path, *, write: bool) -> tuple[sqlite3.Connection, str]:
    """A file that is there, and its kind. Raises NotARecording."""
    if not path.is_file():  # not opened: who closes a file takes the locks away that SQLite has on it in this process
        path.stat()
        raise NotARecording(f"{path} is no file")
    try:
        connection = connect(path, write=write)
    except sqlite3.Error as error:
        raise NotARecording(f"{path} cannot be opened: {error}") from None
    try:
        return connection, check(connection, path)
    except BaseException:
        with closing(connection):
            raise
