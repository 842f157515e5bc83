"""What is said about tasks and instances, and the documents put to tasks."""

from collections.abc import Mapping
from typing import Any

from core.commands.work import AddComment, AttachDocument, ReviseComment, SetComment
from core.engine.instances import find_instance
from core.principal import Principal
from core.rejections import Forbidden, NotFound, WrongState
from core.tables.instance import Comment, Instance
from core.tables.library import Document
from core.tables.task import Attachment, Task
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ENDED_TASK_STATES, Permission


def put_comment(ctx: Context, task: Task, text: str) -> None:
    """Replace the comment of a task; an empty text removes it. Its row has to be loaded by `task_key`."""
    rows = list(ctx.ws.find(Comment, "task_key", task.key))
    before = {"comment": rows[0].text} if rows else {}
    if not text:
        for row in rows:
            ctx.ws.remove(row)
        if not rows:
            return
    elif rows:
        ctx.ws.change(rows[0], text=text, author_key=ctx.principal.user_key, author=ctx.principal.username)
        ctx.ws.change(rows[0], changed_at=ctx.now)
    else:
        ctx.ws.add(_comment(ctx, task.instance_key, task.key, text))
    after = {"comment": text} if text else {}
    ctx.emit("task.commented", "task", task.key, instance_key=task.instance_key, before=before, after=after)


def _plan_said(cmd: AddComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Instance, "key", (cmd.instance_key,))]


@handles(AddComment, _plan_said)
def add_comment(cmd: AddComment, ctx: Context) -> Created:
    instance = find_instance(ctx, cmd.instance_key)
    row = _comment(ctx, instance.key, 0, cmd.text)
    row.number = ctx.number("comment")
    row.ext = cmd.ext
    ctx.ws.add(row)
    after = {"comment": cmd.text, "number": row.number}
    ctx.emit("instance.commented", "instance", instance.key, instance_key=instance.key, after=after)
    return Created(row.key, "", row.number)


def _plan_revised(cmd: ReviseComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.comment_key,)
    yield [Read(Comment, "key", keys)]
    instances = tuple(row.instance_key for row in ws.find(Comment, "key", cmd.comment_key))
    yield [Load(Instance, "key", instances), Load(Comment, "key", keys)]


@handles(ReviseComment, _plan_revised)
def revise_comment(cmd: ReviseComment, ctx: Context) -> Done:
    row = ctx.ws.get(Comment, cmd.comment_key)
    if row is None or row.task_key or row.deleted_at is not None or row.tenant_key != ctx.principal.tenant_key:
        raise NotFound("comment", cmd.comment_key)
    instance = find_instance(ctx, row.instance_key)
    before: dict[str, Any] = {"comment": row.text, "number": row.number}
    ctx.ws.change(row, ext={**row.ext, **cmd.ext}, changed_at=ctx.now)
    if isinstance(cmd.text, str):
        ctx.ws.change(row, text=cmd.text)
    if cmd.deleted:
        ctx.ws.change(row, deleted_at=ctx.now)
    kind = "instance.uncommented" if cmd.deleted else "instance.recommented"
    after = {"comment": None if cmd.deleted else row.text, "number": row.number}
    ctx.emit(kind, "instance", instance.key, instance_key=instance.key, before=before, after=after)
    return Done()


def _comment(ctx: Context, instance_key: int, task_key: int, text: str) -> Comment:
    return Comment(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        instance_key=instance_key,
        task_key=task_key,
        author_key=ctx.principal.user_key,
        author=ctx.principal.username,
        text=text,
        created_at=ctx.now,
        changed_at=ctx.now,
    )


def _task(ctx: Context, key: int) -> Task:
    task = ctx.ws.get(Task, key)
    if task is None or task.tenant_key != ctx.principal.tenant_key:
        raise NotFound("task", key)
    ctx.require(Permission.WORK, kind="task", id=key)
    return task


def _plan_comment(cmd: SetComment, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Task, "key", (cmd.task_key,)), Load(Comment, "task_key", (cmd.task_key,))]


@handles(SetComment, _plan_comment)
def set_comment(cmd: SetComment, ctx: Context) -> Done:
    task = _task(ctx, cmd.task_key)
    if cmd.holder and task.assignee != cmd.holder:
        raise Forbidden(Permission.WORK, kind="task", id=str(task.key))
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


@handles(AttachDocument, _plan_attach)
def attach(cmd: AttachDocument, ctx: Context) -> Done:
    task = _task(ctx, cmd.task_key)
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
