"""Who is to have the tasks of an activity."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow
from core.instance.commands import StartInstance
from core.people.commands import AddMember, CreateGroup, CreateUser, UpdateUser
from core.people.queries import ListUsers
from core.principal import Principal
from core.process.commands import AddAssignee, RemoveAssignee, UpdateActivity
from core.task.commands import CompleteTask
from core.task.queries import TasksOf
from core.types import AssigneeKind, AssignmentKind, Distribution, UserStatus
from tests.support.graphs import deploy, me, row
from tests.support.rounds import rounds
from tests.unit.conftest import Living

USER, GROUP, ORDINARY = AssigneeKind.USER, AssigneeKind.GROUP, AssignmentKind.ORDINARY


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
