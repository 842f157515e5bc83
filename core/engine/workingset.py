"""The rows of one turn, and what was done to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from core.storage.cache import cached
from core.storage.record import load
from core.storage.statements import Bulk, Statement, any_of, bulk_delete, bulk_insert, bulk_update, table_of
from core.storage.store import Connection

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Load:
    """Wish for all rows of `cls` whose column `by` has one of `values`."""

    cls: type[Any]
    by: str
    values: tuple[Any, ...]


@cached(maxsize=256)
def _select(cls: type[Any], by: str, lock: bool) -> Statement:
    table = table_of(cls)
    statement = select(*table.columns).where(any_of(table.c[by], "values"))
    if lock:
        statement = statement.order_by(*table.primary_key.columns).with_for_update()
    return Statement(statement)


@cached(maxsize=64)
def _insert(cls: type[Any]) -> Bulk:
    return bulk_insert(cls)


@cached(maxsize=256)
def _update(cls: type[Any], columns: tuple[str, ...]) -> Bulk:
    return bulk_update(cls, columns)


@cached(maxsize=64)
def _delete(cls: type[Any]) -> Bulk:
    return bulk_delete(cls)


class WorkingSet:
    """Rows by table and indexed column. All loading comes before the first change; then commands see what earlier
    commands of the turn did.

    Every change is journaled, so that a command that is refused half way leaves no trace.
    """

    def __init__(self, connection: Connection, locked: frozenset[type[Any]] = frozenset()) -> None:
        self._connection = connection
        self._locked = locked
        self._indexes: dict[type[Any], dict[str, dict[Any, list[Any]]]] = {}
        self._rows: dict[type[Any], dict[Any, Any]] = {}
        self._inserted: dict[type[Any], dict[int, Any]] = {}
        self._changed: dict[type[Any], dict[int, tuple[Any, set[str]]]] = {}
        self._removed: dict[type[Any], dict[int, Any]] = {}
        self._journal: list[tuple[Any, ...]] = []

    # loading

    def load(self, wishes: Iterable[Load]) -> None:
        """Fetch what is not there yet: one select for each table and column."""
        missing: dict[tuple[type[Any], str], list[Any]] = {}
        for wish in wishes:
            index = self._indexes.setdefault(wish.cls, {}).setdefault(wish.by, {})
            for value in wish.values:
                if value not in index:
                    index[value] = []
                    missing.setdefault((wish.cls, wish.by), []).append(value)
        for (cls, by), values in missing.items():
            index = self._indexes[cls][by]
            known = self._rows.setdefault(cls, {})
            key_of = _key_getter(cls)
            for raw in self._connection.fetch(_select(cls, by, cls in self._locked), {"values": values}):
                row = load(cls, raw)
                row = known.setdefault(key_of(row), row)
                index[getattr(row, by)].append(row)

    def find(self, cls: type[T], by: str, value: Any) -> list[T]:
        """The rows that a wish loaded, and those that this turn added."""
        return self._indexes.get(cls, {}).get(by, {}).get(value, [])

    def get(self, cls: type[T], key: Any, by: str = "key") -> T | None:
        rows = self._indexes.get(cls, {}).get(by, {}).get(key)
        return rows[0] if rows else None

    def loaded(self, cls: type[Any], by: str, value: Any) -> bool:
        return value in self._indexes.get(cls, {}).get(by, {})

    # changing

    def add(self, row: Any) -> None:
        cls = type(row)
        self._inserted.setdefault(cls, {})[id(row)] = row
        for by, index in self._indexes.get(cls, {}).items():
            index.setdefault(getattr(row, by), []).append(row)
        self._journal.append(("add", row))

    def change(self, row: Any, **new: Any) -> None:
        cls, identity = type(row), id(row)
        inserted = self._inserted.get(cls)
        if inserted is None or identity not in inserted:
            changed = self._changed.setdefault(cls, {})
            entry = changed.get(identity)
            if entry is None:
                changed[identity] = (row, set(new))
            else:
                entry[1].update(new)
        journal = self._journal
        for name, value in new.items():
            journal.append(("change", row, name, getattr(row, name)))
            setattr(row, name, value)

    def remove(self, row: Any) -> None:
        cls = type(row)
        was_new = self._inserted.get(cls, {}).pop(id(row), None) is not None
        if not was_new:
            self._removed.setdefault(cls, {})[id(row)] = row
        for by, index in self._indexes.get(cls, {}).items():
            rows = index.get(getattr(row, by))
            if rows and row in rows:
                rows.remove(row)
        self._journal.append(("remove", row, was_new))

    # one command's changes

    def mark(self) -> int:
        return len(self._journal)

    def undo(self, mark: int) -> None:
        while len(self._journal) > mark:
            entry = self._journal.pop()
            row = entry[1]
            cls = type(row)
            if entry[0] == "change":
                setattr(row, entry[2], entry[3])
                continue
            if entry[0] == "add":
                del self._inserted[cls][id(row)]
                for by, index in self._indexes.get(cls, {}).items():
                    index[getattr(row, by)].remove(row)
                continue
            if entry[2]:
                self._inserted[cls][id(row)] = row
            else:
                del self._removed[cls][id(row)]
            for by, index in self._indexes.get(cls, {}).items():
                index.setdefault(getattr(row, by), []).append(row)

    # writing

    def added(self, cls: type[T]) -> list[T]:
        """The rows of a table that are to be inserted."""
        return list(self._inserted.get(cls, {}).values())

    def all(self, cls: type[T]) -> list[T]:
        """Every row of a table that was loaded or added, and those that were removed."""
        loaded = self._rows.get(cls, {}).values()
        return [*loaded, *self._inserted.get(cls, {}).values()]

    @property
    def dirty(self) -> bool:
        return any(map(any, (self._inserted.values(), self._changed.values(), self._removed.values())))

    def write(self) -> None:
        for cls, gone in self._removed.items():
            if gone:
                statement = _delete(cls)
                self._connection.bulk(statement, [statement.row(row) for row in gone.values()])
        for cls, inserted in self._inserted.items():
            if inserted:
                statement = _insert(cls)
                self._connection.bulk(statement, [statement.row(row) for row in inserted.values()])
        for cls, changed in self._changed.items():
            removed = self._removed.get(cls, {})
            groups: dict[tuple[str, ...], list[Any]] = {}
            for row, columns in changed.values():
                if id(row) not in removed:
                    groups.setdefault(tuple(sorted(columns)), []).append(row)
            for names, rows in groups.items():
                statement = _update(cls, names)
                self._connection.bulk(statement, [statement.row(row) for row in rows])


@cached(maxsize=64)
def _key_getter(cls: type[Any]) -> Any:
    names = [c.name for c in table_of(cls).primary_key.columns]
    if len(names) == 1:
        name = names[0]
        return lambda row: getattr(row, name)
    return lambda row: tuple(getattr(row, name) for name in names)
