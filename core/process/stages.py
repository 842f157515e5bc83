"""Stages: activities that belong to a process without being drawn. Others can be given a name and a position, too."""

from collections.abc import Mapping

from core.ids import new_uid
from core.principal import Principal
from core.process.commands import CreateStage, UpdateStage
from core.rejections import Conflict, NotFound
from core.tables.process import Activity, Process
from core.turn.command import KEEP, Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import STAGE, Permission


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
