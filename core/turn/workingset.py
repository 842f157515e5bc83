"""The rows of one turn, and what was done to them."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from core.storage.cache import cached
from core.storage.record import load
from core.storage.statements import table_of
from core.storage.store import Connection
from core.tables.locks import BY_VALUE
from core.turn.selects import LOCK_VALUES, delete_from, insert_into, select_by, update_of

T = TypeVar("T")

Index = dict[Any, list[Any]]

_NONE: Mapping[Any, Any] = {}


class Unplanned(LookupError):
    """A decision looks for rows that no plan has asked for: whether there are any, nobody knows."""


class Unheld(RuntimeError):
    """A decision changes a row that its plan only reads: another process may be changing it, too."""


@dataclass(slots=True, eq=False)
class Load:
    """Wish for all rows of `cls` whose column `by` has one of `values`. They may be changed: as far as rows of this
    table are locked, no other process changes them until the turn is over."""

    cls: type[Any]
    by: str
    values: tuple[Any, ...]

    holds: ClassVar[bool] = True


@dataclass(slots=True, eq=False)
class Read(Load):
    """Wish for rows that are only looked at: they are not locked, so nobody waits for them, and may not be changed.
    Where nobody else writes, there is no difference."""

    holds: ClassVar[bool] = False


class WorkingSet:
    """Rows by table and indexed column. Commands see what earlier commands of the turn did.

    An index has an entry for each value that was asked for, even if there are no such rows; so `find` tells "none" from
    "not loaded". A key that was made in this turn (`made`) need not be asked for: all rows that have it are here.

    `called` are the ids of processes that expressions came to: only a decision finds out, then plans read these, too.
    `sought` are plans of what else only a decision finds out that it needs.

    Every change is journaled, so that a command that is refused half way leaves no trace. So is what is loaded after a
    change, for it depends on that.

    `locked` are the tables whose rows are locked, with their places in the order in which that is done.
    """

    def __init__(self, connection: Connection, locked: Mapping[type[Any], int] = _NONE) -> None:
        self._connection = connection
        self._locked = locked
        self._indexes: dict[type[Any], dict[str, Index]] = {}
        self._rows: dict[type[Any], dict[Any, Any]] = {}
        #: what was only read: table, column and value, and the rows by id
        self._read_values: set[tuple[type[Any], str, Any]] = set()
        self._read_rows: set[int] = set()
        # by identity, which no change of a row changes; rows stay in these maps or the journal, so no id comes again
        self._inserted: dict[type[Any], dict[int, Any]] = {}
        self._changed: dict[type[Any], dict[int, tuple[Any, set[str]]]] = {}
        self._removed: dict[type[Any], dict[int, Any]] = {}
        self._journal: list[tuple[Any, ...]] = []
        self.made: set[Any] = set()
        self.called: set[str] = set()
        self.sought: dict[Any, Callable[[], Iterable[list[Load]]]] = {}

    # loading

    def load(self, wishes: Iterable[Load]) -> None:
        """Fetch what is not there yet: one select for each table and column."""
        missing: dict[tuple[type[Any], str, bool], list[Any]] = {}
        alone = not self._locked  # nobody else writes: nothing is locked, and reading is as good as holding
        for wish in wishes:
            cls, by, holds = wish.cls, wish.by, alone or wish.holds
            index = self._indexes.get(cls, _NONE).get(by)
            if index is None:
                index = self._index(cls, by)
            for value in wish.values:
                if value not in index:
                    index[value] = []  # at once: who wishes for it, too, in this round does not ask again
                    missing.setdefault((cls, by, holds), []).append(value)
                    if not holds:
                        self._read_values.add((cls, by, value))
                # it was only read until now: fetched once more, for it may have changed before it was locked
                elif self._read_values and holds and (cls, by, value) in self._read_values:
                    self._read_values.discard((cls, by, value))
                    missing.setdefault((cls, by, True), []).append(value)
        for wanted in missing if alone else sorted(missing, key=self._place):
            self._fetch(*wanted, missing[wanted])

    def _place(self, select: tuple[type[Any], str, bool]) -> tuple[int, bool]:
        """What is locked comes first, so that what it guards is read when nobody else changes it any more."""
        cls, by, holds = select
        return (self._locked.get(cls, len(self._locked)) if holds else len(self._locked) + 1), by != "key"

    def _fetch(self, cls: type[Any], by: str, holds: bool, values: list[Any]) -> None:
        if not holds:  # but what another wish of this round has just locked
            values = [value for value in values if (cls, by, value) in self._read_values]
            if not values:
                return
        locks = holds and cls in self._locked
        if locks and BY_VALUE.get(cls) == by:
            self._connection.execute(LOCK_VALUES, {"values": values})
        fetched = self._connection.fetch(select_by(cls, by, locks), {"values": values})
        known = self._rows.setdefault(cls, {})
        key_of = _key_getter(cls)
        if not self._locked and not self._journal:
            # most of what is loaded on SQLite: before the first change nothing can differ from what is stored
            index = self._indexes[cls][by]
            for raw in fetched:
                row = load(cls, raw)
                row = known.setdefault(key_of(row), row)
                index[getattr(row, by)].append(row)
            return
        # new lists: what was read before is read anew, and would be in the old ones twice
        wanted: Index = {value: [] for value in values}
        self._indexes[cls][by].update(wanted)
        for raw in fetched:
            row = load(cls, raw)
            # one object for a row, whatever it was found by, else changes by the one would be missed by the other
            there = known.setdefault(key_of(row), row)
            if self._locked and not (there is row and holds):
                self._note_read(there, row, holds, by)
            # as this turn left it, which may be another value than the stored one
            rows = wanted.get(getattr(there, by))
            if rows is not None:
                rows.append(there)
        if self._journal:
            self._bring_up_to_date(cls, by, wanted)

    def _note_read(self, row: Any, newer: Any, holds: bool, by: str) -> None:
        """What was only read may have been changed by another process since."""
        if row is newer:
            self._read_rows.add(id(row))
        elif id(row) in self._read_rows:
            self._renew(row, newer, by)
            if holds:
                self._read_rows.discard(id(row))

    def _bring_up_to_date(self, cls: type[Any], by: str, wanted: Index) -> None:
        """What is loaded after changes is as these left it."""
        removed = self._removed.get(cls, _NONE)
        for rows in wanted.values() if removed else ():
            rows[:] = [row for row in rows if id(row) not in removed]
        index = self._indexes[cls][by]
        self._journal.append((_unload, index, wanted))
        self._complete(cls, by, index, wanted)

    def _renew(self, row: Any, newer: Any, by: str) -> None:
        """Whoever loads it by this column puts it into that index."""
        indexes = self._indexes[type(row)]
        for name, holder in row.holders.items():
            old, new = getattr(row, holder), getattr(newer, holder)
            if old != new:
                if name in indexes:
                    _leave(indexes[name], row, old)
                    if name != by:
                        _join(indexes[name], row, new, self.made)
                _hold(row, name, holder, new)

    def _index(self, cls: type[Any], by: str) -> Index:
        indexes = self._indexes.setdefault(cls, {})
        index = indexes.get(by)
        if index is None:
            index = indexes[by] = {}
            if self._journal:
                self._journal.append((_forget_index, cls, by))
                self._complete(cls, by, index, self.made)
        return index

    def _complete(self, cls: type[Any], by: str, index: Index, values: Container[Any]) -> None:
        """Put what this turn did into an index that was loaded afterwards."""
        for row in self._touched(cls):
            value = getattr(row, by)
            if value in values:
                rows = index.setdefault(value, [])
                if row not in rows:
                    rows.append(row)

    def _touched(self, cls: type[Any]) -> Iterator[Any]:
        removed = self._removed.get(cls, _NONE)
        yield from self._inserted.get(cls, _NONE).values()
        yield from (row for identity, (row, _) in self._changed.get(cls, _NONE).items() if identity not in removed)

    def find(self, cls: type[T], by: str, value: Any) -> list[T]:
        """The rows with this value, those that this turn added among them. Raises Unplanned if nobody asked for it."""
        try:
            return self._indexes[cls][by][value]
        except KeyError:
            if value in self.made:
                return self._index(cls, by).setdefault(value, [])
            raise Unplanned(f"{cls.__name__}.{by} = {value!r}") from None

    def seek(self, cls: type[T], by: str, value: Any) -> list[T]:
        """As `find`, of what no plan can know: where it is not there, the command is decided again with it."""
        try:
            return self.find(cls, by, value)
        except Unplanned:
            self.sought[cls, by, value] = lambda: [[Load(cls, by, (value,))]]
            raise

    def need(self, what: Any, plan: Callable[[], Iterable[list[Load]]]) -> None:
        """Of more that no plan can know, `what` it is for. Raises Unplanned, but when it is decided again."""
        if what not in self.sought:
            self.sought[what] = plan
            raise Unplanned(what)

    def get(self, cls: type[T], key: Any, by: str = "key") -> T | None:
        """The row with this value. Raises Unplanned if nobody asked for it."""
        rows = self.find(cls, by, key)
        return rows[0] if rows else None

    # changing

    def add(self, row: Any) -> None:
        cls = type(row)
        self._inserted.setdefault(cls, {})[id(row)] = row
        for by, index in self._indexes.get(cls, _NONE).items():
            _join(index, row, getattr(row, by), self.made)
        self._journal.append((_unadd, row))

    def change(self, row: Any, **new: Any) -> None:
        if not new:
            return
        cls, identity = type(row), id(row)
        first: Iterable[str] = ()
        if identity not in self._inserted.get(cls, _NONE):
            if identity in self._read_rows:
                raise Unheld(repr(row))
            changed = self._changed.setdefault(cls, {})
            entry = changed.get(identity)
            if entry is None:
                changed[identity] = (row, set(new))
                first = new
            else:
                first = [name for name in new if name not in entry[1]]
                entry[1].update(first)
        holders, indexes = cls.holders, self._indexes.get(cls, _NONE)
        # journaled first and filled on the way: a value that cannot be stored raises half way through
        before: dict[str, Any] = {}
        self._journal.append((_unchange, row, before, first))
        for name, value in new.items():
            before[name] = old = getattr(row, holders[name])
            setattr(row, name, value)  # raises, if this cannot be stored
            if name in indexes and old != value:
                place = _leave(indexes[name], row, old)
                self._journal.append((_unmove, row, place, _join(indexes[name], row, value, self.made)))

    def remove(self, row: Any) -> None:
        cls, identity = type(row), id(row)
        was_new = self._inserted.get(cls, {}).pop(identity, None) is not None
        if not was_new:
            if identity in self._read_rows:
                raise Unheld(repr(row))
            self._removed.setdefault(cls, {})[identity] = row
        places = [_leave(index, row, getattr(row, by)) for by, index in self._indexes.get(cls, _NONE).items()]
        self._journal.append((_unremove, row, was_new, places))

    # one command's changes

    def mark(self) -> int:
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Take back, last first, what was done since."""
        journal = self._journal
        while len(journal) > mark:
            take_back, *what = journal.pop()
            take_back(self, *what)

    def note(self, take_back: Callable[..., Any], *what: Any) -> None:
        """How to take back what was done elsewhere."""
        self._journal.append((_unnote, take_back, *what))

    # writing

    def added(self, cls: type[T]) -> list[T]:
        """The rows of a table that are to be inserted."""
        return list(self._inserted.get(cls, _NONE).values())

    def all(self, cls: type[T]) -> list[T]:
        """Every row of a table that was loaded or added, and those that were removed."""
        return [*self._rows.get(cls, _NONE).values(), *self._inserted.get(cls, _NONE).values()]

    @property
    def dirty(self) -> bool:
        return any(any(rows.values()) for rows in (self._inserted, self._changed, self._removed))

    @property
    def loaded(self) -> int:
        """How many rows."""
        return sum(map(len, self._rows.values()))

    @property
    def to_write(self) -> int:
        """How many rows."""
        return sum(len(rows) for kind in (self._inserted, self._changed, self._removed) for rows in kind.values())

    def write(self) -> None:
        # what goes makes room: a row that is inserted may have the unique value of one that is removed
        for cls, gone in self._removed.items():
            if gone:
                statement = delete_from(cls)
                self._connection.bulk(statement, [statement.row(row) for row in gone.values()])
        for cls, inserted in self._inserted.items():
            if inserted:
                statement = insert_into(cls)
                self._connection.bulk(statement, [statement.row(row) for row in inserted.values()])
        for cls, changed in self._changed.items():
            removed = self._removed.get(cls, _NONE)
            groups: dict[tuple[str, ...], list[Any]] = {}
            for row, columns in changed.values():
                # only what changed: all columns would carry what was loaded over what others wrote since
                if id(row) not in removed:
                    groups.setdefault(tuple(sorted(columns)), []).append(row)
            for names, rows in groups.items():
                statement = update_of(cls, names)
                self._connection.bulk(statement, [statement.row(row) for row in rows])


# Places in an index

_Place = tuple[list[Any], int] | None


def _join(index: Index, row: Any, value: Any, made: set[Any]) -> list[Any] | None:
    """Where nobody asked for the value, there is no list that would have to be complete."""
    rows = index.get(value)
    if rows is not None:
        rows.append(row)
    elif value in made:
        rows = index[value] = [row]
    return rows


def _leave(index: Index, row: Any, value: Any) -> _Place:
    rows = index.get(value)
    if rows is None:
        return None
    if rows and rows[-1] is row:  # what is taken back was mostly the last to come
        rows.pop()
        return rows, len(rows)
    try:
        place = rows.index(row)
    except ValueError:
        return None
    del rows[place]
    return rows, place


def _hold(row: Any, name: str, holder: str, value: Any) -> None:
    """A column as it is stored: of JSON the text, of which the value is read again."""
    setattr(row, holder, value)
    if holder != name:
        setattr(row, f"_{name}", None)


# What the journal takes back


def _unadd(ws: WorkingSet, row: Any) -> None:
    del ws._inserted[type(row)][id(row)]
    for by, index in ws._indexes.get(type(row), _NONE).items():
        _leave(index, row, getattr(row, by))


def _unnote(_: WorkingSet, take_back: Callable[..., Any], *what: Any) -> None:
    take_back(*what)


def _unmove(_: WorkingSet, row: Any, place: _Place, joined: list[Any] | None) -> None:
    if joined is not None:
        if joined[-1] is row:
            joined.pop()
        else:
            joined.remove(row)
    if place is not None:
        place[0].insert(place[1], row)


def _unchange(ws: WorkingSet, row: Any, before: Mapping[str, Any], first: Iterable[str]) -> None:
    for name, value in before.items():
        _hold(row, name, row.holders[name], value)
    if first:
        changed = ws._changed[type(row)]
        columns = changed[id(row)][1]
        columns.difference_update(first)
        if not columns:
            del changed[id(row)]


def _unremove(ws: WorkingSet, row: Any, was_new: bool, places: Iterable[_Place]) -> None:
    if was_new:
        ws._inserted[type(row)][id(row)] = row
    else:
        del ws._removed[type(row)][id(row)]
    for place in places:
        if place is not None:
            place[0].insert(place[1], row)


def _unload(ws: WorkingSet, index: Index, values: Iterable[Any]) -> None:
    for value in values:
        index.pop(value, None)


def _forget_index(ws: WorkingSet, cls: type[Any], by: str) -> None:
    del ws._indexes[cls][by]


@cached(maxsize=64)
def _key_getter(cls: type[Any]) -> Any:
    names = [c.name for c in table_of(cls).primary_key.columns]
    if len(names) == 1:
        name = names[0]
        return lambda row: getattr(row, name)
    return lambda row: tuple(getattr(row, name) for name in names)
