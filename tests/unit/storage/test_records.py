"""Rows as objects: a column of JSON is a value to whoever reads or writes it, and text to the database."""

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from core.storage import open_store
from core.storage.record import load
from core.storage.statements import bulk_insert, bulk_update, table_of
from core.tables.event import Event
from core.tables.instance import ElementInstance, Variable
from core.tables.schema import upgrade
from core.tables.task import Task
from core.turn.workingset import Load, WorkingSet


def stored(row: object) -> dict[str, object]:
    """What the database gets."""
    insert = bulk_insert(type(row))
    return dict(zip(insert.columns, insert.row(row), strict=True))


def read_back(task: Task) -> Task:
    return load(Task, tuple(stored(task).values()))


def test_a_value_is_stored_as_compact_text() -> None:
    row = stored(Task(tags=("a", "ü"), headers={"k": "v"}, ext={"x": {"n": [1, None, True]}}, pending={"trigger": "t"}))
    assert (row["tags"], row["headers"]) == ('["a","ü"]', '{"k":"v"}')
    assert (row["ext"], row["pending"]) == ('{"x":{"n":[1,null,true]}}', '{"trigger":"t"}')


def test_what_is_empty_has_the_text_that_its_column_says() -> None:
    for task in (Task(), Task(tags=(), headers={}, ext={}, pending={})):
        row = stored(task)
        assert [row[n] for n in ("tags", "headers", "ext", "pending")] == ["[]", "{}", "{}", ""]
        assert (task.tags, task.headers, task.ext, task.pending) == ((), {}, {}, {})
    assert stored(ElementInstance())["arrived"] == ""


def test_a_row_is_read_as_values() -> None:
    task = read_back(Task(tags=("a",), candidate_users=("ann",), ext={"x": {"n": 1}}, name="N", number=7))
    assert (task.tags, task.candidate_users, task.candidate_groups) == (("a",), ("ann",), ())
    assert (task.ext, task.pending, task.name, task.number) == ({"x": {"n": 1}}, {}, "N", 7)
    assert "x" in task.ext
    assert "n" not in task.ext


def test_the_text_is_parsed_once_and_only_for_whoever_asks() -> None:
    task = read_back(Task(ext={"x": {"n": 1}}))
    assert task.ext is task.ext
    broken = load(Task, tuple({**stored(Task()), "ext": "no JSON"}.values()))
    assert (broken.tags, broken.headers) == ((), {})
    with pytest.raises(orjson.JSONDecodeError):
        broken.ext  # noqa: B018  it is read


def test_nobody_puts_anything_into_the_empty_map_that_all_rows_share() -> None:
    event = Event()
    after = cast(dict[str, Any], event.after)
    spoilers: tuple[Callable[[], object], ...] = (
        lambda: after.__setitem__("a", 1),
        lambda: after.setdefault("a", 1),
        lambda: after.update(a=1),
        lambda: after.__ior__({"a": 1}),
    )
    for spoil in spoilers:
        with pytest.raises(TypeError):
            spoil()
    assert Task().ext == Event().after == {}
    assert orjson.dumps(event.after) == b"{}"


def test_a_row_keeps_what_it_was_given_whatever_becomes_of_that() -> None:
    said = {"x": {"n": 1}}
    task = Task(ext=said)
    said["x"]["n"] = 2
    assert task.ext == {"x": {"n": 1}}
    task.ext = said
    said["x"]["n"] = 3
    assert task.ext == {"x": {"n": 2}}


def test_a_copy_is_a_row_of_its_own() -> None:
    task = Task(ext={"x": {}}, tags=("a",))
    again = copy(task)
    again.tags = ("b",)
    assert (task.tags, again.tags, again.ext) == (("a",), ("b",), {"x": {}})


def test_text_instead_of_a_value_is_a_mistake() -> None:
    task = Task(ext={"x": {}})
    with pytest.raises(TypeError):
        Task(ext='{"x":{}}')  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        task.ext = "{}"  # type: ignore[assignment]
    with pytest.raises(TypeError):
        task.ext = {"x": {"s": {1, 2}}}
    assert (task.ext, stored(task)["ext"]) == ({"x": {}}, '{"x":{}}')


def test_a_variable_is_text_and_what_it_stands_for() -> None:
    variable = Variable(name="v", value='{"a":[1]}')
    assert (variable.value, variable.parsed) == ('{"a":[1]}', {"a": [1]})
    assert Variable().parsed is None


def test_an_update_writes_the_text() -> None:
    update = bulk_update(Task, ("ext", "tags"))
    assert update.row(Task(key=5, ext={"x": {}}, tags=("a",))) == ('{"x":{}}', '["a"]', 5)


def test_the_tables_themselves_know_the_text_of_what_is_empty() -> None:
    columns = table_of(Task).c
    defaults = [columns[n].default for n in ("tags", "ext", "pending")]
    assert [d.arg for d in defaults if isinstance(d, ScalarElementColumnDefault)] == ["[]", "{}", ""]
    assert not any(columns[n].nullable for n in ("tags", "ext", "pending"))


def test_what_a_refused_command_did_is_undone_in_columns_of_json_too(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/rows.db")
    upgrade(store)
    connection = store.connect()
    made = WorkingSet(connection)
    made.add(Task(key=1, uid="a", ext={"x": {"n": 1}}, candidate_users=("ann",)))
    made.write()
    ws = WorkingSet(connection)
    ws.load([Load(Task, "key", (1,))])
    (task,) = ws.find(Task, "key", 1)
    mark = ws.mark()
    ws.change(task, ext={"x": {"n": 2}}, candidate_users=())
    assert (task.ext, task.candidate_users) == ({"x": {"n": 2}}, ())
    ws.undo(mark)
    assert (task.ext, task.candidate_users, stored(task)["ext"]) == ({"x": {"n": 1}}, ("ann",), '{"x":{"n":1}}')
    connection.close()
    store.close()
