"""New versions of requirements and their decisions, and their end."""

from typing import Any

from core.decision.commands import NewRequirements
from core.graph.dmn import model
from core.graph.dmn.compiler import compiled
from core.rejections import Invalid
from core.tables.decision import Decision, Requirements
from core.turn.command import StoredRequirements, StoredResource
from core.turn.context import Context, Plan
from core.turn.workingset import Read


def plan_requirements(wanted: tuple[NewRequirements, ...]) -> Plan:
    decisions = tuple(decision.id for new in wanted for decision in new.graph.decisions)
    yield [
        Read(Requirements, "requirements_id", tuple(new.graph.id for new in wanted)),
        Read(Decision, "decision_id", decisions),
    ]


def put_requirements(new: NewRequirements, ctx: Context) -> StoredRequirements:
    """The same file again is no new version, as long as its decisions are the newest of theirs."""
    graph = new.graph
    text = graph.to_json()
    problems = compiled(text).problems
    if problems:
        raise Invalid("requirements", "\n".join(problems), problems)
    tenant = ctx.principal.tenant_key
    rows = [r for r in ctx.ws.find(Requirements, "requirements_id", graph.id) if r.tenant_key == tenant]
    newest = max(rows, key=lambda r: r.version, default=None)
    before = {decision.id: _newest(decision.id, ctx) for decision in graph.decisions}
    if newest is not None and (newest.resource_name, newest.resource, newest.graph) == (new.name, new.content, text):
        kept = [row for row in before.values() if row is not None and row.requirements_key == newest.key]
        if len(kept) == len(before):
            return StoredRequirements(
                newest.key, newest.version, tuple(StoredResource(row.key, row.version, False) for row in kept)
            )
    row = Requirements(
        key=ctx.key(),
        tenant_key=tenant,
        requirements_id=graph.id,
        name=graph.name,
        version=newest.version + 1 if newest is not None else 1,
        graph=text,
        resource_name=new.name,
        resource=new.content,
        created_at=ctx.now,
    )
    ctx.ws.add(row)
    decisions = tuple(_put(decision, before[decision.id], row, ctx) for decision in graph.decisions)
    after = {"kind": "requirements", "id": row.requirements_id, "version": row.version}
    ctx.emit("resource.deployed", "resource", row.key, after=after)
    return StoredRequirements(row.key, row.version, decisions)


def _newest(decision_id: str, ctx: Context) -> Decision | None:
    rows = ctx.ws.find(Decision, "decision_id", decision_id)
    return max((r for r in rows if r.tenant_key == ctx.principal.tenant_key), key=lambda r: r.version, default=None)


def _put(decision: model.Decision, before: Decision | None, of: Requirements, ctx: Context) -> StoredResource:
    row = Decision(
        key=ctx.key(),
        tenant_key=of.tenant_key,
        decision_id=decision.id,
        name=decision.name,
        version=before.version + 1 if before is not None else 1,
        version_tag=decision.version_tag,
        requirements_key=of.key,
        requirements_id=of.requirements_id,
        created_at=ctx.now,
    )
    ctx.ws.add(row)
    return StoredResource(row.key, row.version, True)


def remove_requirements(key: int, ctx: Context) -> bool:
    """With their decisions; what these came to stays. False if there are none with this key."""
    row = ctx.ws.get(Requirements, key)
    if row is None or row.tenant_key != ctx.principal.tenant_key:
        return False
    before: dict[str, Any] = {"kind": "requirements", "id": row.requirements_id, "version": row.version}
    ctx.emit("resource.deleted", "resource", row.key, before=before)
    for decision in list(ctx.ws.find(Decision, "requirements_key", key)):
        ctx.ws.remove(decision)
    ctx.ws.remove(row)
    return True
