"""How columns are declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, text
from sqlmodel import Field, SQLModel

from core.storage.jsontext import NOTHING

# SQLite makes a key the row id only if its type is spelled INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")

#: an extension map: what a dialect keeps, under its name
Ext = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Json:
    """A column that holds the text of a list, if `nothing` is a tuple, or of a map; `empty` is the text of nothing."""

    nothing: tuple[str, ...] | Mapping[str, Any]
    empty: str


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


def strings() -> Any:
    """JSON: a list of texts."""
    return _json(Json((), "[]"))


def mapping(empty: str = "{}") -> Any:
    """JSON: a map. `empty` is its text if there is nothing in it."""
    return _json(Json(NOTHING, empty))


def _json(kind: Json) -> Any:
    more = {"info": {"json": kind}, "default": kind.empty}
    return Field(default=kind.nothing, sa_type=Text, nullable=False, sa_column_kwargs=more)


def where(condition: str) -> dict[str, Any]:
    """An index over the few rows that need it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Table(SQLModel):
    """Rows are written and read as records, hardly ever as models: their validators can wait."""

    model_config = {"defer_build": True}
