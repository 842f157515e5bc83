"""Elements that cannot go on: each has an incident, as long as it stands still."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from core.flow.state import State
from core.rejections import ExecutionFailed
from core.tables.incident import Incident
from core.tables.instance import ElementInstance, Instance
from core.turn.context import Context
from core.types import IncidentState


def stand_still(
    run: State, waiting: ElementInstance, failure: ExecutionFailed, *, step: Mapping[str, Any], job_key: int = 0
) -> None:
    """The `step` is to be done again, or the job."""
    instance, ctx = run.instance, run.ctx
    incident = Incident(
        key=ctx.key(),
        tenant_key=instance.tenant_key,
        instance_key=instance.key,
        root_key=instance.root_key or instance.key,
        definition_key=instance.definition_key,
        element_instance_key=waiting.key,
        element_id=waiting.element_id,
        job_key=job_key,
        trouble=failure.trouble.value,
        message=failure.reason,
        path="".join(f"/{key}" for key in _path(run, waiting.key)) + "/",
        step=step,
        created_at=ctx.now,
    )
    ctx.ws.add(incident)
    ctx.ws.change(instance, incidents=instance.incidents + 1)
    after = {"element": waiting.element_id, "trouble": incident.trouble, "message": incident.message}
    ctx.emit("incident.raised", "incident", incident.key, instance_key=instance.key, after=after)


def _path(run: State, key: int) -> Iterator[int]:
    """All around an element, from the outermost instance to itself."""
    outer = run.outer()
    if outer is not None:
        yield from _path(outer, run.instance.parent_element_key)
    yield from reversed(run.chain(key))


def open_at(ctx: Context, instance: Instance, keys: Collection[int] | None = None) -> list[Incident]:
    """Those of elements with these keys, or all of the instance's own."""
    if not instance.incidents:
        return []
    return [
        row
        for row in ctx.ws.find(Incident, "instance_key", instance.key)
        if row.state == IncidentState.ACTIVE and (keys is None or row.element_instance_key in keys)
    ]


def end_at(ctx: Context, instance: Instance, keys: Collection[int] | None = None) -> None:
    """The elements have ended, and nothing stands still there any more."""
    for incident in open_at(ctx, instance, keys):
        end(ctx, instance, incident)


def end(ctx: Context, instance: Instance, incident: Incident) -> None:
    ctx.ws.change(incident, state=IncidentState.RESOLVED.value, ended_at=ctx.now)
    ctx.ws.change(instance, incidents=instance.incidents - 1)
    ctx.emit(
        "incident.resolved",
        "incident",
        incident.key,
        instance_key=instance.key,
        before={"state": IncidentState.ACTIVE.value},
        after={"state": incident.state},
    )
