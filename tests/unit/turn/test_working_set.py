"""The rows of a turn: what is found, what is not known, and what is taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import Sequence
from core.storage import open_store
from core.storage.statements import bulk_insert
from core.storage.store import Connection
from core.tables.instance import Comment
from core.tables.locks import LOCKED
from core.tables.registry import Reference
from core.tables.schema import upgrade
from core.tables.task import Task
from core.turn.workingset import Load, Read, Unheld, Unplanned, WorkingSet


def reference(key: int, parent: int = 0, number: int = 0, **more: Any) -> Reference:
    return Reference(key=key, parent_key=parent, number=number or key, kind="unit", name=f"r{key}", **more)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """With the references 1 to 5; 1 is the parent of 2 and 3, 2 of 4."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('rows')}/rows.db")
    upgrade(store)
    opened = store.connect()
    insert = bulk_insert(Reference)
    known = (reference(1), reference(2, 1), reference(3, 1), reference(4, 2), reference(5))
    opened.bulk(insert, [insert.row(row) for row in known])
    yield opened
    opened.close()
    store.close()


@pytest.fixture
def ws(connection: Connection) -> WorkingSet:
    """As on a database to which other processes write."""
    return WorkingSet(connection, LOCKED)


def keys(rows: list[Any]) -> list[int]:
    return [row.key for row in rows]


# Nothing, and nobody knows


def test_none_is_not_the_same_as_not_loaded(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "key", (1, 99)), Load(Reference, "parent_key", (1,))])
    assert keys(ws.find(Reference, "parent_key", 1)) == [2, 3]
    assert ws.get(Reference, 99) is None
    for cls, by, value in ((Reference, "key", 2), (Reference, "number", 1), (Task, "key", 1)):
        with pytest.raises(Unplanned, match=by):
            ws.find(cls, by, value)
        with pytest.raises(Unplanned, match=by):
            ws.get(cls, value, by)


def test_of_a_key_that_was_made_in_this_turn_everything_is_known(ws: WorkingSet) -> None:
    ws.made.update((100, 101))
    ws.add(reference(100))
    ws.add(reference(101, 100))
    assert keys(ws.find(Reference, "parent_key", 100)) == [101]
    assert ws.get(Reference, 101) is not None
    assert ws.find(Comment, "instance_key", 100) == []
    child = reference(102, 100)
    ws.add(child)
    assert keys(ws.find(Reference, "parent_key", 100)) == [101, 102]
    ws.remove(child)
    assert keys(ws.find(Reference, "parent_key", 100)) == [101]


def test_what_is_added_is_found_by_what_was_asked_for_only(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "parent_key", (1,))])
    ws.add(reference(100, 1))
    ws.add(reference(101, 2))
    assert keys(ws.find(Reference, "parent_key", 1)) == [2, 3, 100]
    with pytest.raises(Unplanned):  # there is 4, too
        ws.find(Reference, "parent_key", 2)


def test_what_is_changed_is_found_where_it_is_now(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "parent_key", (1, 2)), Load(Reference, "key", (2,))])
    row = ws.find(Reference, "parent_key", 1)[0]
    ws.change(row, parent_key=2)
    assert keys(ws.find(Reference, "parent_key", 1)) == [3]
    assert keys(ws.find(Reference, "parent_key", 2)) == [4, 2]
    assert ws.get(Reference, 2) is row
    ws.change(row, parent_key=7)
    assert keys(ws.find(Reference, "parent_key", 2)) == [4]


def test_what_is_loaded_later_is_as_this_turn_left_it(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "key", (2, 3, 4, 5))])
    two, three, four, five = (ws.find(Reference, "key", key)[0] for key in (2, 3, 4, 5))
    ws.change(two, parent_key=9)
    ws.change(five, parent_key=1)
    ws.remove(three)
    ws.add(reference(100, 1))
    before = ws.mark()
    ws.load([Load(Reference, "parent_key", (1, 2, 9))])
    assert keys(ws.find(Reference, "parent_key", 1)) == [100, 5]
    assert ws.find(Reference, "parent_key", 2) == [four]
    assert ws.find(Reference, "parent_key", 9) == [two]
    ws.undo(before)
    with pytest.raises(Unplanned):
        ws.find(Reference, "parent_key", 1)
    ws.undo(0)
    ws.load([Load(Reference, "parent_key", (1,))])
    assert ws.find(Reference, "parent_key", 1) == [two, three]


# What is only looked at


def test_what_is_only_read_is_not_changed(ws: WorkingSet) -> None:
    ws.load([Read(Reference, "key", (1, 2)), Load(Reference, "key", (2,))])
    one, two = ws.find(Reference, "key", 1)[0], ws.find(Reference, "key", 2)[0]
    with pytest.raises(Unheld):
        ws.change(one, name="x")
    with pytest.raises(Unheld):
        ws.remove(one)
    ws.change(two, name="x")
    assert (one.name, two.name, ws.mark()) == ("r1", "x", 1)


def test_what_was_read_may_be_held_later(ws: WorkingSet) -> None:
    ws.load([Read(Reference, "parent_key", (1,))])
    read = list(ws.find(Reference, "parent_key", 1))
    ws.load([Load(Reference, "parent_key", (1,))])
    assert ws.find(Reference, "parent_key", 1) == read
    ws.change(read[0], name="x")


def test_what_was_read_is_looked_at_again_when_it_is_held(ws: WorkingSet, connection: Connection) -> None:
    """Another process may have changed it, or taken it away."""
    ws.load([Read(Reference, "key", (4, 5)), Read(Reference, "parent_key", (2, 0)), Read(Reference, "number", (4,))])
    four = ws.find(Reference, "key", 4)[0]
    connection.execute("BEGIN", {})
    connection.execute(
        "UPDATE reference SET name = 'new', number = 44, parent_key = 0, ext = '{\"a\":1}' WHERE key = 4", {}
    )
    connection.execute("DELETE FROM reference WHERE key = 5", {})
    ws.load([Load(Reference, "key", (4, 5)), Load(Reference, "number", (44,))])
    connection.rollback()
    assert (four.name, four.number, four.ext) == ("new", 44, {"a": 1})
    assert ws.get(Reference, 4) is four
    assert ws.get(Reference, 5) is None
    assert ws.find(Reference, "number", 44) == [four]
    assert ws.find(Reference, "number", 4) == []
    assert four in ws.find(Reference, "parent_key", 0)
    assert four not in ws.find(Reference, "parent_key", 2)
    ws.change(four, name="mine")


# What is taken back


def test_a_change_that_is_taken_back_is_none(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "key", (1,))])
    row = ws.find(Reference, "key", 1)[0]
    ws.change(row, name="a")
    before = ws.mark()
    ws.change(row, name="b", external_id="c", ext={"d": 1})
    ws.undo(before)
    assert (row.name, row.external_id, row.ext) == ("a", "", {})
    assert ws._changed[Reference][id(row)] == (row, {"name"})
    ws.undo(0)
    assert not ws.dirty
    ws.change(row)
    assert not ws.dirty


def test_a_value_that_cannot_be_stored_changes_nothing(ws: WorkingSet) -> None:
    ws.load([Load(Reference, "key", (1,)), Load(Reference, "parent_key", (0,))])
    row = ws.find(Reference, "key", 1)[0]
    at = ws.find(Reference, "parent_key", 0).index(row)
    bad: dict[str, Any] = {"ext": {"a": object()}}
    with pytest.raises(Exception, match=r"serializable|stored|object"):
        ws.change(row, name="x", parent_key=5, **bad)
    ws.undo(0)
    assert (row.name, row.parent_key, row.ext, ws.dirty) == ("r1", 0, {}, False)
    assert ws.find(Reference, "parent_key", 0).index(row) == at


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("add", "change", "move", "remove", "load", "find")), st.integers(0, 9), st.integers(0, 9)
    ),
    max_size=12,
)
INDEXES = ("key", "parent_key", "number")


def seen(ws: WorkingSet) -> dict[Any, Any]:
    """All that a turn can tell, lists in their order."""
    found: dict[Any, Any] = {id(row): vars_of(row) for row in ws.all(Reference)}
    for by in INDEXES:
        found |= {(by, value): list(map(id, rows)) for value, rows in ws._indexes[Reference][by].items() if rows}
    found["changed"] = {identity: columns.copy() for identity, (_, columns) in ws._changed.get(Reference, {}).items()}
    found["removed"] = set(ws._removed.get(Reference, ()))
    found["added"] = set(ws._inserted.get(Reference, ()))
    return found


def live(ws: WorkingSet) -> list[Any]:
    return [row for row in ws.all(Reference) if id(row) not in ws._removed.get(Reference, {})]


def check(ws: WorkingSet) -> None:
    """Each list has all rows with its value, once, and no others."""
    for by, index in ws._indexes[Reference].items():
        for value, rows in index.items():
            expected = {id(row) for row in live(ws) if getattr(row, by) == value}
            assert sorted(map(id, rows)) == sorted(expected), (by, value)


def vars_of(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.columns)


@given(first=STEPS, second=STEPS)
def test_whatever_is_done_can_be_taken_back(connection: Connection, first: Any, second: Any) -> None:
    ws = WorkingSet(connection, LOCKED)
    ws.made.update((100, 101, 102))
    ws.load([*(Load(Reference, "key", (n,)) for n in range(1, 6)), Load(Reference, "parent_key", (1,))])
    ws.load([Load(Reference, "number", (1, 2))])
    fresh = iter(range(200, 300))

    def do(step: tuple[str, int, int]) -> None:
        kind, a, b = step
        present = live(ws)
        values = (0, 1, 2, 3, 100, 101)
        if kind == "add":
            ws.add(reference(next(fresh), values[a % 6]))
        elif kind == "load":
            ws.load([Load(Reference, INDEXES[a % 3], (b,))])
        elif kind == "find":
            ws.find(Reference, INDEXES[a % 3], 100 + b % 3)
        elif present and kind == "change":
            ws.change(present[a % len(present)], name=f"n{b}")
        elif present and kind == "move":
            ws.change(present[a % len(present)], parent_key=values[b % 6], number=b)
        elif present:
            ws.remove(present[a % len(present)])

    for step in first:
        do(step)
    check(ws)
    before, mark = seen(ws), ws.mark()
    for step in second:
        do(step)
    check(ws)
    ws.undo(mark)
    check(ws)
    after = seen(ws)
    assert {what: after.get(what) for what in before} == before


# Numbers


def test_numbers_go_back() -> None:
    stored = {"n": 1}

    def reserve(name: str, count: int, first: int) -> int:
        stored[name] += count
        return stored[name] - count

    def advance(name: str, minimum: int) -> None:
        stored[name] = max(stored[name], minimum)

    numbers = Sequence("n", reserve, advance, block=10)
    assert [numbers.next(), numbers.next()] == [1, 2]
    mark = numbers.mark()
    assert [numbers.next(), numbers.next()] == [3, 4]
    numbers.skip(500)
    numbers.rewind(mark)
    assert stored == {"n": 11}
    assert numbers.next() == 3
    numbers.skip(500)
    numbers.settle()
    assert stored == {"n": 501}
    assert numbers.next() == 501
    mark = numbers.mark()
    assert [numbers.next() for _ in range(12)] == list(range(502, 514))
    numbers.rewind(mark)
    assert numbers.next() == 511, "the block that was reserved meanwhile, from its start"
