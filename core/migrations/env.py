"""Run by Alembic: all revisions of one upgrade in one transaction, and no two processes at once."""

from typing import Any

from alembic import context
from sqlalchemy import Engine, event, text
from sqlmodel import SQLModel

from core.tables import schema

#: any number will do, as long as it is ours
ADVISORY_LOCK = 0x44524147

assert schema.MODULES, "importing one names its tables"


def begin_at_the_beginning(engine: Engine) -> None:
    """Python's driver for SQLite opens a transaction before the first row is changed, not before a table is: what had
    been done to the tables by then would outlive a kill."""

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    if engine.dialect.name == "sqlite":
        begin_at_the_beginning(engine)
    with engine.connect() as connection:
        options: dict[str, Any] = {
            "render_as_batch": True,
            "transactional_ddl": True,
            "transaction_per_migration": False,
        }
        context.configure(connection=connection, target_metadata=SQLModel.metadata, **options)
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            context.run_migrations()
        connection.commit()


run()
