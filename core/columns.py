"""How columns are declared."""

from typing import Any

from sqlalchemy import BigInteger, Integer, Text, text
from sqlmodel import Field, SQLModel

# SQLite makes a key the row id only if its type is spelled INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")


def key_column() -> Any:
    return Field(sa_type=BIG, primary_key=True, sa_column_kwargs={"autoincrement": False})


def big(default: int | None = 0, *, nullable: bool = False) -> Any:
    return Field(default=default, sa_type=BIG, nullable=nullable)


def integer(default: int = 0) -> Any:
    return Field(default=default, sa_type=Integer)


def string(default: str = "") -> Any:
    return Field(default=default, sa_type=Text)


def null_string() -> Any:
    return Field(default=None, sa_type=Text, nullable=True)


def where(condition: str) -> dict[str, Any]:
    """An index over the few rows that need it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Table(SQLModel):
    """Rows are written and read as records, hardly ever as models: their validators can wait."""

    model_config = {"defer_build": True}
