"""Files of instances, and pictures of users."""

import pytest

from core.file.commands import AddFile, RemoveFile, SetPicture
from core.file.queries import ContentOf, FilesOf, PictureOf
from core.instance.commands import CancelInstance, DeleteInstance
from core.people.commands import CloseUser, CreateUser, DeleteUser
from core.principal import system
from core.rejections import Invalid, NotFound, WrongState
from core.storage.rows import load_any
from core.tables.file import File, FileContent
from core.turn.command import Several
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")
#: what text columns would not take: no UTF-8, and a zero
BYTES = bytes(range(256))


def stored(run: Running, *keys: int) -> list[int]:
    """The keys of the files of which there are bytes."""
    connection = run.engine.store.connect()
    try:
        return sorted(row.key for row in load_any(connection, FileContent, "key", keys))
    finally:
        connection.close()


async def test_files_of_an_instance_are_numbered_and_hold_their_bytes(run: Running) -> None:
    key = await run.run(row(WORK))
    first = await run.do(AddFile(key, "a.bin", BYTES, {"t": {"kind": "x"}}))
    second = await run.do(AddFile(key, "empty", b""))
    files = await run.engine.ask(FilesOf(key), run.who)
    assert [(f.uid, f.number, f.name, f.size, f.ext) for f in files] == [
        (first.uid, 1, "a.bin", 256, {"t": {"kind": "x"}}),
        (second.uid, 2, "empty", 0, {}),
    ]
    assert await run.engine.ask(ContentOf(first.key), run.who) == BYTES
    assert await run.engine.ask(ContentOf(second.key), run.who) == b""


async def test_a_removed_file_leaves_no_bytes(run: Running) -> None:
    key = await run.run(row(WORK))
    first = await run.do(AddFile(key, "a.bin", BYTES))
    second = await run.do(AddFile(key, "b.bin", BYTES))
    await run.do(RemoveFile(key, first.key))
    assert [f.number for f in await run.engine.ask(FilesOf(key), run.who)] == [2]
    with pytest.raises(NotFound):
        await run.engine.ask(ContentOf(first.key), run.who)
    with pytest.raises(NotFound):
        await run.do(RemoveFile(key, first.key))
    assert stored(run, first.key, second.key) == [second.key]


async def test_files_go_with_their_instance(run: Running) -> None:
    key = await run.run(row(WORK))
    file = await run.do(AddFile(key, "a.bin", BYTES))
    await run.do(Several((AddFile(key, "b.bin", BYTES), DeleteInstance(key))))
    assert await run.engine.ask(FilesOf(key), run.who) == ()
    connection = run.engine.store.connect()
    assert not load_any(connection, File, "instance_key", [key])
    connection.close()
    assert stored(run, *range(file.key, file.key + 10)) == []


async def test_an_instance_that_has_ended_takes_no_files(run: Running) -> None:
    key = await run.run(row(WORK))
    file = await run.do(AddFile(key, "a.bin", BYTES))
    await run.do(CancelInstance(key))
    with pytest.raises(WrongState):
        await run.do(AddFile(key, "b.bin", BYTES))
    assert await run.engine.ask(ContentOf(file.key), run.who) == BYTES


async def test_a_file_has_a_name(run: Running) -> None:
    key = await run.run(row(WORK))
    with pytest.raises(Invalid):
        await run.do(AddFile(key, "", BYTES))


async def test_another_tenant_sees_no_files(run: Running) -> None:
    key = await run.run(row(WORK))
    file = await run.do(AddFile(key, "a.bin", BYTES))
    other = system(run.engine.default_tenant + 1)
    assert await run.engine.ask(FilesOf(key), other) == ()
    with pytest.raises(NotFound):
        await run.engine.ask(ContentOf(file.key), other)
    with pytest.raises(NotFound):
        await run.engine.execute(RemoveFile(key, file.key), other)


@pytest.mark.parametrize("leave", [DeleteUser, CloseUser])
async def test_a_user_has_one_picture_and_takes_it_along(run: Running, leave: type[DeleteUser | CloseUser]) -> None:
    user = await run.do(CreateUser("ann"))
    await run.do(SetPicture("ann", "a.gif", b"old"))
    old = await run.engine.ask(PictureOf(user.key), run.who)
    await run.do(SetPicture("ann", "a.png", BYTES))
    new = await run.engine.ask(PictureOf(user.key), run.who)
    assert (new.name, new.size) == ("a.png", 256)
    assert stored(run, old.key, new.key) == [new.key]
    await run.do(leave("ann"))
    with pytest.raises(NotFound):
        await run.engine.ask(PictureOf(user.key), run.who)
    assert stored(run, new.key) == []
