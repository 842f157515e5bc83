"""What cases of a project need of the engine: turns, drafts, pauses, variables, and people who go."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.graph.graph import Element, ElementKind, Flow, Graph, Participants, TaskTemplate
from core.instance.commands import CancelInstance, SetVariables, StartInstance
from core.instance.queries import InstanceByKey, Variables
from core.people.commands import (
    AddMember,
    CloseUser,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    SetPassword,
    UpdateUser,
)
from core.people.queries import GroupsOf, ListUsers
from core.principal import Principal, system
from core.process.commands import AddAssignee, DeployProcess, RemoveAssignee, UpdateActivity
from core.process.queries import ActivitiesByKey
from core.rejections import Conflict, ExecutionFailed, Forbidden, Invalid, NotFound, WrongState
from core.search.query import Where
from core.tables.process import Activity
from core.task.commands import CompleteTask, CreateTask, PauseTask, ReassignTask, ResumeTask
from core.task.queries import SearchTasks, TaskByKey, TasksOf
from core.types import AssigneeKind, AssignmentKind, Distribution, InstanceState, Permission, UserStatus
from tests.support.rounds import rounds
from tests.unit.conftest import Living

USER, GROUP, ORDINARY = AssigneeKind.USER, AssigneeKind.GROUP, AssignmentKind.ORDINARY


def row(process_id: str, *names: str) -> Graph:
    """User tasks one after the other."""
    tasks = [Element(name, ElementKind.USER_TASK, name, task=TaskTemplate()) for name in names]
    ids = ["start", *names, "end"]
    flows = tuple(Flow(f"f{n}", ids[n], ids[n + 1]) for n in range(len(ids) - 1))
    start, end = Element("start", ElementKind.START_EVENT), Element("end", ElementKind.END_EVENT)
    return Graph(process_id, process_id.title(), (start, *tasks, end), flows)


async def deploy(engine: Engine, who: Principal, graph: Graph) -> tuple[int, dict[str, Activity]]:
    """(the process's key, its activities by element id)"""
    deployed = await engine.execute(DeployProcess(graph), who)
    probe = await engine.execute(StartInstance(deployed.process_key), who)
    known = (await engine.ask(InstanceByKey(probe.key), who)).known
    await engine.execute(CancelInstance(probe.key), who)
    found = await engine.ask(ActivitiesByKey(tuple(known.activities.values())), who)
    return deployed.process_key, {id: found[key] for id, key in known.activities.items()}


def me(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")


@settings(max_examples=rounds(20))
@given(st.integers(1, 3), st.integers(0, 2), st.booleans(), st.integers(1, 9))
def test_tasks_go_round_evenly(living: Living, users: int, members: int, leave: bool, cases: int) -> None:
    """Among the ordinary assignees and the members of groups; who is on vacation is left out."""
    engine, who = living.engine, living.who

    async def check() -> None:
        process, activities = await deploy(engine, who, row("round", "work"))
        key = activities["work"].key
        mark = str(await _count(engine, who))
        names = [f"u{n}-{mark}" for n in range(users + members)]
        for name in names:
            await engine.execute(CreateUser(name), who)
        everybody = {u.username: u for u in await engine.ask(ListUsers(), who)}
        group = await engine.execute(CreateGroup(f"g-{mark}"), who)
        for name in names[users:]:
            await engine.execute(AddMember(f"g-{mark}", name), who)
        wanted = [(USER, everybody[n].uid) for n in names[:users]] + [(GROUP, group.uid)]
        for kind, uid in wanted:
            await engine.execute(AddAssignee(key, ORDINARY, kind, uid), who)
        if leave and len(names) > 1:
            await engine.execute(UpdateUser(names.pop(0), status=UserStatus.VACATION), who)
        await engine.execute(UpdateActivity(key, Distribution.BALANCE), who)
        got = []
        for _ in range(cases):
            started = await engine.execute(StartInstance(process), who)
            got.append(started.tasks[0].assignee)
        for _, uid in wanted:
            await engine.execute(RemoveAssignee(key, ORDINARY, uid), who)
        counts = [got.count(name) for name in names]
        assert sum(counts) == cases
        assert max(counts) - min(counts) <= 1

    living.run(check())


async def _count(engine: Engine, who: Principal) -> int:
    return len(await engine.ask(ListUsers(), who))


async def test_a_loop_of_one_element_keeps_its_candidates(engine: Engine) -> None:
    """Each task of the activity is offered to its assignees, also if nothing else happens in between."""
    who = me(engine)
    graph = row("again", "work")
    gate = Element("again?", ElementKind.EXCLUSIVE_GATEWAY, default_flow="out")
    flows = (
        Flow("f0", "start", "work"),
        Flow("f1", "work", "again?"),
        Flow("back", "again?", "work", "again"),
        Flow("out", "again?", "end"),
    )
    process, activities = await deploy(
        engine, who, dataclasses.replace(graph, elements=(*graph.elements, gate), flows=flows)
    )
    await engine.execute(CreateUser("ann"), who)
    (ann,) = (u for u in await engine.ask(ListUsers(), who) if u.username == "ann")
    await engine.execute(AddAssignee(activities["work"].key, ORDINARY, USER, ann.uid), who)
    started = await engine.execute(StartInstance(process), who)
    await engine.execute(CompleteTask(started.tasks[0].key, variables={"again": True}), who)
    first, second = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert (first.state, second.state) == ("COMPLETED", "CREATED")
    assert first.candidate_users == second.candidate_users == ("ann",)


async def test_a_draft_is_one_until_it_is_sent_on(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("draft", "ask", "decide"))
    started = await engine.execute(StartInstance(process, assignee="ann", draft=True), who)
    drafts = SearchTasks((Where("draft", "eq", 1), Where("ended_at", "exists", False)))
    assert [v.task.key for v in (await engine.ask(drafts, who)).items] == [started.tasks[0].key]
    await engine.execute(CompleteTask(started.tasks[0].key), who)
    first, second = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert (first.draft, second.draft) == (1, 0), "what was a draft remains known"
    assert (await engine.ask(drafts, who)).items == ()


async def test_where_to_start(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("middle", "one", "two"))
    started = await engine.execute(StartInstance(process, element_id="two"), who)
    (task,) = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert task.element_id == "two"
    with pytest.raises(ExecutionFailed):
        await engine.execute(StartInstance(process, element_id="three"), who)


async def test_a_pause_ends_by_itself_or_by_hand(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    who = me(engine)
    started = await engine.execute(CreateTask("work", assignee="ann"), who)
    key = started.tasks[0].key
    until = engine.clock() + 60_000

    async def paused(at: int) -> bool:
        found = await engine.ask(SearchTasks((Where("key", "eq", key), Where("paused", "eq", at))), who)
        awake = await engine.ask(SearchTasks((Where("key", "eq", key), Where("paused", "neq", at))), who)
        assert len(found.items) + len(awake.items) == 1
        return bool(found.items)

    with pytest.raises(Conflict):
        await engine.execute(ResumeTask(key), who)
    with pytest.raises(Invalid):
        await engine.execute(PauseTask(key, 2**63), who)
    await engine.execute(PauseTask(key, until), who)
    with pytest.raises(Conflict):
        await engine.execute(PauseTask(key), who)
    assert await paused(until - 1)
    assert not await paused(until)
    await engine.execute(ResumeTask(key), who)
    await engine.execute(PauseTask(key), who)
    assert await paused(2**40), "without an end"
    with pytest.raises(Forbidden):
        await engine.execute(ResumeTask(key, holder="bob"), who)
    await engine.execute(CompleteTask(key), who)
    assert (await engine.ask(TaskByKey(key), who)).task.state == "COMPLETED", "a pause is a note, not a lock"
    for command in (PauseTask(key), ResumeTask(key)):
        with pytest.raises(WrongState):
            await engine.execute(command, who)
    with pytest.raises(NotFound):
        await engine.execute(PauseTask(1), who)


async def test_variables_are_merged_while_the_instance_runs(engine: Engine) -> None:
    who = me(engine)
    started = await engine.execute(CreateTask("work"), who)
    await engine.execute(SetVariables(started.key, {"a": 1, "b": {"x": [1]}}), who)
    await engine.execute(SetVariables(started.key, {"a": None}), who)
    assert await engine.ask(Variables(started.key), who) == {"a": None, "b": {"x": [1]}}
    await engine.execute(CompleteTask(started.tasks[0].key), who)
    with pytest.raises(WrongState):
        await engine.execute(SetVariables(started.key, {"a": 2}), who)


async def test_only_the_one_who_has_it_alone_cancels(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("mine", "work"))
    started = await engine.execute(StartInstance(process, assignee="ann"), who)
    with pytest.raises(Forbidden):
        await engine.execute(CancelInstance(started.key, sole_holder="bob"), who)
    await engine.execute(CancelInstance(started.key, sole_holder="ann"), who)
    assert (await engine.ask(InstanceByKey(started.key), who)).instance.state == InstanceState.TERMINATED
    both = Graph(
        "both",
        "Both",
        (
            Element("start", ElementKind.START_EVENT),
            Element("split", ElementKind.PARALLEL_GATEWAY),
            *(Element(n, ElementKind.USER_TASK, task=TaskTemplate(assignee="ann")) for n in ("a", "b")),
            *(Element(f"end-{n}", ElementKind.END_EVENT) for n in ("a", "b")),
        ),
        (
            Flow("f", "start", "split"),
            *(Flow(f"to-{n}", "split", n) for n in ("a", "b")),
            *(Flow(f"from-{n}", n, f"end-{n}") for n in ("a", "b")),
        ),
    )
    process, _ = await deploy(engine, who, both)
    started = await engine.execute(StartInstance(process), who)
    with pytest.raises(Conflict):
        await engine.execute(CancelInstance(started.key, sole_holder="ann"), who)


async def test_what_is_only_planned_is_in_nobodys_way(engine: Engine) -> None:
    """The holder of the one open task cancels, although the task of a later element is there already."""
    who = me(engine)
    for name in ("ann", "bob", "cec"):
        await engine.execute(CreateUser(name), who)
    keys = {u.username: u.key for u in await engine.ask(ListUsers(), who)}
    graph = row("planned", "one", "two")
    several = {"one": Participants((keys["ann"],)), "two": Participants((keys["bob"],))}
    elements = tuple(
        dataclasses.replace(e, task=TaskTemplate(participants=several[e.id])) if e.task is not None else e
        for e in graph.elements
    )
    deployed = await engine.execute(DeployProcess(dataclasses.replace(graph, elements=elements)), who)
    started = await engine.execute(StartInstance(deployed.process_key), who)
    await engine.execute(ReassignTask(started.tasks[0].key, "cec"), who)
    with pytest.raises(Forbidden):
        await engine.execute(CancelInstance(started.key, sole_holder="bob"), who)
    await engine.execute(CancelInstance(started.key, sole_holder="cec"), who)


async def test_somebody_leaves_for_good(engine: Engine) -> None:
    who = me(engine)
    process, activities = await deploy(engine, who, row("leaves", "work"))
    await engine.execute(CreateUser("ann"), who)
    await engine.execute(CreateGroup("staff"), who)
    await engine.execute(AddMember("staff", "ann"), who)
    (ann,) = (u for u in await engine.ask(ListUsers(), who) if u.username == "ann")
    await engine.execute(AddAssignee(activities["work"].key, ORDINARY, USER, ann.uid), who)
    started = await engine.execute(StartInstance(process, assignee="ann"), who)
    with pytest.raises(Conflict):
        await engine.execute(CloseUser("ann"), who)
    await engine.execute(CompleteTask(started.tasks[0].key), who)
    await engine.execute(CloseUser("ann"), who)
    assert await engine.ask(GroupsOf(ann.key), who) == ()
    later = await engine.execute(StartInstance(process), who)
    (task,) = (await engine.ask(TasksOf((later.key,)), who))[later.key]
    assert task.candidate_users == ()
    again = await engine.execute(CreateUser("ann"), who)
    assert again.key != ann.key
    (done,) = (await engine.ask(TasksOf((started.key,)), who))[started.key]
    assert done.assignee == ann.uid, "the new one did not do what the old one did"


async def test_a_group_in_use_is_not_removed_as_unused(engine: Engine) -> None:
    who = me(engine)
    _, activities = await deploy(engine, who, row("used", "work"))
    group = await engine.execute(CreateGroup("staff"), who)
    await engine.execute(AddAssignee(activities["work"].key, ORDINARY, GROUP, group.uid), who)
    with pytest.raises(Conflict):
        await engine.execute(DeleteGroup("staff", unused=True), who)
    await engine.execute(RemoveAssignee(activities["work"].key, ORDINARY, group.uid), who)
    await engine.execute(DeleteGroup("staff", unused=True), who)


async def test_nobody_gives_away_more_than_he_may_do(engine: Engine) -> None:
    who = me(engine)
    everything = frozenset(Permission)
    await engine.execute(CreateUser("chief", permissions=everything), who)
    await engine.execute(CreateUser("clerk", permissions=frozenset({Permission.MANAGE_USERS})), who)
    clerk = Principal(
        engine.default_tenant, 1, "clerk", "test", permissions=frozenset({Permission.MANAGE_USERS, Permission.WORK})
    )
    await engine.execute(UpdateUser("clerk", first_name="Clara"), clerk)
    await engine.execute(CreateUser("helper", permissions=frozenset({Permission.WORK})), clerk)
    for command in (
        CreateUser("friend", permissions=everything),
        UpdateUser("helper", permissions=everything),
        UpdateUser("chief", password_hash="x"),
        SetPassword("chief", "x"),
        CloseUser("chief"),
        DeleteUser("chief"),
    ):
        with pytest.raises(Forbidden):
            await engine.execute(command, clerk)
    (chief,) = (u for u in await engine.ask(ListUsers(), who) if u.username == "chief")
    assert chief.password_hash == ""
