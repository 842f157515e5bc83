"""Schema migrations. Alembic is only imported when there is something to migrate: it costs start time and memory."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from core.storage.store import SchemaMismatch, StorageError

if TYPE_CHECKING:
    from core.storage.store import Store

#: the newest revision in core/migrations/versions
REVISION = "0010"

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def current(store: "Store") -> str | None:
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


def sqlalchemy_url(store: "Store") -> str:
    return store.url.replace("postgresql://", "postgresql+psycopg://", 1)


#: Alembic keeps its context in module globals
_ALEMBIC = threading.Lock()


def upgrade(store: "Store") -> None:
    revision = current(store)
    if revision == REVISION:
        return
    if revision is not None and revision > REVISION:
        raise SchemaMismatch(
            f"the database has schema {revision}, this program knows {REVISION}: it was written by a newer version"
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = sqlalchemy_url(store)
    with _ALEMBIC:
        command.upgrade(config, "head")
