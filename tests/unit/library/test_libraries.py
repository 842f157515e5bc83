"""Libraries, their folders, documents, members and managers, in SQLite and in PostgreSQL."""

import asyncio

import pytest

from core.engine import Engine
from core.instance.commands import CancelInstance, DeleteInstance, StartInstance
from core.instance.queries import InstanceByKey
from core.library.commands import CreateLibrary, RegisterDocument, RegisterFolder, SetLibraryManager, SetLibraryMember
from core.library.queries import DocumentAt, Documents, FolderAt, LibrariesOf, LibraryMembers
from core.people.commands import CreateGroup, DeleteGroup
from core.process.commands import DeployProcess
from core.rejections import Conflict, Invalid, NotFound
from core.task.commands import CompleteTask
from core.types import AssigneeKind
from tests.support.papers import key_of, library, review, who


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
