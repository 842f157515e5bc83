"""Making and changing master data."""

from collections.abc import Mapping
from typing import Any

from core.principal import Principal
from core.registry.commands import CreateReference, PutReference, UpdateReference
from core.rejections import NotFound
from core.tables.registry import Reference
from core.turn.command import KEEP, Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Permission


def _plan_put(cmd: PutReference, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Reference, "number", (cmd.number,)), Read(Reference, "key", (cmd.parent_key,))]


@handles(PutReference, _plan_put)
def put_reference(cmd: PutReference, ctx: Context) -> Created:
    ctx.require(Permission.DESIGN)
    new: dict[str, Any] = {"name": cmd.name, "ext": cmd.ext, "parent_key": cmd.parent_key}
    for row in ctx.ws.find(Reference, "number", cmd.number):
        if row.tenant_key == ctx.principal.tenant_key and row.kind == cmd.kind:
            before = {"name": row.name, "ext": row.ext}
            ctx.ws.change(row, **new, changed_at=ctx.now)
            ctx.emit("reference.updated", cmd.kind, row.key, before=before, after={"name": cmd.name})
            return Created(row.key, "", row.number)
    number = ctx.number(f"reference.{cmd.kind}", cmd.number)
    return _add(ctx, cmd.kind, number, new)


def _add(ctx: Context, kind: str, number: int, new: Mapping[str, Any]) -> Created:
    tenant = ctx.principal.tenant_key
    times: dict[str, Any] = {"created_at": ctx.now, "changed_at": ctx.now}
    row = Reference(key=ctx.key(), tenant_key=tenant, kind=kind, number=number, **new, **times)
    ctx.ws.add(row)
    ctx.emit("reference.created", kind, row.key, after={"number": number, "name": row.name})
    return Created(row.key, "", number)


def _plan_new(cmd: CreateReference, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Reference, "key", (cmd.parent_key,))]


@handles(CreateReference, _plan_new)
def create_reference(cmd: CreateReference, ctx: Context) -> Created:
    ctx.require(Permission.START)
    number = ctx.number(f"reference.{cmd.kind}")
    new: dict[str, Any] = {
        "name": cmd.name,
        "parent_key": cmd.parent_key,
        "external_id": cmd.external_id,
        "ext": cmd.ext,
    }
    return _add(ctx, cmd.kind, number, new)


def _plan_change(cmd: UpdateReference, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Reference, "key", (cmd.key,))]


@handles(UpdateReference, _plan_change)
def update_reference(cmd: UpdateReference, ctx: Context) -> Done:
    ctx.require(Permission.WORK)
    row = ctx.ws.get(Reference, cmd.key)
    if row is None or row.tenant_key != ctx.principal.tenant_key or row.deleted_at is not None:
        raise NotFound("reference", cmd.key)
    names = ("name", "parent_key", "external_id")
    new = {name: getattr(cmd, name) for name in names if getattr(cmd, name) is not KEEP}
    before = {**{name: getattr(row, name) for name in new}, "ext": {name: row.ext.get(name) for name in cmd.ext}}
    ctx.ws.change(row, **new, ext={**row.ext, **cmd.ext}, changed_at=ctx.now)
    if cmd.deleted:
        ctx.ws.change(row, deleted_at=ctx.now)
    kind = "reference.deleted" if cmd.deleted else "reference.updated"
    ctx.emit(kind, row.kind, row.key, before=before, after={**new, "ext": dict(cmd.ext)})
    return Done()
