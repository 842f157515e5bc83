"""Master data, and the stages that are made by hand."""

from collections.abc import Mapping
from typing import Any

from core.commands.processes import PutReference
from core.commands.relations import CreateReference, CreateStage, UpdateReference, UpdateStage
from core.ids import new_uid
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.tables.process import Activity, Process
from core.tables.registry import Reference
from core.turn.command import KEEP, Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import STAGE, Permission


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


def _plan_stage(cmd: CreateStage, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Process, "key", (cmd.process_key,))]


def _check_process(ctx: Context, key: int) -> None:
    process = ctx.ws.get(Process, key) if key else None
    if key and (process is None or process.tenant_key != ctx.principal.tenant_key):
        raise NotFound("process", key)


@handles(CreateStage, _plan_stage)
def create_stage(cmd: CreateStage, ctx: Context) -> Created:
    ctx.require(Permission.START)
    _check_process(ctx, cmd.process_key)
    number = ctx.number("activity")
    row = Activity(
        key=ctx.key(),
        uid=new_uid(),
        number=number,
        tenant_key=ctx.principal.tenant_key,
        process_key=cmd.process_key,
        element_id=f"{STAGE.lower()}-{number}",
        name=cmd.name,
        kind=STAGE,
        position=cmd.position,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(row)
    ctx.emit("stage.created", "stage", row.key, after={"number": number, "name": cmd.name})
    return Created(row.key, row.uid, number)


def _plan_revision(cmd: UpdateStage, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Activity, "key", (cmd.key,))]
    if isinstance(cmd.process_key, int):
        yield [Read(Process, "key", (cmd.process_key,))]


@handles(UpdateStage, _plan_revision)
def update_stage(cmd: UpdateStage, ctx: Context) -> Done:
    ctx.require(Permission.WORK)
    row = ctx.ws.get(Activity, cmd.key)
    if row is None or row.tenant_key != ctx.principal.tenant_key or row.deleted_at is not None:
        raise NotFound("stage", cmd.key)
    new = {n: getattr(cmd, n) for n in ("name", "process_key", "position") if getattr(cmd, n) is not KEEP}
    moved = new.get("process_key", row.process_key) != row.process_key
    if row.kind != STAGE and (moved or cmd.deleted):
        raise Conflict("stage", row.number, "built-in")
    if moved:
        _check_process(ctx, new["process_key"])
    before = {name: getattr(row, name) for name in new}
    ctx.ws.change(row, **new, changed_at=ctx.now)
    if cmd.deleted:
        ctx.ws.change(row, deleted_at=ctx.now)
    ctx.emit(f"stage.{'deleted' if cmd.deleted else 'updated'}", "stage", row.key, before=before, after=new)
    return Done()
