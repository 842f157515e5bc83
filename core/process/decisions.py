"""Deploying processes, and their starters."""

from collections.abc import Mapping
from typing import Any

from core.decision.deployment import plan_requirements, put_requirements, remove_requirements
from core.flow import starts
from core.graph.check import check
from core.graph.elements import ElementKind
from core.graph.graph import Graph
from core.graph.program import Program
from core.ids import new_uid
from core.principal import Principal
from core.process.commands import CreateStarter, DeleteResource, Deploy, DeployProcess, NewResource
from core.process.versions import latest
from core.rejections import Invalid, NotFound
from core.tables.decision import Decision, Requirements
from core.tables.process import Activity, Definition, Process, Resource, Starter
from core.turn.command import Created, Deployed, DeployedAll, Done, StoredResource
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Permission, ProcessStatus


def plan_versions(ids: tuple[str, ...], who: Principal, ws: WorkingSet) -> Plan:
    yield [Load(Process, "process_id", ids)]
    rows = [p for id in ids for p in ws.find(Process, "process_id", id)]
    keys = tuple(p.key for p in rows if p.tenant_key == who.tenant_key)
    yield [Read(Definition, "process_key", keys), Load(Activity, "process_key", keys)]


def _plan_deploy(cmd: DeployProcess, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield from plan_versions((cmd.graph.id,), who, ws)


@handles(DeployProcess, _plan_deploy)
def deploy_process(cmd: DeployProcess, ctx: Context) -> Deployed:
    ctx.require(Permission.DESIGN)
    return put_version(cmd, ctx)


def _plan_all(cmd: Deploy, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Resource, "resource_id", tuple(r.resource_id for r in cmd.resources))]
    yield from plan_requirements(cmd.requirements)
    yield from plan_versions(tuple(p.graph.id for p in cmd.processes), who, ws)


@handles(Deploy, _plan_all)
def deploy(cmd: Deploy, ctx: Context) -> DeployedAll:
    ctx.require(Permission.DESIGN)
    processes = tuple(put_version(process, ctx) for process in cmd.processes)
    requirements = tuple(put_requirements(new, ctx) for new in cmd.requirements)
    resources = tuple(_put_resource(resource, ctx) for resource in cmd.resources)
    return DeployedAll(ctx.key(), processes, resources, requirements)


def _plan_deletion(cmd: DeleteResource, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(cls, "key", (cmd.key,)) for cls in (Resource, Definition, Requirements)]
    yield [Load(Decision, "requirements_key", (cmd.key,))]
    definition = ws.get(Definition, cmd.key)
    if definition is not None:
        yield [Read(Definition, "process_key", (definition.process_key,))]


@handles(DeleteResource, _plan_deletion)
def delete_resource(cmd: DeleteResource, ctx: Context) -> Done:
    ctx.require(Permission.DESIGN)
    tenant = ctx.principal.tenant_key
    resource, definition = ctx.ws.get(Resource, cmd.key), ctx.ws.get(Definition, cmd.key)
    if resource is not None and resource.tenant_key == tenant:
        before: dict[str, Any] = {"kind": resource.kind, "id": resource.resource_id, "version": resource.version}
        ctx.emit("resource.deleted", "resource", resource.key, before=before)
        ctx.ws.remove(resource)
        return Done()
    if remove_requirements(cmd.key, ctx):
        return Done()
    if definition is None or definition.tenant_key != tenant or definition.status == ProcessStatus.DELETED:
        raise NotFound("resource", cmd.key)
    before = {"status": definition.status, "id": definition.process_id, "version": definition.version}
    was_newest = latest(ctx.ws, definition.process_key) is definition
    ctx.ws.change(definition, status=ProcessStatus.DELETED.value)
    if was_newest:  # the one before is the newest again
        starts.disarm(ctx, definition)
        newest = latest(ctx.ws, definition.process_key)
        if newest is not None:
            starts.arm(ctx, newest)
    ctx.emit("process.deleted", "process", definition.key, before=before, after={"status": definition.status})
    return Done()


def _put_resource(new: NewResource, ctx: Context) -> StoredResource:
    rows = ctx.ws.find(Resource, "resource_id", new.resource_id)
    of_kind = [r for r in rows if r.tenant_key == ctx.principal.tenant_key and r.kind == new.kind]
    newest = max(of_kind, key=lambda r: r.version, default=None)
    if newest is not None and (newest.name, newest.content) == (new.name, new.content):
        return StoredResource(newest.key, newest.version, False)
    row = Resource(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        kind=new.kind.value,
        resource_id=new.resource_id,
        version=newest.version + 1 if newest is not None else 1,
        name=new.name,
        content=new.content,
        created_at=ctx.now,
    )
    ctx.ws.add(row)
    after = {"kind": row.kind, "id": row.resource_id, "version": row.version}
    ctx.emit("resource.deployed", "resource", row.key, after=after)
    return StoredResource(row.key, row.version, True)


def put_version(cmd: DeployProcess, ctx: Context) -> Deployed:
    problems = check(cmd.graph)
    if problems:
        raise Invalid("graph", "; ".join(f"{p.element_id}: {p.text}" for p in problems), problems)
    rows = ctx.ws.find(Process, "process_id", cmd.graph.id)
    process = next((p for p in rows if p.tenant_key == ctx.principal.tenant_key), None)
    text = cmd.graph.to_json()
    if process is None:
        process = Process(
            key=ctx.key(),
            uid=cmd.uid or new_uid(),
            number=ctx.number("process", cmd.number),
            tenant_key=ctx.principal.tenant_key,
            process_id=cmd.graph.id,
            name=cmd.graph.name,
            ext=cmd.ext,
            created_at=ctx.now,
        )
        ctx.ws.add(process)
    newest = latest(ctx.ws, process.key)
    same = newest is not None and (newest.graph == text or Graph.from_json(newest.graph) == cmd.graph)
    if newest is not None and same and (newest.resource_name, newest.resource) == (cmd.resource_name, cmd.resource):
        return Deployed(process.key, newest.key, newest.version, False)
    definition = Definition(
        key=ctx.key(),
        process_key=process.key,
        tenant_key=process.tenant_key,
        process_id=process.process_id,
        version=max((d.version for d in ctx.ws.find(Definition, "process_key", process.key)), default=0) + 1,
        name=cmd.graph.name,
        graph=text,
        resource_name=cmd.resource_name,
        resource=cmd.resource,
        version_tag=cmd.version_tag,
        start_form=Program(cmd.graph).start_form,
        created_at=ctx.now,
    )
    ctx.ws.add(definition)
    if process.name != cmd.graph.name:
        ctx.ws.change(process, name=cmd.graph.name)
    _put_activities(cmd, ctx, process, cmd.graph)
    if newest is not None:
        starts.disarm(ctx, newest)
    starts.arm(ctx, definition)
    ctx.emit(
        "process.deployed",
        "process",
        process.key,
        after={"process": process.process_id, "version": definition.version, "definition": definition.key},
    )
    return Deployed(process.key, definition.key, definition.version, True)


def _put_activities(cmd: DeployProcess, ctx: Context, process: Process, graph: Graph) -> None:
    known = {a.element_id: a for a in ctx.ws.find(Activity, "process_key", process.key)}
    given = {a.element_id: a for a in cmd.activities}
    for position, element in enumerate(graph.elements):
        if element.kind not in (ElementKind.USER_TASK, ElementKind.SUB_PROCESS):
            continue
        activity = known.get(element.id)
        if activity is not None:
            if activity.name != element.name:
                ctx.ws.change(activity, name=element.name)
            continue
        ids = given.get(element.id)
        ctx.ws.add(
            Activity(
                key=ctx.key(),
                uid=(ids.uid if ids is not None else "") or new_uid(),
                number=ctx.number("activity", ids.number if ids is not None else 0),
                tenant_key=process.tenant_key,
                process_key=process.key,
                element_id=element.id,
                name=element.name,
                kind=element.kind.value,
                position=position,
                created_at=ctx.now,
                changed_at=ctx.now,
            )
        )


def _plan_starter(cmd: CreateStarter, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Process, "key", (cmd.process_key,))]


@handles(CreateStarter, _plan_starter)
def create_starter(cmd: CreateStarter, ctx: Context) -> Created:
    ctx.require(Permission.DESIGN)
    process = ctx.ws.get(Process, cmd.process_key)
    if process is None or process.tenant_key != ctx.principal.tenant_key:
        raise NotFound("process", cmd.process_key)
    starter = Starter(
        key=ctx.key(),
        uid=cmd.uid or new_uid(),
        number=ctx.number("starter", cmd.number),
        tenant_key=process.tenant_key,
        process_key=process.key,
        process_name=process.name,
        element_id=cmd.element_id,
        name=cmd.name,
        label=cmd.label,
        role=cmd.role,
    )
    ctx.ws.add(starter)
    ctx.emit("starter.created", "starter", starter.key, after={"name": starter.name, "role": starter.role})
    return Created(starter.key, starter.uid, starter.number)
