"""Which version of the schema this program has, and bringing databases up to it.

Alembic is only imported when there is something to migrate: it costs start time and memory.
"""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from core.storage.columns import Table
from core.storage.revision import current
from core.storage.statements import Flavour
from core.storage.store import NoDatabase, OldSchema, SchemaMismatch, StorageError, Store
from core.tables import (
    decision,
    directory,
    event,
    file,
    identity,
    incident,
    instance,
    job,
    library,
    message,
    outbox,
    people,
    process,
    registry,
    task,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = logging.getLogger("dragoman.storage")

#: the newest revision in core/migrations/versions
REVISION = "0019"

#: importing one names its tables
MODULES = (
    *(decision, directory, event, file, identity, incident, instance, job, library, message, outbox, people),
    *(process, registry, task),
)

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def sqlalchemy(store: Store) -> "Engine":
    """For who works with SQLAlchemy itself."""
    from sqlalchemy import create_engine, pool

    if store.flavour is Flavour.SQLITE:
        return create_engine(store.url, poolclass=pool.NullPool)
    return create_engine("postgresql+psycopg://", creator=store.driver, poolclass=pool.NullPool)


#: Alembic keeps its context in module globals
_ALEMBIC = threading.Lock()


def require_current(store: Store) -> None:
    """For whoever only reads. Raises NoDatabase, OldSchema or SchemaMismatch."""
    revision = current(store)
    if revision is None:
        raise NoDatabase(f"no database at {store.place}: there are no tables of Dragoman's")
    if revision < REVISION:
        raise OldSchema(
            f"the database {store.place} has schema {revision}, this program knows {REVISION}: "
            "it is brought up to date when the gateway starts"
        )
    _refuse_newer(store, revision)
    _require_tables(store)


def _refuse_newer(store: Store, revision: str) -> None:
    if revision > REVISION:
        raise SchemaMismatch(
            f"the database {store.place} has schema {revision}, this program knows {REVISION}: "
            "it was written by a newer version"
        )


_COLUMNS = {
    Flavour.SQLITE: "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'",
    Flavour.POSTGRESQL: "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema()",
}


def _require_tables(store: Store) -> None:
    """A revision is only a word: somebody may have restored half a database, or changed it by hand."""
    connection = store.connect()
    try:
        rows, _ = connection.execute(_COLUMNS[store.flavour], {})
    finally:
        connection.close()
    there: dict[str, set[str]] = {}
    for table, column in rows:
        there.setdefault(table, set()).add(column)
    for table, columns in sorted(tables().items()):
        if table not in there:
            raise _differs(store, f"there is no table {table}")
        for column in columns:
            if column not in there[table]:
                raise _differs(store, f"the table {table} has no column {column}")
        for column in sorted(there[table].difference(columns)):
            raise _differs(store, f"the table {table} has a column {column}")


def tables() -> dict[str, list[str]]:
    """The tables that this program works with, and their columns."""
    assert MODULES, "importing one names its tables"
    return {str(cls.__tablename__): list(cls.model_fields) for cls in Table.__subclasses__()}


def _differs(store: Store, what: str) -> SchemaMismatch:
    return SchemaMismatch(f"the database {store.place} says that it has schema {REVISION}, but {what}")


def upgrade(store: Store) -> None:
    """Bring the schema up to date. Raises SchemaMismatch for one that is newer than this program."""
    _upgrade(store)
    _require_tables(store)


def _upgrade(store: Store) -> None:
    revision = current(store)
    if revision == REVISION:
        return
    if revision is None:
        log.info("making the tables of the database %s", store.place)
    else:
        _refuse_newer(store, revision)
        log.info("bringing the database %s from schema %s to %s", store.place, revision, REVISION)
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = sqlalchemy(store)
    try:
        with _ALEMBIC:
            command.upgrade(config, "head")
    except DBAPIError as error:
        reason = store.reason(error.orig)
        raise StorageError(f"the database {store.place} could not be brought up to date: {reason}") from error
