"""What is said of a task, and put to it."""

from collections.abc import Mapping
from typing import Any

from core.instance.comments import put_comment
from core.principal import Principal
from core.rejections import NotFound, WrongState
from core.tables.instance import Comment
from core.tables.library import Document
from core.tables.task import Attachment, Task
from core.task.commands import AttachDocument, SetComment
from core.task.decisions import find_task, with_task
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ENDED_TASK_STATES


def _plan_comment(cmd: SetComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Task, "key", (cmd.task_key,)), Load(Comment, "task_key", (cmd.task_key,))]


@handles(SetComment, with_task(_plan_comment))
def set_comment(cmd: SetComment, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder)
    if task.state in ENDED_TASK_STATES:
        raise WrongState("task", task.key, task.state)
    put_comment(ctx, task, cmd.text)
    return Done()


def _plan_attach(cmd: AttachDocument, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Task, "key", (cmd.task_key,)),
        Read(Document, "key", (cmd.document_key,)),
        Load(Attachment, "task_key", (cmd.task_key,)),
    ]


@handles(AttachDocument, with_task(_plan_attach))
def attach(cmd: AttachDocument, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key)
    document = ctx.ws.get(Document, cmd.document_key)
    if document is None or document.tenant_key != task.tenant_key:
        raise NotFound("document", cmd.document_key)
    same = [
        row
        for row in ctx.ws.find(Attachment, "task_key", task.key)
        if row.document_key == document.key and row.version == cmd.version
    ]
    what: dict[str, Any] = {"document": document.number, "version": cmd.version}
    if cmd.attached:
        if not same:
            ctx.ws.add(
                Attachment(
                    key=ctx.key(),
                    instance_key=task.instance_key,
                    task_key=task.key,
                    document_key=document.key,
                    version=cmd.version,
                    username=ctx.principal.username,
                    created_at=ctx.now,
                )
            )
            ctx.emit("task.attached", "task", task.key, instance_key=task.instance_key, after=what)
        return Done()
    if not same:
        raise NotFound("attachment", document.number)
    ctx.ws.remove(same[0])
    ctx.emit("task.detached", "task", task.key, instance_key=task.instance_key, before=what)
    return Done()
