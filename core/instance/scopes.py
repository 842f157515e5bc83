"""Variables that are set from outside."""

from collections.abc import Mapping

from core.flow.plans import plan_scopes
from core.flow.run import Run
from core.instance.commands import SetVariables
from core.instance.decisions import find_instance, with_instance
from core.principal import Principal
from core.rejections import NotFound, WrongState
from core.tables.instance import ElementInstance, Instance, Variable
from core.tables.task import Task
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import ENDED_TASK_STATES, ElementState, InstanceState, TaskState


def _plan_variables(cmd: SetVariables, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.instance_key,)
    wishes = [Load(Instance, "key", keys), Load(Variable, "instance_key", keys)]
    if cmd.scope_key:
        wishes.append(Load(Task, "instance_key", keys))
    yield [*wishes, Load(ElementInstance, "key", (*keys, cmd.scope_key) if cmd.scope_key else keys)]
    if cmd.scope_key:
        yield from plan_scopes(ws.get(ElementInstance, cmd.scope_key), ws)


@handles(SetVariables, with_instance(_plan_variables))
def set_variables(cmd: SetVariables, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key)
    if instance.state != InstanceState.ACTIVE:
        raise WrongState("instance", instance.key, instance.state)
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    scope_key = cmd.scope_key or instance.key
    if cmd.scope_key:
        _check_scope(ctx, instance, cmd.scope_key)
    before = run.put(scope_key, cmd.variables) if cmd.local else run.merge(scope_key, cmd.variables)
    ctx.ws.change(instance, changed_at=ctx.now)
    after = {"variables": dict(cmd.variables)}
    ctx.emit(
        "instance.updated",
        "instance",
        instance.key,
        instance_key=instance.key,
        before={"variables": before},
        after=after,
    )
    return Done()


def _check_scope(ctx: Context, instance: Instance, scope_key: int) -> None:
    """It is active, and if it waits for a task nobody holds that up."""
    scope = ctx.ws.get(ElementInstance, scope_key)
    if scope is None or scope.instance_key != instance.key or scope.state != ElementState.ACTIVE:
        raise NotFound("element", scope_key)
    for task in ctx.ws.find(Task, "instance_key", instance.key):
        if task.element_instance_key == scope_key and task.state not in (TaskState.CREATED, *ENDED_TASK_STATES):
            raise WrongState("task", task.key, task.state)
