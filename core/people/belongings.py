"""What a name leaves behind where people, groups and clients are known by it: memberships and grants."""

from typing import Any

from core.tables.directory import Associate, Grant
from core.turn.context import Context
from core.turn.workingset import Load


def wishes(id: str) -> list[Load]:
    return [Load(Associate, "member_id", (id,)), Load(Grant, "owner_id", (id,))]


def _rows(ctx: Context, kind: str, id: str) -> list[tuple[Any, str]]:
    """(row, the column with the name)"""
    tenant = ctx.principal.tenant_key
    members = [r for r in ctx.ws.find(Associate, "member_id", id) if r.kind == kind and r.tenant_key == tenant]
    grants = [r for r in ctx.ws.find(Grant, "owner_id", id) if r.owner_kind == kind and r.tenant_key == tenant]
    return [*((row, "member_id") for row in members), *((row, "owner_id") for row in grants)]


def forget(ctx: Context, kind: str, id: str) -> None:
    """Whoever goes leaves nothing that the next one of that name would have."""
    for row, _ in _rows(ctx, kind, id):
        ctx.ws.remove(row)


def rename(ctx: Context, kind: str, id: str, new: str) -> None:
    for row, column in _rows(ctx, kind, id):
        ctx.ws.change(row, **{column: new})
