"""Pages of a search, whatever is remembered between them: they are what a single list of all rows would be cut into."""

import itertools
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.instance.fields import InstanceSort, InstanceWhere
from core.instance.queries import SearchInstances
from core.process.commands import DeployProcess
from core.search import search
from core.search.query import Is, PageRequest, Sort, Where
from core.search.totals import LISTS, SEARCHES, Known, Totals
from core.task.commands import AssignTask, CompleteTask, CreateTask
from core.task.fields import TaskSort, TaskWhere
from core.task.queries import SearchTasks
from tests.support.rounds import rounds
from tests.unit.conftest import Living

ALL = PageRequest(limit=None, cap=None)
SORTS: tuple[tuple[TaskSort, ...], ...] = (
    (),
    (Sort("name"),),
    (Sort("due_at", True), Sort("name")),
    (Sort("instance_number", True),),
    (Sort("changed_at", True), Sort("key", True)),
)

_users = itertools.count()


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages begin to be far away sooner than for users."""
    monkeypatch.setattr(search, "NEAR", 3)


async def _create(living: Living, user: str, number: int) -> None:
    due = None if number % 3 == 0 else 1000 + number % 5
    await living.engine.execute(CreateTask(f"t{number % 7}", assignee=user, due_at=due), living.who)


@settings(max_examples=rounds(20))
@given(st.data())
def test_offsets_cut_the_list_into_pages_while_it_grows(living: Living, data: st.DataObject) -> None:
    user = f"user{next(_users)}"
    mine: tuple[TaskWhere, ...] = (Where("assignee", "eq", user),)
    size, limit, sort = data.draw(st.integers(0, 12)), data.draw(st.integers(1, 5)), data.draw(st.sampled_from(SORTS))
    cap = data.draw(st.sampled_from((None, 5, 10_000)))

    async def check() -> None:
        for n in range(size):
            await _create(living, user, n)
        for n in range(size, size + 3):
            whole = await living.engine.ask(SearchTasks(mine, sort, ALL), living.who)
            keys = [v.task.key for v in whole.items]
            assert len(keys) == n
            for offset in range(0, n + limit, limit):
                page = await living.engine.ask(SearchTasks(mine, sort, PageRequest(limit, offset, cap=cap)), living.who)
                assert [v.task.key for v in page.items] == keys[offset : offset + limit]
                assert page.total == min(n, cap or n), "a page knows how many there are"
                assert page.capped == (cap is not None and n > cap)
            await _create(living, user, n)

    living.run(check())


def _three_in_a_row() -> Graph:
    tasks = [Element(f"t{n}", ElementKind.USER_TASK, task=TaskTemplate()) for n in range(3)]
    ids = ["start", *(t.id for t in tasks), "end"]
    flows = [Flow(f"f{n}", *pair) for n, pair in enumerate(itertools.pairwise(ids))]
    start, end = Element("start", ElementKind.START_EVENT), Element("end", ElementKind.END_EVENT)
    return Graph("row", "Row", (start, *tasks, end), tuple(flows))


@settings(max_examples=rounds(20))
@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=3), max_size=8), st.booleans())
def test_somebodys_instances_each_once(living: Living, cases: list[list[bool]], down: bool) -> None:
    """However many of its tasks are or were theirs."""
    user = f"participant{next(_users)}"
    engine, who = living.engine, living.who

    async def check() -> None:
        process = (await engine.execute(DeployProcess(_three_in_a_row()), who)).process_key
        mine = []
        for case in cases:
            started = await engine.execute(StartInstance(process), who)
            for theirs in case:
                is_open = SearchTasks((Where("instance_key", "eq", started.key), Where("state", "eq", "CREATED")))
                (task,) = (v.task.key for v in (await engine.ask(is_open, who)).items)
                await engine.execute(AssignTask(task, user if theirs else "somebody"), who)
                await engine.execute(CompleteTask(task), who)
            if any(case):
                mine.append(started.key)
        mine = mine[::-1] if down else mine
        where: tuple[InstanceWhere, ...] = (Is("participant", user),)
        sort: tuple[InstanceSort, ...] = (Sort("number", down),)
        for offset in range(0, len(mine) + 2, 2):
            page = await engine.ask(SearchInstances(where, sort, PageRequest(2, offset, cap=None)), who)
            assert [v.instance.key for v in page.items] == mine[offset : offset + 2]
            assert page.total == len(mine)
        after = None
        for key in mine:
            page = await engine.ask(SearchInstances(where, sort, PageRequest(1, after=after)), who)
            assert [v.instance.key for v in page.items] == [key]
            after = page.end
        first = await engine.ask(SearchInstances(where, sort, PageRequest(8, before=after)), who)
        assert [v.instance.key for v in first.items] == mine[:-1]

    living.run(check())


class Crowded(Totals):
    """Whenever somebody keeps keys, others who read at the same time keep theirs, and the bound is reached."""

    def keep(self, known: Known, keys: "array[int]") -> None:
        super().keep(known, keys)
        for n in range(LISTS):
            super().keep(self._state[1].setdefault(n, Known()), array("q"))


def test_a_page_has_its_rows_though_others_take_the_place_of_its_keys(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = f"user{next(_users)}"
    mine: tuple[TaskWhere, ...] = (Where("assignee", "eq", user),)
    monkeypatch.setattr(living.engine._known, "totals", Crowded())

    async def check() -> None:
        for n in range(8):
            await _create(living, user, n)
        page = await living.engine.ask(SearchTasks(mine, (Sort("name"),), PageRequest(3, 4)), living.who)
        assert (len(page.items), page.total) == (3, 8)

    living.run(check())


def test_what_is_remembered_has_a_bound() -> None:
    memory = Totals()
    for n in range(LISTS + 5):
        memory.keep(memory.of(1, n), array("q", [n]))
    assert sum(memory.of(1, n).keys is not None for n in range(LISTS + 5)) == LISTS
    assert memory.of(1, LISTS).total == 1
    assert memory.of(2, LISTS).total is None, "another state of the database"
    for n in range(SEARCHES * 2):
        memory.of(2, n)
    assert len(memory._state[1]) <= SEARCHES
