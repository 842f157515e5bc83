"""People and groups that go, and what holds them."""

import pytest

from core.engine import Engine
from core.instance.commands import StartInstance
from core.people.commands import AddMember, CloseUser, CreateGroup, CreateUser, DeleteGroup
from core.people.queries import GroupsOf, ListUsers
from core.process.commands import AddAssignee, RemoveAssignee
from core.rejections import Conflict
from core.task.commands import CompleteTask
from core.task.queries import TasksOf
from core.types import AssigneeKind, AssignmentKind
from tests.support.graphs import deploy, me, row

USER, GROUP, ORDINARY = AssigneeKind.USER, AssigneeKind.GROUP, AssignmentKind.ORDINARY


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
