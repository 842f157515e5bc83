"""What is said and put to a task, by one who has it after the other."""

import pytest

from core.engine import Engine
from core.library.commands import RegisterDocument
from core.rejections import Forbidden, NotFound, WrongState
from core.task.commands import AttachDocument, CompleteTask, CreateTask, ReassignTask, SetComment, UpdateTask
from core.task.queries import DetailsOf, TaskByHolding, TaskByKey
from tests.support.papers import HOUR, library, who


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
    (detail,) = (await engine.ask(DetailsOf((task,)), me)).details
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
    (detail,) = (await engine.ask(DetailsOf((task,)), me)).details
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
