"""Libraries, documents, drafts, redirections and names, in SQLite and in PostgreSQL."""

import asyncio

import pytest

from core.engine import Engine
from core.graph.graph import Element, ElementKind, Flow, Graph, Participants, TaskTemplate
from core.instance.commands import CancelInstance, DeleteInstance, StartInstance
from core.instance.queries import InstanceByKey
from core.library.commands import CreateLibrary, RegisterDocument, RegisterFolder, SetLibraryManager, SetLibraryMember
from core.library.queries import DocumentAt, Documents, FolderAt, LibrariesOf, LibraryMembers
from core.people.commands import (
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveRedirection,
    RenameUser,
    SetRedirection,
)
from core.people.queries import GroupsOf, ListUsers, Redirections, UserByName
from core.principal import Principal, system
from core.process.commands import DeployProcess, DraftProcess, ReviseProcess
from core.process.queries import Drafted
from core.rejections import Conflict, Forbidden, Invalid, NotFound, WrongState
from core.search.query import Where
from core.storage import open_store
from core.storage.store import Duplicate
from core.tables.schema import upgrade
from core.task.commands import (
    AttachDocument,
    CompleteTask,
    CreateTask,
    DeleteTask,
    ReassignTask,
    SetComment,
    UpdateTask,
)
from core.task.queries import DetailTasks, SearchTasks, TaskByHolding, TaskByKey
from core.turn.command import Done
from core.types import AssigneeKind, InstanceState, ProcessStatus
from tests.support.clock import MovableClock

HOUR = 3_600_000


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")


async def library(engine: Engine) -> int:
    for name in ("ann", "bob", "cec"):
        await engine.execute(CreateUser(name), who(engine))
    return (await engine.execute(CreateLibrary("Papers"), who(engine))).key


async def key_of(engine: Engine, name: str) -> int:
    return (await engine.ask(UserByName(name), who(engine))).key


async def test_folders_and_documents_by_path_whatever_the_case(engine: Engine) -> None:
    papers = await library(engine)
    made = await engine.execute(RegisterDocument(papers, "\\Old\\Letters/", "Straße.pdf"), who(engine))
    view = await engine.ask(DocumentAt("PAPERS", "old/LETTERS", "STRASSE.PDF"), who(engine))
    assert (view.document.number, view.folder.path, view.library.name) == (made.number, "Old/Letters", "Papers")
    assert (await engine.ask(FolderAt("papers", "old"), who(engine)))[0].path == "Old"
    assert (await engine.ask(DocumentAt(number=made.number), who(engine))).document.key == made.key
    with pytest.raises(Conflict):
        await engine.execute(RegisterDocument(papers, "old/letters", "STRASSE.pdf"), who(engine))
    with pytest.raises(NotFound):
        await engine.ask(DocumentAt("papers", "old", "straße.pdf"), who(engine))
    for name in ("", "a/b"):
        with pytest.raises(Invalid):
            await engine.execute(RegisterDocument(papers, "", name), who(engine))
        with pytest.raises(Invalid):
            await engine.execute(CreateLibrary(name), who(engine))
    with pytest.raises(Conflict):
        await engine.execute(CreateLibrary("PAPERS"), who(engine))


async def test_members_and_managers(engine: Engine) -> None:
    papers = await library(engine)
    ann = await key_of(engine, "ann")
    with pytest.raises(NotFound):
        await engine.execute(SetLibraryManager(papers, ann), who(engine))
    await engine.execute(SetLibraryMember(papers, AssigneeKind.USER, ann), who(engine))
    with pytest.raises(Conflict):
        await engine.execute(SetLibraryMember(papers, AssigneeKind.USER, ann), who(engine))
    await engine.execute(SetLibraryManager(papers, ann), who(engine))
    group = await engine.execute(CreateGroup("Readers", members=("bob",)), who(engine))
    await engine.execute(SetLibraryMember(papers, AssigneeKind.GROUP, group.key), who(engine))
    members = await engine.ask(LibraryMembers(papers), who(engine))
    assert [u.username for u in members.users] == [u.username for u in members.managers] == ["ann"]
    assert [g.name for g in members.groups] == ["Readers"]
    assert len(await engine.ask(LibrariesOf(await key_of(engine, "bob")), who(engine))) == 1
    assert await engine.ask(LibrariesOf(await key_of(engine, "cec")), who(engine)) == ()
    await engine.execute(SetLibraryMember(papers, AssigneeKind.USER, ann, member=False), who(engine))
    assert await engine.ask(LibrariesOf(ann, managed=True), who(engine)) == ()
    await engine.execute(DeleteGroup("Readers"), who(engine))
    assert (await engine.ask(LibraryMembers(papers), who(engine))).groups == ()


def review(keys: tuple[int, ...] = (), *, owner: bool = False, folder: int = 0) -> Graph:
    return Graph(
        "review",
        "Review",
        (
            Element("start", ElementKind.START_EVENT),
            Element(
                "read",
                ElementKind.USER_TASK,
                "Read",
                task=TaskTemplate(participants=Participants(keys, owner=owner), due_after=HOUR, description="Read it"),
            ),
            Element("end", ElementKind.END_EVENT, folder_key=folder),
        ),
        (Flow("f1", "start", "read"), Flow("f2", "read", "end")),
    )


async def test_a_document_is_in_one_instance_at_a_time(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    archive = (await engine.execute(RegisterFolder(papers, "Archive"), me)).key
    document = (await engine.execute(RegisterDocument(papers, "In", "a.txt", owner="bob"), me)).key
    locked = (await engine.execute(RegisterDocument(papers, "In", "b.txt", checked_out_by="bob"), me)).key
    process = (await engine.execute(DeployProcess(review(owner=True, folder=archive)), me)).process_key
    start = StartInstance(process, document_key=document)
    outcomes = await asyncio.gather(
        *(engine.execute(StartInstance(process, document_key=document), me) for _ in range(5)), return_exceptions=True
    )
    started = [o for o in outcomes if not isinstance(o, BaseException)]
    assert len(started) == 1
    assert {getattr(o, "reason", "") for o in outcomes if isinstance(o, BaseException)} == {"busy"}
    with pytest.raises(Conflict, match="checked-out"):
        await engine.execute(StartInstance(process, document_key=locked), me)
    with pytest.raises(NotFound):
        await engine.execute(StartInstance(process, document_key=7), me)
    (task,) = started[0].tasks
    assert task.assignee == "bob", "the owner of the document"
    await engine.execute(CompleteTask(task.key, comment="Read", holder="bob"), me)
    (view,) = await engine.ask(Documents((document,)), me)
    assert (view.folder.path, view.document.instance_key) == ("Archive", 0)
    again = await engine.execute(start, me)
    await engine.execute(CancelInstance(again.key), me)
    third = await engine.execute(start, me)
    await engine.execute(DeleteInstance(third.key), me)
    with pytest.raises(NotFound):
        await engine.ask(InstanceByKey(third.key), me)
    with pytest.raises(Conflict, match="started"):
        await engine.execute(DeleteInstance(started[0].key), me)


async def test_what_is_said_and_put_to_a_task(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    document = (await engine.execute(RegisterDocument(papers, "", "a.txt"), me)).key
    made = await engine.execute(CreateTask("Look", assignee="ann", document_key=document), me)
    (started,) = made.tasks
    key = started.key
    await engine.execute(SetComment(key, "first", "ann"), me)
    await engine.execute(SetComment(key, "second"), me)
    with pytest.raises(Forbidden):
        await engine.execute(SetComment(key, "not mine", "bob"), me)
    await engine.execute(AttachDocument(key, document, 1_000_000), me)
    await engine.execute(AttachDocument(key, document, 1_000_000), me)
    task = (await engine.ask(TaskByKey(key), me)).task
    (detail,) = (await engine.ask(DetailTasks((task,)), me)).details
    assert detail.comment is not None
    assert (detail.comment.text, len(detail.attachments)) == ("second", 1)
    passed = await engine.execute(ReassignTask(key, "BOB", 5 * HOUR, "Take it", holder="ann"), me)
    assert (passed.key, passed.uid, passed.assignee) == (key, started.uid, "bob")
    assert passed.number != started.number
    task = (await engine.ask(TaskByKey(key), me)).task
    assert (task.assignee, task.description, task.due_at, task.number) == ("bob", "Take it", 5 * HOUR, started.number)
    old = await engine.ask(TaskByHolding(started.number), me)
    assert (old.task.assignee, old.task.description, old.task.due_at, old.task.state) == ("ann", "", None, "CANCELED")
    assert old.passed is not None
    assert old.passed.before["comment"] == "second"
    now = await engine.ask(TaskByHolding(passed.number), me)
    assert (now.task.assignee, now.passed) == ("bob", None)
    (detail,) = (await engine.ask(DetailTasks((task,)), me)).details
    assert (detail.comment, len(detail.attachments)) == (None, 1)
    await engine.execute(AttachDocument(key, document, 1_000_000, attached=False), me)
    with pytest.raises(NotFound):
        await engine.execute(AttachDocument(key, document, 1_000_000, attached=False), me)
    await engine.execute(UpdateTask(key, ext={"a": {"x": 1}}), me)
    await engine.execute(UpdateTask(key, ext={"a": {"y": 2}, "b": {"z": 3}}), me)
    ext = (await engine.ask(TaskByKey(key), me)).task.ext
    assert ext == {"a": {"x": 1, "y": 2}, "b": {"z": 3}}
    with pytest.raises(WrongState):
        await engine.execute(UpdateTask(key, ended_at=1), me)
    await engine.execute(CompleteTask(key), me)
    await engine.execute(UpdateTask(key, ended_at=1), me)
    assert (await engine.ask(TaskByKey(key), me)).task.ended_at == 1
    with pytest.raises(WrongState):
        await engine.execute(SetComment(key, "too late"), me)


async def test_deleting_the_only_task_cancels_its_instance(engine: Engine) -> None:
    made = await engine.execute(CreateTask("Gone", candidate_users=("ann",)), who(engine))
    await engine.execute(DeleteTask(made.tasks[0].key), who(engine))
    task = (await engine.ask(TaskByKey(made.tasks[0].key), who(engine))).task
    assert (task.state, task.removed) == ("CANCELED", 1)
    instance = (await engine.ask(InstanceByKey(made.key), who(engine))).instance
    assert instance.state == InstanceState.TERMINATED
    with pytest.raises(WrongState):
        await engine.execute(DeleteTask(made.tasks[0].key), who(engine))


async def test_drafts_and_their_revisions(engine: Engine) -> None:
    papers = await library(engine)
    me = who(engine)
    draft = DraftProcess("review", "Review", {"steps": []}, papers)
    made = await engine.execute(draft, me)
    with pytest.raises(Conflict):
        await engine.execute(draft, me)
    with pytest.raises(NotFound, match="process"):
        await engine.execute(StartInstance(made.key), me)
    outcomes = await asyncio.gather(
        *(engine.execute(ReviseProcess(made.key, 0, {"n": n}), me) for n in range(5)), return_exceptions=True
    )
    assert sum(isinstance(o, Done) for o in outcomes) == 1
    graph = review((await key_of(engine, "ann"),))
    await engine.execute(ReviseProcess(made.key, 1, graph=graph, status=ProcessStatus.ACTIVE), me)
    started = await engine.execute(StartInstance(made.key), me)
    await engine.execute(ReviseProcess(made.key, 2, status=ProcessStatus.INACTIVE), me)
    with pytest.raises(WrongState):
        await engine.execute(StartInstance(made.key), me)
    await engine.execute(ReviseProcess(made.key, 3, status=ProcessStatus.DELETED), me)
    assert await engine.ask(Drafted(papers), me) == ()
    with pytest.raises(Conflict):
        await engine.execute(ReviseProcess(made.key, 4, name="x"), me)
    await engine.execute(draft, me)
    await engine.execute(CompleteTask(started.tasks[0].key), me)
    assert (await engine.ask(InstanceByKey(started.key), me)).instance.state == InstanceState.COMPLETED


async def test_redirected_while_it_lasts(engine: Engine, clock: MovableClock) -> None:
    await library(engine)
    me = who(engine)
    now = clock()
    with pytest.raises(Invalid):
        await engine.execute(SetRedirection("ann", "ann", now, now + HOUR), me)
    await engine.execute(SetRedirection("ann", "bob", now - HOUR, now + HOUR), me)
    ((row, source, target),) = await engine.ask(Redirections(await key_of(engine, "bob"), to=True), me)
    assert row.starts_at >= now, "not in the past"
    assert (source.username, target.username) == ("ann", "bob")
    for name, other in (("bob", "cec"), ("cec", "ann")):
        with pytest.raises(Conflict, match="redirection"):
            await engine.execute(SetRedirection(name, other, now, None), me)
    (task,) = (await engine.execute(CreateTask("x", assignee="ann", redirect=True), me)).tasks
    assert task.assignee == "bob"
    plain = await engine.execute(CreateTask("x", assignee="ann"), me)
    assert plain.tasks[0].assignee == "ann"
    deployed = await engine.execute(DeployProcess(review((await key_of(engine, "ann"),))), me)
    (made,) = (await engine.execute(StartInstance(deployed.process_key), me)).tasks
    found = (await engine.ask(TaskByKey(made.key), me)).task
    assert (found.assignee, found.redirected_from, found.description) == ("bob", "ann", "Read it")
    assert found.due_at is not None
    assert found.due_at >= now + HOUR
    clock.forward(2 * HOUR)
    (late,) = (await engine.execute(CreateTask("x", assignee="ann", redirect=True), me)).tasks
    assert late.assignee == "ann"
    assert (await engine.execute(RemoveRedirection("ann"), me)).count == 1
    assert (await engine.execute(RemoveRedirection("ann"), me)).count == 0


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


def test_a_database_from_before_is_brought_up_to_date(tmp_path: pytest.TempPathFactory) -> None:
    """A file of schema 0001, with a task and a group in it."""
    from alembic import command
    from alembic.config import Config

    from core.storage.revision import current
    from core.tables.schema import MIGRATIONS, REVISION, sqlalchemy

    store = open_store(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = sqlalchemy(store)
    command.upgrade(config, "0001")
    connection = store.connect()
    for table, values in (
        ("tenant", {"key": 1, "number": 1, "name": "default", "ext": "{}"}),
        ("user_group", {"key": 2, "uid": "a", "number": 1, "tenant_key": 1, "name": "STRAßE", "status": "ACTIVE"}),
        ("task", {"key": 3, "uid": "b", "number": 1, "tenant_key": 1, "created_at": 77, "assignee": "ann"}),
    ):
        columns = connection.execute(f"PRAGMA table_info({table})", {})[0]
        row = {name: 0 if kind == "INTEGER" else "" for _, name, kind, *_ in columns} | values
        names = ", ".join(row)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in row)})", row)
    connection.close()
    assert current(store) == "0001"
    upgrade(store)
    assert current(store) == REVISION
    connection = store.connect()
    assert connection.execute("SELECT name_folded, library_key FROM user_group", {})[0] == [("strasse", 0)]
    assert connection.execute("SELECT started_at, assigned_by, held_since FROM task", {})[0] == [(77, "", 77)]
    assert connection.execute("SELECT draft, paused_at, paused_until FROM task", {})[0] == [(0, None, None)]
    with pytest.raises(Duplicate):
        connection.execute("INSERT INTO draft SELECT 1, 1, 0, '{}', 0 UNION ALL SELECT 1, 1, 0, '{}', 0", {})
    connection.close()
    store.close()
