"""Whoever has little beside much of others waits as if there were no others: how lists find their rows."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from core.instance.queries import SearchInstances
from core.search import search
from core.search.query import Is, Isnt, Page, PageRequest, Query, Sort, Where, either
from core.search.totals import Totals
from core.task.commands import CreateTask
from core.task.fields import TaskSort
from core.task.queries import SearchNumbered, SearchTasks
from tests.support.crowd import crowd
from tests.unit.conftest import Living

NEWEST: tuple[TaskSort, ...] = (Sort("created_at", True), Sort("key", True))
LATEST_CASE: tuple[TaskSort, ...] = (Sort("instance_number", True),)
ALL, TEN, PORTION, HUNDRED = (PageRequest(limit, cap=None) for limit in (None, 10, 25, 100))

PLANS: Mapping[str, Query[Page[Any]]] = {
    "INUBIT, a list": SearchTasks((
        Is("open_to", ("mary", ("Managers",))), Where("state", "in", ["CREATED"]), Is("unexpired", 1),
    ), NEWEST, ALL),
    "INUBIT, of roles": SearchTasks((
        Where("candidate_group", "in", ("Managers",)), Where("state", "in", ["CREATED"]),
    ), NEWEST, ALL),
    "infoRouter, due": SearchTasks((
        Where("state", "in", ["CREATED"]), Is("concerns", ("mary", 7)), Where("removed", "eq", 0),
    ), (Sort("due_at"),), ALL, planned=True),
    "infoRouter, all numbers": SearchNumbered((Is("concerns", ("mary", 7)),), (Sort("key"),), ALL),
    "infoRouter, a page": SearchNumbered((Is("concerns", ("mary", 7)),), (Sort("key"),), TEN),
    "ProcessMaker, inbox": SearchTasks((
        Where("assignee", "eq", "mary"), Where("ended_at", "exists", False), Isnt("paused", 1), Where("draft", "eq", 0),
    ), LATEST_CASE, ALL),
    "ProcessMaker, unassigned": SearchTasks((
        Is("visible_to", ("mary", ["Managers"])), Where("assignee", "exists", False),
        Where("ended_at", "exists", False), Where("draft", "eq", 0),
    ), LATEST_CASE, ALL),
    "ProcessMaker, participated": SearchInstances((Is("participant", "mary"),), (Sort("number", True),), ALL),
    "ProcessMaker, participated by title": SearchInstances(
        (Is("participant", "mary"),), (Sort("title", True), Sort("number", True)), PORTION,
    ),
    "Camunda": SearchTasks((Where("assignee", "eq", "mary"),), (Sort("name"),), HUNDRED),
    "Camunda, with authorizations": SearchTasks((either(
        (Where("process_id", "in", ["approve"]),), (Where("key", "in", [1]),), (Where("assignee", "in", ["mary"]),),
        (Where("candidate_group", "in", ["Managers"]),),
    ),), (), HUNDRED),
    "facilioo, tasks": SearchTasks((either(
        (Is("visible_to", ("mary", ("Managers",))),), (Where("creator", "eq", "mary"),),
    ),), (Sort("key"),), HUNDRED),
    "facilioo, processes": SearchInstances((either(
        (Is("involved", (7,)),), (Where("creator", "eq", "mary"),), (Is("participant", "mary"),),
    ),), (Sort("key"),), HUNDRED),
}  # fmt: skip
OTHERS = 5_000
#: steps of SQLite that look at more than what somebody has
_AT_ALL = re.compile(r"SCAN (task|instance|holding)\b|(task|instance|holding) USING .*INDEX \S+ \(tenant_key=\?\)")


@pytest.fixture(scope="module")
def beside(living: Living) -> Living:
    living.run(crowd(living.engine, "robert", OTHERS, groups=("Others",)))
    living.run(crowd(living.engine, "mary", 3))
    living.run(crowd(living.engine, None, 3, groups=("Managers",)))
    for more in ({"assigned_by": "mary"}, {"supervisor": "mary"}, {"candidate_users": ("mary",)}):
        living.run(living.engine.execute(CreateTask("Theirs too", assignee="robert", **more), living.who))
    if not living.engine.store.inline:
        living.connection.execute("ANALYZE", {})  # as PostgreSQL does by itself
    return living


@pytest.mark.parametrize("name", PLANS)
def test_what_indexes_tell_changes_no_list(beside: Living, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def keys() -> tuple[list[int], int]:
        page = beside.run(beside.engine.ask(PLANS[name], beside.who))
        return [item.instance.key if hasattr(item, "instance") else item.task.key for item in page.items], page.total

    found = keys()
    assert found[0] or "authorizations" in name
    with monkeypatch.context() as patched:
        for bound in ("FEW", "MANY"):
            patched.setattr(search, bound, -1)
        patched.setattr(beside.engine._known, "totals", Totals())
        assert keys() == found


@pytest.mark.parametrize("name", PLANS)
def test_lists_look_at_what_somebody_has(beside: Living, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statement by statement: each finds its rows by an index on more than the tenant."""
    asked: list[tuple[str, Any]] = []
    cls = type(beside.connection)
    execute = cls.execute

    def noting(connection: Any, text: str, params: Any) -> Any:
        if "FROM" in text:
            asked.append((text, params))
        return execute(connection, text, params)

    with monkeypatch.context() as noted:
        noted.setattr(cls, "execute", noting)
        beside.run(beside.engine.ask(PLANS[name], beside.who))
    assert asked
    for text, params in asked:
        if beside.engine.store.inline:
            plan = [str(row[-1]) for row in beside.connection.execute(f"EXPLAIN QUERY PLAN {text}", params)[0]]
            assert not [step for step in plan if _AT_ALL.search(step)], "\n".join([text, *plan])
        else:
            rows = beside.connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", params)[0]
            assert _most_rows(rows[0][0][0]["Plan"]) < OTHERS / 2, text


def _most_rows(plan: dict[str, Any]) -> int:
    """Rows that a step has looked at, those that it threw away included."""
    own = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0)
    return int(max([own * plan.get("Actual Loops", 1), *map(_most_rows, plan.get("Plans", ()))]))
