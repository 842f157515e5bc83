"""Processes that are built step by step, before and between their versions."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from core.ids import new_uid
from core.principal import Principal
from core.process.commands import DeployProcess, DraftProcess, ReviseProcess, Supervisors
from core.process.decisions import plan_versions, put_version
from core.reach import Place
from core.rejections import Conflict, NotFound
from core.tables.identity import Tenant
from core.tables.process import Draft, Process
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.reaching import reaching
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Action, Permission, ProcessStatus


def _plan_new(cmd: DraftProcess, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Tenant, "key", (who.tenant_key,)),
        Read(Process, "process_id", (cmd.process_id,)),
        Read(Process, "library_key", (cmd.library_key,)),
    ]


@handles(DraftProcess, reaching(_plan_new, lambda cmd, ws: ((Action.DRAFT_PROCESS, Place(cmd.library_key)),)))
def draft_process(cmd: DraftProcess, ctx: Context) -> Created:
    ctx.require_reach(Action.DRAFT_PROCESS, Place(cmd.library_key))
    tenant = ctx.principal.tenant_key
    _unused_name(ctx, cmd.library_key, cmd.name, 0)
    taken = {p.process_id for p in ctx.ws.find(Process, "process_id", cmd.process_id) if p.tenant_key == tenant}
    number = ctx.number("process")
    process = Process(
        key=ctx.key(),
        uid=new_uid(),
        number=number,
        tenant_key=tenant,
        process_id=cmd.process_id if cmd.process_id not in taken else f"{cmd.process_id}-{number}",
        name=cmd.name,
        library_key=cmd.library_key,
        status=cmd.status.value,
        supervisors=_supervisors(cmd.supervisors),
        created_at=ctx.now,
    )
    ctx.ws.add(process)
    ctx.ws.add(Draft(process_key=process.key, tenant_key=tenant, content=cmd.content, changed_at=ctx.now))
    ctx.emit("process.drafted", "process", process.key, after={"process": process.process_id, "name": cmd.name})
    return Created(process.key, process.uid, process.number)


def _unused_name(ctx: Context, library_key: int, name: str, but_key: int) -> None:
    for other in ctx.ws.find(Process, "library_key", library_key):
        same = other.tenant_key == ctx.principal.tenant_key and other.name.casefold() == name.casefold()
        if same and other.key != but_key and other.status != ProcessStatus.DELETED:
            raise Conflict("process", name, "exists")


def _plan_revision(cmd: ReviseProcess, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.process_key,)
    guard = [Load(Tenant, "key", (who.tenant_key,))] if cmd.name is not None else []
    yield [*guard, Load(Draft, "process_key", keys), Load(Process, "key", keys)]
    for process in ws.find(Process, "key", cmd.process_key):
        yield [Read(Process, "library_key", (process.library_key,))]
    if cmd.graph is not None:
        yield from plan_versions((cmd.graph.id,), who, ws)


def _supervisors(of: Supervisors) -> dict[str, list[int]]:
    """As a process keeps them."""
    return {name: list(numbers) for name, numbers in asdict(of).items() if numbers}


def _revises(cmd: ReviseProcess) -> Action:
    return Action.DELETE_PROCESS if cmd.status is ProcessStatus.DELETED else Action.REVISE_PROCESS


def _directs(cmd: ReviseProcess, process: Process) -> bool:
    """A process is called what its newest version is."""
    named = cmd.graph is not None and cmd.graph.name != process.name
    return named or cmd.name is not None or cmd.supervisors is not None


def _revising(cmd: ReviseProcess, ws: WorkingSet) -> Iterator[tuple[Action, Process]]:
    for process in ws.find(Process, "key", cmd.process_key):
        yield _revises(cmd), process
        if _directs(cmd, process):
            yield Action.DIRECT_PROCESS, process


@handles(ReviseProcess, reaching(_plan_revision, _revising))
def revise_process(cmd: ReviseProcess, ctx: Context) -> Done:
    process = ctx.ws.get(Process, cmd.process_key)
    ctx.require_reach(_revises(cmd), process)
    draft = ctx.ws.get(Draft, cmd.process_key, "process_key")
    if process is None or draft is None or process.tenant_key != ctx.principal.tenant_key:
        raise NotFound("process", cmd.process_key)
    if draft.revision != cmd.revision or process.status == ProcessStatus.DELETED:
        raise Conflict("process", cmd.process_key, "changed")
    if _directs(cmd, process):
        ctx.require_reach(Action.DIRECT_PROCESS, process)
    before: dict[str, Any] = {"name": process.name, "status": process.status}
    ctx.ws.change(draft, revision=draft.revision + 1, changed_at=ctx.now)
    if cmd.content is not None:
        before["content"] = draft.content
        ctx.ws.change(draft, content=cmd.content)
    if cmd.name is not None and cmd.name != process.name:
        _unused_name(ctx, process.library_key, cmd.name, process.key)
        ctx.ws.change(process, name=cmd.name)
    if cmd.supervisors is not None:
        before["supervisors"] = process.supervisors
        ctx.ws.change(process, supervisors=_supervisors(cmd.supervisors))
    if cmd.graph is not None:
        if cmd.graph.id != process.process_id:  # then it is another process that gets a version
            ctx.require(Permission.DESIGN)
        put_version(DeployProcess(cmd.graph), ctx)
    if cmd.status is not None:
        ctx.ws.change(process, status=cmd.status.value)
        if cmd.status is ProcessStatus.DELETED:
            ctx.ws.change(process, process_id=f"{process.process_id}~{process.key}")
    after: dict[str, Any] = {"name": process.name, "status": process.status, "revision": draft.revision}
    if cmd.supervisors is not None:
        after["supervisors"] = process.supervisors
    ctx.emit("process.revised", "process", process.key, before=before, after=after)
    return Done()
