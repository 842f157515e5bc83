"""Instances that are changed from outside: what is said of them, finished, reopened, removed."""

from collections.abc import Mapping
from typing import Any

from core.flow.modification import modify
from core.flow.plans import plan_document, plan_tree, plan_whole
from core.flow.run import Run
from core.flow.termination import is_terminating, terminate_instance
from core.graph.elements import Element
from core.instance.commands import ChangeInstance, FinishInstance, ModifyInstance, RemoveInstance, ReopenInstance
from core.instance.decisions import find_instance, finish_instance, with_instance
from core.principal import Principal
from core.process.versions import plan_definition
from core.rejections import Conflict, NotFound, WrongState
from core.tables.instance import ElementInstance, Instance
from core.tables.task import Task
from core.turn.command import KEEP, Done
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import ENDED_TASK_STATES, Action, InstanceState

_COLUMNS = ("title", "description", "stage_key", "reference_key", "business_id")


def _plan_change(cmd: ChangeInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys), Load(Task, "instance_key", keys)]


@handles(ChangeInstance, with_instance(_plan_change))
def change_instance(cmd: ChangeInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.UPDATE_INSTANCE)
    new: dict[str, Any] = {name: getattr(cmd, name) for name in _COLUMNS if getattr(cmd, name) is not KEEP}
    before = {name: getattr(instance, name) for name in new}
    if cmd.ext:
        before["ext"] = {d: {k: instance.ext.get(d, {}).get(k) for k in values} for d, values in cmd.ext.items()}
        new["ext"] = merge_ext(instance.ext, cmd.ext)
    ctx.ws.change(instance, **new, changed_at=ctx.now)
    if "business_id" in new:
        for task in ctx.ws.find(Task, "instance_key", instance.key):
            ctx.ws.change(task, business_id=instance.business_id)
    if new:
        after = {**new, "ext": {d: dict(v) for d, v in cmd.ext.items()}} if cmd.ext else new
        ctx.emit("instance.updated", "instance", instance.key, instance_key=instance.key, before=before, after=after)
    return Done()


def _plan_end(
    cmd: FinishInstance | RemoveInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys), Load(Task, "instance_key", keys)]
    instance = ws.get(Instance, cmd.instance_key)
    if instance is not None:
        yield from plan_document(instance.document_key)
        yield from plan_tree(keys, ws)


def _ends(instance: Instance) -> bool:
    """Does it run? Raises Conflict if another instance called it."""
    if instance.state != InstanceState.ACTIVE:
        return False
    if instance.parent_key:
        raise Conflict("instance", instance.root_key, "called")
    return True


@handles(FinishInstance, with_instance(_plan_end, Action.CANCEL_INSTANCE))
def finish(cmd: FinishInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.CANCEL_INSTANCE)
    if _ends(instance):
        ctx.ws.change(instance, changed_at=ctx.now)
        finish_instance(ctx, instance)
    return Done()


@handles(RemoveInstance, with_instance(_plan_end, Action.CANCEL_INSTANCE))
def remove_instance(cmd: RemoveInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.CANCEL_INSTANCE)
    ctx.ws.change(instance, ext=merge_ext(instance.ext, cmd.ext), changed_at=ctx.now)
    if _ends(instance):
        terminate_instance(ctx, instance)
    else:
        ctx.emit("instance.removed", "instance", instance.key, instance_key=instance.key)
    return Done()


def _plan_reopening(cmd: ReopenInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys), Load(Task, "instance_key", keys)]
    instance = ws.get(Instance, cmd.instance_key)
    if instance is None:
        return
    yield from plan_document(instance.document_key)
    yield from plan_tree(keys, ws)
    yield [Load(ElementInstance, "key", keys)]
    yield from plan_definition(known[instance.definition_key], ws, known, instance.document_key)


@handles(ReopenInstance, with_instance(_plan_reopening))
def reopen_instance(cmd: ReopenInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.UPDATE_INSTANCE)
    if instance.state != InstanceState.ACTIVE:
        _reopen(ctx, instance)
    return Done()


def _reopen(ctx: Context, instance: Instance) -> None:
    """Where the tasks were that ended last, or where they stand in the outermost scope."""
    root = ctx.ws.get(ElementInstance, instance.key)
    if instance.state != InstanceState.COMPLETED:
        raise WrongState("instance", instance.key, instance.state)
    if instance.parent_key:
        raise Conflict("instance", instance.root_key, "called")
    if root is None:
        raise NotFound("instance", instance.key)
    known = ctx.definitions[instance.definition_key]
    ended = [t for t in ctx.ws.find(Task, "instance_key", instance.key) if t.state in ENDED_TASK_STATES]
    last = max((t.ended_at or 0 for t in ended), default=0)
    elements: dict[str, Element] = {}
    for task in ended:
        if task.ended_at == last:
            element = _outermost(known, task.element_id)
            elements[element.id] = element
    state = {"state": instance.state}
    ctx.ws.change(instance, state=InstanceState.ACTIVE.value, ended_at=None, changed_at=ctx.now)
    after = {"state": instance.state}
    ctx.emit("instance.reopened", "instance", instance.key, instance_key=instance.key, before=state, after=after)
    Run(ctx, known, instance).reopen(root, list(elements.values()))


def _outermost(known: KnownDefinition, element_id: str) -> Element:
    element = known.program.elements[element_id]
    while element.parent:
        element = known.program.elements[element.parent]
    return element


def _plan_modification(
    cmd: ModifyInstance, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    yield from plan_whole(cmd.instance_key, ws, known)


@handles(ModifyInstance, with_instance(_plan_modification, Action.MODIFY_INSTANCE))
def modify_instance(cmd: ModifyInstance, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key, Action.MODIFY_INSTANCE)
    if instance.state != InstanceState.ACTIVE or is_terminating(ctx, instance):
        raise WrongState("instance", instance.key, instance.state)
    after = {
        "activated": [each.element_id for each in cmd.activations],
        "moved": [[each.source, each.target] for each in cmd.moves],
        "ended": list(cmd.ended),
    }
    ctx.emit("instance.modified", "instance", instance.key, instance_key=instance.key, after=after)
    modify(Run(ctx, ctx.definitions[instance.definition_key], instance), cmd.activations, cmd.moves, cmd.ended)
    return Done()
