"""Deleting instances, with everything that belongs to them."""

from collections.abc import Mapping
from typing import Any

from core.flow import starts, subscriptions
from core.flow.plans import plan_document
from core.instance.commands import DeleteInstance
from core.instance.decisions import find_instance, with_instance
from core.principal import Principal
from core.rejections import Conflict
from core.tables.file import File
from core.tables.incident import Incident
from core.tables.instance import Comment, ElementInstance, Instance, Involvement, Variable
from core.tables.job import Job, Timer
from core.tables.library import Document
from core.tables.task import Attachment, Candidate, Holding, Task
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.files import remove_files
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import TaskState

#: rows that go with an instance
_HELD: tuple[type[Any], ...] = (
    *(ElementInstance, Variable, Comment, Attachment, Timer, Job, Involvement, Holding),
    Incident,
)


def _plan_instance_deletion(
    cmd: DeleteInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys), Load(Task, "instance_key", keys)]
    yield [*(Load(cls, "instance_key", keys) for cls in _HELD), Load(File, "instance_key", keys)]
    yield [Load(Candidate, "task_key", tuple(t.key for t in ws.find(Task, "instance_key", cmd.instance_key)))]
    for instance in ws.find(Instance, "key", cmd.instance_key):
        yield from plan_document(instance.document_key)


@handles(DeleteInstance, with_instance(_plan_instance_deletion))
def delete_instance(cmd: DeleteInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key)
    tasks = list(ctx.ws.find(Task, "instance_key", instance.key))
    if any(t.state == TaskState.COMPLETED for t in tasks):
        raise Conflict("instance", instance.key, "started")
    document = ctx.ws.get(Document, instance.document_key) if instance.document_key else None
    if document is not None and document.instance_key == instance.key:
        ctx.ws.change(document, instance_key=0)
    ctx.emit("instance.deleted", "instance", instance.key, instance_key=instance.key, before={"state": instance.state})
    for task in tasks:
        for candidate in list(ctx.ws.find(Candidate, "task_key", task.key)):
            ctx.ws.remove(candidate)
        ctx.ws.remove(task)
    for waiting in subscriptions.of_instance(ctx, instance.key):
        ctx.ws.remove(waiting)
    starts.release(ctx, instance)
    for cls in _HELD:
        for row in list(ctx.ws.find(cls, "instance_key", instance.key)):
            ctx.ws.remove(row)
    remove_files(ctx, ctx.ws.find(File, "instance_key", instance.key))
    ctx.ws.remove(instance)
    return Done()
