"""Rows in, rows out: connections, statements and migrations for SQLite and PostgreSQL."""

from core.storage.store import StorageError, Store


def open_store(url: str, *, reading: bool = False) -> Store:
    """The store for a database address: `sqlite:///path` or `postgresql://...`.

    Whoever is only `reading` takes no lock and makes nothing; raises NoDatabase if there is nothing to read.
    """
    if url.startswith("sqlite:"):
        from core.storage.sqlite import SqliteStore

        return SqliteStore(url, reading=reading)
    if url.startswith(("postgresql:", "postgres:")):
        from core.storage.postgresql import PostgresqlStore

        return PostgresqlStore(url, reading=reading)
    raise StorageError(f"unknown kind of database: {url.split(':')[0]}; use sqlite:///FILE or postgresql://...")
