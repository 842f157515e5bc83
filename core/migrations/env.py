"""Run by Alembic: all revisions of one upgrade in one transaction, and no two processes at once."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text
from sqlmodel import SQLModel

from core.tables import schema

#: any number will do, as long as it is ours
ADVISORY_LOCK = 0x44524147

assert schema.MODULES, "importing one names its tables"


def run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        options: dict[str, Any] = {"render_as_batch": True, "transaction_per_migration": False}
        context.configure(connection=connection, target_metadata=SQLModel.metadata, **options)
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
