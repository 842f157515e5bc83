"""Searching by what a dialect keeps with a task, and sorting like a dictionary, on both databases."""

from core.engine import Engine
from core.principal import system
from core.search.kept import can_name, kept_at
from core.search.query import PageRequest, Sort, Where
from core.task.commands import CreateTask
from core.task.fields import TaskSort, TaskWhere
from core.task.queries import SearchTasks

ODD = ("a b", "ä/ö", "'", "$.x", "{1}", "x")


async def _names(engine: Engine, *where: TaskWhere, sort: tuple[TaskSort, ...] = (Sort("key"),)) -> list[str]:
    found = await engine.ask(SearchTasks(where, sort, PageRequest(100)), system(engine.default_tenant))
    return [view.task.name for view in found.items]


async def test_what_is_kept_is_found_and_sorted_by(engine: Engine) -> None:
    who = system(engine.default_tenant)
    for n, value in enumerate(("b", "C", "a", None)):
        ext = {"words": {"fields": {name: value for name in ODD if value is not None}, "flag": True}}
        await engine.execute(CreateTask(f"t{n}", ext=ext), who)
    await engine.execute(CreateTask("other"), who)
    for name in ODD:
        assert can_name(name)
        field = kept_at(f"words/fields/{name}")
        assert await _names(engine, Where(field, "eq", "a")) == ["t2"], name
        assert await _names(engine, Where(field, "ilike", "c*")) == ["t1"]
        assert await _names(engine, Where(field, "in", ("a", "b"))) == ["t0", "t2"]
        assert await _names(engine, Where(field, "exists", False)) == ["t3", "other"]
        assert await _names(engine, sort=(Sort(field),)) == ["t1", "t2", "t0", "t3", "other"]
        assert await _names(engine, sort=(Sort(field, True),)) == ["t0", "t2", "t1", "t3", "other"]
        assert (await _names(engine, sort=(Sort(field, dictionary=True),)))[:3] == ["t2", "t0", "t1"]
    assert not can_name('"')
    assert not can_name("")


async def test_a_dictionary_puts_umlauts_beside_their_vowels(engine: Engine) -> None:
    wanted = ["Abend", "Äbte", "abzug", "Straße", "strassenbau", "Über", "ufer"]
    for name in sorted(wanted):
        await engine.execute(CreateTask(name), system(engine.default_tenant))
    assert await _names(engine, sort=(Sort("name", dictionary=True),)) == wanted
    assert await _names(engine, sort=(Sort("name", True, dictionary=True),)) == wanted[::-1]
