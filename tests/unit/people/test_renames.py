"""People who get another name, and people who go."""

import pytest

from core.engine import Engine
from core.library.commands import RegisterDocument, SetLibraryMember
from core.library.queries import Documents, LibraryMembers
from core.people.commands import CreateGroup, CreateUser, DeleteUser, RenameUser
from core.people.queries import GroupsOf, ListUsers, UserByName
from core.rejections import Conflict, NotFound
from core.search.query import Where
from core.task.commands import CompleteTask, CreateTask
from core.task.queries import SearchTasks, TaskByKey
from core.types import AssigneeKind
from tests.support.papers import key_of, library, who


async def test_a_new_name_goes_with_everything(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    document = (await engine.execute(RegisterDocument(papers, "", "a.txt", owner="ann"), me)).key
    mine = await engine.execute(CreateTask("mine", assignee="ann", supervisor="ann", assigned_by="ann"), me)
    could = await engine.execute(CreateTask("could", candidate_users=("ann", "bob")), me)
    with pytest.raises(Conflict):
        await engine.execute(RenameUser("ann", "BOB"), me)
    with pytest.raises(NotFound):
        await engine.execute(RenameUser("nobody", "x"), me)
    await engine.execute(RenameUser("ann", "Anne"), me)
    task = (await engine.ask(TaskByKey(mine.tasks[0].key), me)).task
    assert (task.assignee, task.supervisor, task.assigned_by) == ("Anne", "Anne", "Anne")
    assert (await engine.ask(TaskByKey(could.tasks[0].key), me)).task.candidate_users == ("Anne", "bob")
    assert (await engine.ask(SearchTasks((Where("candidate_user", "eq", "Anne"),)), me)).total == 1
    assert (await engine.ask(Documents((document,)), me))[0].document.owner == "Anne"
    await engine.execute(RenameUser("Anne", "anne"), me)
    assert (await engine.ask(UserByName("ANNE", exact=False), me)).username == "anne"


async def test_a_deleted_user_leaves_his_tasks_behind(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    ann = await key_of(engine, "ann")
    await engine.execute(CreateGroup("Readers", members=("ann",)), me)
    await engine.execute(SetLibraryMember(papers, AssigneeKind.USER, ann), me)
    made = await engine.execute(CreateTask("mine", assignee="ann"), me)
    await engine.execute(DeleteUser("ann"), me)
    assert [u.username for u in await engine.ask(ListUsers(), me)] == ["bob", "cec"]
    assert await engine.ask(GroupsOf(ann), me) == ()
    assert (await engine.ask(LibraryMembers(papers), me)).users == ()
    await engine.execute(CreateUser("ann"), me)
    await engine.execute(CompleteTask(made.tasks[0].key, holder="ann"), me)
