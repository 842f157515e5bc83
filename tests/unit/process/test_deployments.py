"""Deployments of several things at once, versions to start, and the scopes of variables."""

import pytest

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import SetVariables, StartInstance
from core.instance.queries import (
    ElementByKey,
    InstanceByKey,
    ScopesOf,
    SearchElements,
    SearchInstances,
    SearchVariables,
)
from core.principal import Principal
from core.process.commands import Deploy, DeployProcess, NewResource
from core.process.queries import DefinitionByVersion, LatestResources, ListProcesses, SearchDefinitions
from core.rejections import Forbidden, Invalid, NotFound, WrongState
from core.search.query import Comparison, Isnt, Sort, Where
from core.task.commands import CompleteTask, CreateTask
from core.task.fields import TaskField
from core.task.queries import SearchTasks, TasksOf
from core.types import Permission, ResourceKind
from tests.support.graphs import me, row

FORM = NewResource(ResourceKind.FORM, "form", "form.form", "{}")


def nested() -> Graph:
    """A task in a sub-process."""
    return Graph(
        "outer",
        "Outer",
        (
            Element("start", ElementKind.START_EVENT),
            Element("sub", ElementKind.SUB_PROCESS, "Inner"),
            Element("inner", ElementKind.START_EVENT, parent="sub"),
            Element("work", ElementKind.USER_TASK, "Work", parent="sub", task=TaskTemplate()),
        ),
        (Flow("f1", "start", "sub"), Flow("f2", "inner", "work")),
    )


async def test_all_or_nothing(engine: Engine) -> None:
    who = me(engine)
    before = len(await engine.ask(ListProcesses(), who))
    faulty = Graph("faulty", "", (Element("end", ElementKind.END_EVENT),), ())
    both = (DeployProcess(row("good", "work")), DeployProcess(faulty))
    with pytest.raises(Invalid):
        await engine.execute(Deploy(both, (FORM,)), who)
    assert len(await engine.ask(ListProcesses(), who)) == before
    assert await engine.ask(LatestResources(ResourceKind.FORM, ("form",)), who) == {}
    worker = Principal(engine.default_tenant, 1, "ann", "test", permissions=frozenset({Permission.WORK}))
    with pytest.raises(Forbidden):
        await engine.execute(Deploy((), (FORM,)), worker)


async def test_each_changed_thing_is_a_new_version(engine: Engine) -> None:
    who = me(engine)
    first = await engine.execute(Deploy((DeployProcess(row("p", "work")),), (FORM,)), who)
    again = await engine.execute(Deploy((DeployProcess(row("p", "work")),), (FORM,)), who)
    assert (again.processes[0].changed, again.resources[0].changed) == (False, False)
    assert again.resources[0].key == first.resources[0].key
    assert again.key != first.key
    changed = NewResource(ResourceKind.FORM, "form", "form.form", '{"a":1}')
    newer = await engine.execute(Deploy((DeployProcess(row("p", "work", "more"), version_tag="two"),), (changed,)), who)
    assert (newer.processes[0].version, newer.resources[0].version) == (2, 2)
    latest = await engine.ask(LatestResources(ResourceKind.FORM, ("form", "none")), who)
    assert {id: found.version for id, found in latest.items()} == {"form": 2}
    other_kind = NewResource(ResourceKind.FILE, "form", "form.form", "{}")
    assert (await engine.execute(Deploy((), (other_kind,)), who)).resources[0].version == 1
    assert (await engine.ask(DefinitionByVersion("p"), who)).definition.version_tag == "two"
    old = await engine.ask(SearchDefinitions((Where("process_id", "eq", "p"), Isnt("latest"))), who)
    assert [known.definition.version for known in old.items] == [1]


async def test_an_older_version_is_started(engine: Engine) -> None:
    who = me(engine)
    old = await engine.execute(DeployProcess(row("p", "work")), who)
    new = await engine.execute(DeployProcess(row("p", "other")), who)
    started = await engine.execute(
        StartInstance(old.process_key, definition_key=old.definition_key, tags=("a", "b"), business_id="X"), who
    )
    (task,) = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert task.element_id == "work"
    assert (await engine.ask(InstanceByKey(started.key), who)).instance.business_id == "X"
    await engine.execute(StartInstance(new.process_key), who)
    found = await engine.ask(SearchInstances((Where("tags", "like", '*"b"*'), Where("version", "eq", 1))), who)
    assert [v.instance.key for v in found.items] == [started.key]
    with pytest.raises(NotFound):
        await engine.execute(StartInstance(new.process_key, definition_key=started.key), who)
    for id, version, kind in (("q", -1, "process"), ("p", 3, "version")):
        with pytest.raises(NotFound) as refused:
            await engine.ask(DefinitionByVersion(id, version), who)
        assert refused.value.kind == kind


async def test_variables_of_scopes(engine: Engine) -> None:
    who = me(engine)
    deployed = await engine.execute(DeployProcess(nested()), who)
    started = await engine.execute(StartInstance(deployed.process_key, variables={"a": 1}), who)
    (task,) = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    element, sub, root = await engine.ask(ScopesOf(task.element_instance_key), who)
    assert root == started.key
    assert (await engine.ask(ElementByKey(sub), who)).element.name == "Inner"
    await engine.execute(SetVariables(root, {"a": 2, "b": 2}, element), who)
    await engine.execute(SetVariables(root, {"a": 3, "b": 3}, sub, local=True), who)
    await engine.execute(SetVariables(root, {"a": 4}, element, local=True), who)
    await engine.execute(SetVariables(root, {"a": 5, "b": 5, "c": 5}, element), who)

    async def seen() -> dict[tuple[int, str], str]:
        found = await engine.ask(SearchVariables((Where("instance_key", "eq", root),), (Sort("key"),)), who)
        return {(v.variable.scope_key, v.variable.name): v.variable.value for v in found.items}

    expected = {(root, "a"): "2", (root, "b"): "2", (sub, "a"): "3", (sub, "b"): "5", (element, "a"): "5"}
    assert await seen() == {**expected, (root, "c"): "5"}
    await engine.execute(CompleteTask(task.key, variables={"a": 6, "d": 6}), who)
    assert await seen() == {**expected, (root, "c"): "5", (element, "a"): "6", (root, "d"): "6"}
    for scope in (element, 1):
        with pytest.raises((NotFound, WrongState)):
            await engine.execute(SetVariables(root, {"x": 1}, scope), who)
    completed = SearchElements((Where("instance_key", "eq", root), Where("state", "eq", "COMPLETED")), (Sort("key"),))
    ended = await engine.ask(completed, who)
    assert [v.element.element_id for v in ended.items] == ["outer", "start", "sub", "inner", "work"]


@pytest.mark.parametrize(
    ("field", "op", "value", "found"),
    [
        ("instance_variable", "eq", ("n", "1"), ["one"]),
        ("instance_variable", "neq", ("n", "1"), ["two"]),
        ("instance_variable", "like", ("s", '"r*"'), ["one", "two"]),
        ("instance_variable", "in", ("n", ["2", "3"]), ["two"]),
        ("instance_variable", "exists", ("only", True), ["two"]),
        ("instance_variable", "exists", ("only", False), ["one"]),
        ("local_variable", "exists", ("n", True), []),
    ],
)
async def test_tasks_by_variables(
    engine: Engine, field: TaskField, op: Comparison, value: object, found: list[str]
) -> None:
    who = me(engine)
    await engine.execute(CreateTask("one", variables={"n": 1, "s": "red"}), who)
    await engine.execute(CreateTask("two", variables={"n": 2, "s": "rose", "only": None}), who)
    tasks = await engine.ask(SearchTasks((Where(field, op, value),), (Sort("key"),)), who)
    assert [v.task.name for v in tasks.items] == found
