"""Elements of ad-hoc sub-processes that somebody activates."""

from collections.abc import Mapping

from core.flow import adhoc
from core.flow.plans import plan_whole
from core.flow.run import Run
from core.flow.termination import is_terminating
from core.instance.commands import ActivateAdHoc
from core.instance.decisions import find_instance, with_instance
from core.principal import Principal
from core.rejections import Invalid, NotFound, WrongState
from core.tables.instance import ElementInstance
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import WorkingSet
from core.types import ElementState, InstanceState


def _plan(cmd: ActivateAdHoc, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield from plan_whole(cmd.instance_key, ws, known)


@handles(ActivateAdHoc, with_instance(_plan))
def activate_ad_hoc(cmd: ActivateAdHoc, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key)
    scope = ctx.ws.get(ElementInstance, cmd.element_key)
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    program = run.known.program
    if scope is None or scope.instance_key != instance.key or scope.element_id not in program.activatable:
        raise NotFound("element", cmd.element_key)
    over = instance.state != InstanceState.ACTIVE or is_terminating(ctx, instance)
    if over or scope.state != ElementState.ACTIVE:
        raise WrongState("element", scope.key, scope.state)
    ids = [id for id, _ in cmd.wanted]
    if len(set(ids)) < len(ids):
        raise Invalid("elements", "twice")
    unknown = [id for id in ids if id not in program.activatable[scope.element_id]]
    if unknown:
        raise Invalid("elements", "unknown", ", ".join(unknown))
    after = {"element": scope.element_id, "activated": ids, "canceled": cmd.cancels}
    ctx.emit("instance.modified", "instance", instance.key, instance_key=instance.key, after=after)
    if cmd.cancels:
        adhoc.cancel_inside(run, scope)
    adhoc.activate(run, program.elements[scope.element_id], scope, cmd.wanted)
    run.settle()
    return Done()
