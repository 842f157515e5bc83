"""Which version of the schema a database has."""

from core.storage.store import StorageError, Store


def current(store: Store) -> str | None:
    """The revision of the database, None if it has no tables of ours."""
    connection = store.connect()
    try:
        rows, _ = connection.execute("SELECT version_num FROM alembic_version", {})
        return str(rows[0][0]) if rows else None
    except StorageError as error:
        if "alembic_version" in str(error):
            return None
        raise
    finally:
        connection.close()
