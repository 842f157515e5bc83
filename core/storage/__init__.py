"""Rows in, rows out: connections, statements and migrations for SQLite and PostgreSQL."""

import re

from core.storage.store import StorageError, Store


def open_store(url: str, *, reading: bool = False) -> Store:
    """The store for a database address: `sqlite:///path`, `postgresql://...` or libpq's `host=... dbname=...`.

    Whoever is only `reading` takes no lock and makes nothing; raises NoDatabase if there is nothing to read.
    """
    if url.startswith("sqlite:"):
        from core.storage.sqlite import SqliteStore

        return SqliteStore(url, reading=reading)
    if url.startswith(("postgresql:", "postgres:")) or re.match(r"\s*\w+\s*=", url):  # as libpq takes them
        from core.storage.postgresql import PostgresqlStore

        return PostgresqlStore(url, reading=reading)
    kind = re.match(r"[\w+.-]*(?=:)", url)  # no more of it: there may be a password behind
    raise StorageError(
        f"unknown kind of database{f': {kind[0]}' if kind else ''}; use sqlite:///FILE or postgresql://..."
    )
