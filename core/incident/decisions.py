"""What stands still goes on."""

from collections.abc import Mapping

from core.flow import incidents
from core.flow.plans import plan_element
from core.flow.run import Run
from core.incident.commands import ResolveIncident, ResolveIncidents
from core.instance.decisions import find_instance, with_instance
from core.principal import Principal
from core.rejections import NotFound, WrongState
from core.tables.incident import Incident
from core.tables.instance import ElementInstance, Instance
from core.tables.job import Job
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Action, IncidentState


def _plan_again(incident: Incident, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield from plan_element(incident.instance_key, incident.element_instance_key, ws, known)
    yield [Load(Incident, "instance_key", (incident.instance_key,)), Load(Incident, "key", (incident.key,))]


def _plan_one(cmd: ResolveIncident, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Incident, "key", (cmd.key,))]
    incident = ws.get(Incident, cmd.key)
    if incident is not None:
        yield from _plan_again(incident, ws, known)


@handles(ResolveIncident, _plan_one)
def resolve_incident(cmd: ResolveIncident, ctx: Context) -> Done:
    incident = ctx.ws.get(Incident, cmd.key)
    if incident is None or incident.tenant_key != ctx.principal.tenant_key or incident.state != IncidentState.ACTIVE:
        raise NotFound("incident", cmd.key)
    instance = ctx.ws.get(Instance, incident.instance_key)
    assert instance is not None, "incidents are in instances"
    ctx.require_reach(
        Action.UPDATE_INSTANCE, instance, kind="incident", id=cmd.key, definition_key=incident.definition_key
    )
    _go_on(ctx, instance, incident)
    return Done()


def _go_on(ctx: Context, instance: Instance, incident: Incident, *, retry: bool = False) -> None:
    """`retry`: a job gets one, if it has none left."""
    incidents.end(ctx, instance, incident)
    if incident.job_key:
        jobs = ctx.ws.find(Job, "instance_key", instance.key)
        for job in [job for job in jobs if job.key == incident.job_key]:
            if job.retries < 1 and not retry:
                raise WrongState("incident", incident.key, str(job.key))
            ctx.ws.change(job, retries=max(job.retries, 1), available_at=ctx.now, changed_at=ctx.now)
        return
    rows = ctx.ws.find(ElementInstance, "key", incident.element_instance_key)
    for waiting in rows:
        Run(ctx, ctx.definitions[instance.definition_key], instance).resume(waiting, incident.step)


def _plan_all(cmd: ResolveIncidents, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Instance, "key", (cmd.instance_key,))]
    instance = ws.get(Instance, cmd.instance_key)
    if instance is None:
        return
    yield [Load(Instance, "key", (instance.root_key or instance.key,))]
    root_key = instance.root_key or instance.key
    yield [Read(Incident, "root_key", (root_key,))]
    for incident in _within(ws, root_key, instance):
        yield from _plan_again(incident, ws, known)
    yield [Load(Instance, "key", (cmd.instance_key,))]


def _within(ws: WorkingSet, root_key: int, instance: Instance) -> list[Incident]:
    of_root = sorted(ws.find(Incident, "root_key", root_key), key=lambda row: row.key)
    return [row for row in of_root if row.state == IncidentState.ACTIVE and f"/{instance.key}/" in row.path]


@handles(ResolveIncidents, with_instance(_plan_all))
def resolve_incidents(cmd: ResolveIncidents, ctx: Context) -> Created:
    instance = find_instance(ctx, cmd.instance_key)
    open_ones = _within(ctx.ws, instance.root_key or instance.key, instance)
    for incident in open_ones:
        of = ctx.ws.get(Instance, incident.instance_key)
        if of is not None and incident.state == IncidentState.ACTIVE:  # what went on may have ended another one
            _go_on(ctx, of, incident, retry=True)
    return Created(ctx.key(), "", len(open_ones))
