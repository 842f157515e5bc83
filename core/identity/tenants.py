"""Tenants: made rarely, looked up with every request, so each process remembers them."""

from collections.abc import Mapping
from typing import Any

from core.identity.commands import CreateTenant, SetTenant
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.storage.jsontext import mapping
from core.tables.identity import Tenant
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import Permission


def _plan(cmd: CreateTenant, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Tenant, "name", (cmd.name,))]


@handles(CreateTenant, _plan)
def create_tenant(cmd: CreateTenant, ctx: Context) -> Created:
    ctx.require(Permission.ADMINISTER)
    if ctx.ws.find(Tenant, "name", cmd.name):
        raise Conflict("tenant", cmd.name, "exists")
    tenant = Tenant(key=ctx.key(), number=cmd.number, name=cmd.name, ext={"aliases": cmd.aliases})
    ctx.ws.add(tenant)
    ctx.emit("tenant.created", "tenant", tenant.key, after={"name": tenant.name})
    return Created(tenant.key, "", tenant.number)


def _plan_own(cmd: SetTenant, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Tenant, "key", (who.tenant_key,))]


@handles(SetTenant, _plan_own)
def set_tenant(cmd: SetTenant, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    tenant = ctx.ws.get(Tenant, ctx.principal.tenant_key)
    if tenant is None:
        raise NotFound("tenant", ctx.principal.tenant_key)
    before = {"name": tenant.name, "number": tenant.number}
    ctx.ws.change(tenant, name=cmd.name, number=cmd.number, ext={"aliases": cmd.aliases})
    ctx.emit("tenant.updated", "tenant", tenant.key, before=before, after={"name": cmd.name, "number": cmd.number})
    return Done()


def tenant_names(rows: list[tuple[Any, ...]]) -> dict[tuple[str, str], int]:
    """(dialect, name) -> key; ("", "") is the first tenant."""
    names: dict[tuple[str, str], int] = {}
    for key, name, ext, _ in rows:
        names.setdefault(("", ""), key)
        names["", name] = key
        for dialect, aliases in mapping(ext).get("aliases", {}).items():
            for alias in aliases:
                names[dialect, alias] = key
    return names
