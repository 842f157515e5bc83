"""Roles, tenants and mapping rules, who belongs to them, and what is granted to whom."""

from collections.abc import Mapping
from typing import Any

from core.directory.commands import (
    AddAssociate,
    Associating,
    CreateEntry,
    CreateFirstAdministrator,
    DeleteEntry,
    DeleteGrant,
    Granted,
    PutGrant,
    RemoveAssociate,
    UpdateEntry,
)
from core.people import belongings
from core.people.commands import AddMember, CreateUser, RemoveMember
from core.people.powers import guard_power, plan_power
from core.people.users import find_user, fold, touch
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.tables.directory import Associate, Entry, Grant
from core.tables.identity import Setting, Tenant
from core.tables.people import Group, User
from core.turn.command import KEEP, Done
from core.turn.context import HANDLERS, Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import (
    ADMINISTRATORS,
    ALL_PERMISSIONS,
    DEFAULT_TENANT,
    EntryKind,
    MemberKind,
    OwnerKind,
    Permission,
    UserStatus,
)

_BUILT_IN = frozenset({(EntryKind.ROLE, ADMINISTRATORS), (EntryKind.TENANT, DEFAULT_TENANT)})


def _find(ctx: Context, kind: str, id: str) -> Entry:
    for entry in ctx.ws.find(Entry, "entry_id", id):
        if entry.kind == kind and entry.tenant_key == ctx.principal.tenant_key:
            return entry
    raise NotFound(kind, id)


def _plan_entry(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Entry, "entry_id", (cmd.id,))]


@handles(CreateEntry, _plan_entry)
def create_entry(cmd: CreateEntry, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind=cmd.kind, id=cmd.id)
    of_tenant = (e for e in ctx.ws.find(Entry, "entry_id", cmd.id) if e.tenant_key == ctx.principal.tenant_key)
    if any(entry.kind == cmd.kind for entry in of_tenant):
        raise Conflict(cmd.kind, cmd.id, "exists")
    entry = Entry(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        kind=cmd.kind.value,
        entry_id=cmd.id,
        name=cmd.name,
        description=cmd.description,
        claim_name=cmd.claim_name,
        claim_value=cmd.claim_value,
        created_at=ctx.now,
    )
    ctx.ws.add(entry)
    ctx.emit(f"{cmd.kind}.created", cmd.kind, entry.key, after={"id": cmd.id, "name": cmd.name})
    return Done()


def _plan_update(cmd: UpdateEntry, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Entry, "entry_id", (cmd.id,))]
    yield from plan_power({(cmd.kind.value, cmd.id)}, who, ws)


@handles(UpdateEntry, _plan_update)
def update_entry(cmd: UpdateEntry, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind=cmd.kind, id=cmd.id)
    entry = _find(ctx, cmd.kind, cmd.id)
    names = ("name", "description", "claim_name", "claim_value")
    new = {n: getattr(cmd, n) for n in names if getattr(cmd, n) not in (KEEP, getattr(entry, n))}
    if new:
        guard_power(ctx, cmd.kind.value, cmd.id)
        before = {name: getattr(entry, name) for name in new}
        ctx.ws.change(entry, **new)
        ctx.emit(f"{cmd.kind}.updated", cmd.kind, entry.key, before=before, after=new)
    return Done()


def _plan_removal(cmd: DeleteEntry, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Entry, "entry_id", (cmd.id,)), *belongings.wishes(cmd.id)]
    yield [Load(Associate, "owner_key", tuple(e.key for e in ws.find(Entry, "entry_id", cmd.id)))]
    yield from plan_power({(cmd.kind.value, cmd.id)}, who, ws)


@handles(DeleteEntry, _plan_removal)
def delete_entry(cmd: DeleteEntry, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind=cmd.kind, id=cmd.id)
    entry = _find(ctx, cmd.kind, cmd.id)
    if (cmd.kind, cmd.id) in _BUILT_IN:
        raise Conflict(cmd.kind, cmd.id, "built-in")
    guard_power(ctx, cmd.kind.value, cmd.id)
    belongings.forget(ctx, cmd.kind.value, cmd.id)
    for row in list(ctx.ws.find(Associate, "owner_key", entry.key)):
        ctx.ws.remove(row)
    ctx.emit(f"{cmd.kind}.deleted", cmd.kind, entry.key, before={"id": entry.entry_id, "name": entry.name})
    ctx.ws.remove(entry)
    return Done()


# Members


def _of_group(cmd: Associating) -> AddMember | RemoveMember | None:
    """Users of a group are members since long before there were others."""
    if (cmd.owner, cmd.kind) != (OwnerKind.GROUP, MemberKind.USER):
        return None
    return (AddMember if isinstance(cmd, AddAssociate) else RemoveMember)(cmd.owner_id, cmd.member_id)


def _plan_member(cmd: Associating, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Entry, "entry_id", (cmd.owner_id, cmd.member_id)),
        Load(Group, "name", (cmd.owner_id, cmd.member_id)),
        Load(User, "username_folded", (fold(cmd.member_id),)),
    ]
    keys = [e.key for e in ws.find(Entry, "entry_id", cmd.owner_id)]
    keys += [g.key for g in ws.find(Group, "name", cmd.owner_id)]
    yield [Load(Associate, "owner_key", tuple(keys))]
    yield from plan_power({(cmd.owner.value, cmd.owner_id)}, who, ws)
    delegate = _of_group(cmd)
    if delegate is not None:
        yield from HANDLERS[type(delegate)].plan(delegate, who, ws, known)


def _owner(cmd: Associating, ctx: Context) -> Entry | Group:
    if cmd.owner is not OwnerKind.GROUP:
        return _find(ctx, cmd.owner, cmd.owner_id)
    for group in ctx.ws.find(Group, "name", cmd.owner_id):
        if group.tenant_key == ctx.principal.tenant_key:
            return group
    raise NotFound("group", cmd.owner_id)


def _check_member(cmd: Associating, ctx: Context) -> None:
    """A client is known to whoever issues its tokens, not to us."""
    tenant = ctx.principal.tenant_key
    if cmd.kind is MemberKind.USER:
        known = [u for u in ctx.ws.find(User, "username_folded", fold(cmd.member_id)) if u.username == cmd.member_id]
        there = any(u.tenant_key == tenant and u.status != UserStatus.CLOSED for u in known)
    elif cmd.kind is MemberKind.GROUP:
        there = any(g.tenant_key == tenant for g in ctx.ws.find(Group, "name", cmd.member_id))
    elif cmd.kind is MemberKind.CLIENT:
        there = True
    else:
        rows = ctx.ws.find(Entry, "entry_id", cmd.member_id)
        there = any(e.kind == cmd.kind and e.tenant_key == tenant for e in rows)
    if not there:
        raise NotFound("member", cmd.member_id)


def _administers(cmd: Associating) -> bool:
    return (cmd.owner, cmd.owner_id, cmd.kind) == (OwnerKind.ROLE, ADMINISTRATORS, MemberKind.USER)


def _set_administrator(cmd: Associating, ctx: Context, wanted: bool) -> None:
    user = find_user(ctx, cmd.member_id)
    if (Permission.ADMINISTER in user.permissions.split()) == wanted:
        if wanted:
            raise Conflict("member", cmd.member_id, "exists")
        raise NotFound("member", cmd.member_id)
    permissions = set(user.permissions.split()) ^ {Permission.ADMINISTER.value}
    before = {"permissions": user.permissions}
    touch(ctx, user, permissions=" ".join(sorted(permissions)))
    ctx.emit("user.updated", "user", user.key, before=before, after={"permissions": user.permissions})


@handles(AddAssociate, _plan_member)
def add_associate(cmd: AddAssociate, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind=cmd.owner, id=cmd.owner_id)
    owner = _owner(cmd, ctx)
    _check_member(cmd, ctx)
    guard_power(ctx, cmd.owner.value, cmd.owner_id)
    delegate = _of_group(cmd)
    if delegate is not None:
        return HANDLERS[type(delegate)].decide(delegate, ctx)  # type: ignore[no-any-return]
    if _administers(cmd):
        _set_administrator(cmd, ctx, True)
        return Done()
    rows = ctx.ws.find(Associate, "owner_key", owner.key)
    if any(r.kind == cmd.kind and r.member_id == cmd.member_id for r in rows):
        raise Conflict("member", cmd.member_id, "exists")
    row = Associate(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        owner_key=owner.key,
        kind=cmd.kind.value,
        member_id=cmd.member_id,
    )
    ctx.ws.add(row)
    ctx.emit(f"{cmd.owner}.member-added", cmd.owner, owner.key, after={"kind": cmd.kind.value, "id": cmd.member_id})
    return Done()


@handles(RemoveAssociate, _plan_member)
def remove_associate(cmd: RemoveAssociate, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind=cmd.owner, id=cmd.owner_id)
    owner = _owner(cmd, ctx)
    guard_power(ctx, cmd.owner.value, cmd.owner_id)
    delegate = _of_group(cmd)
    if delegate is not None:
        return HANDLERS[type(delegate)].decide(delegate, ctx)  # type: ignore[no-any-return]
    if _administers(cmd):
        _check_member(cmd, ctx)
        _set_administrator(cmd, ctx, False)
        return Done()
    for row in list(ctx.ws.find(Associate, "owner_key", owner.key)):
        if row.kind == cmd.kind and row.member_id == cmd.member_id:
            ctx.ws.remove(row)
            gone = {"kind": cmd.kind.value, "id": cmd.member_id}
            ctx.emit(f"{cmd.owner}.member-removed", cmd.owner, owner.key, before=gone)
            return Done()
    raise NotFound("member", cmd.member_id)


# Grants


def _plan_grant(cmd: PutGrant, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    guard = Load(Tenant, "key", (who.tenant_key,))
    yield [guard, Load(Grant, "key", (cmd.key,)), Read(Grant, "owner_id", (cmd.owner_id,))]


def _grant(ctx: Context, key: int) -> Grant:
    grant = ctx.ws.get(Grant, key)
    if grant is None or grant.tenant_key != ctx.principal.tenant_key:
        raise NotFound("grant", key)
    return grant


#: the id of all things of a kind
EVERYTHING = "*"
_THING = ("owner_kind", "owner_id", "resource_kind", "resource_id", "property_name")


@handles(PutGrant, _plan_grant)
def put_grant(cmd: PutGrant, ctx: Context) -> Granted:
    ctx.require(Permission.MANAGE_USERS, kind="grant", id=cmd.key)
    grant = _grant(ctx, cmd.key) if cmd.key else None
    if cmd.resource_id == EVERYTHING or (grant is not None and grant.resource_id == EVERYTHING):
        # over all things of a kind only an administrator disposes: else whoever grants could have them all
        ctx.require(Permission.ADMINISTER, kind="grant", id=cmd.key)
    thing = {name: getattr(cmd, name) for name in _THING}
    permissions = tuple(sorted(set(cmd.permissions)))
    for other in ctx.ws.find(Grant, "owner_id", cmd.owner_id):
        same = other.tenant_key == ctx.principal.tenant_key and all(getattr(other, n) == v for n, v in thing.items())
        if same and (grant is None or other.key != grant.key):
            raise Conflict("grant", other.key, "exists")
    if grant is None:
        grant = Grant(key=ctx.key(), tenant_key=ctx.principal.tenant_key, permissions=permissions, **thing)
        ctx.ws.add(grant)
        ctx.emit("grant.created", "grant", grant.key, after={**thing, "permissions": permissions})
    else:
        before = {name: getattr(grant, name) for name in (*_THING, "permissions")}
        ctx.ws.change(grant, permissions=permissions, **thing)
        ctx.emit("grant.updated", "grant", grant.key, before=before, after={**thing, "permissions": permissions})
    return Granted(grant.key)


def _plan_key(cmd: DeleteGrant, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Grant, "key", (cmd.key,))]


@handles(DeleteGrant, _plan_key)
def delete_grant(cmd: DeleteGrant, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="grant", id=cmd.key)
    grant = _grant(ctx, cmd.key)
    if grant.resource_id == EVERYTHING:
        ctx.require(Permission.ADMINISTER, kind="grant", id=cmd.key)
    ctx.emit("grant.deleted", "grant", grant.key, before={name: getattr(grant, name) for name in _THING})
    ctx.ws.remove(grant)
    return Done()


# The first administrator


#: a setting that can be made but once: another process may have another first one at the same time
_FIRST = "first-administrator:"


def _new(cmd: CreateFirstAdministrator) -> CreateUser:
    names = (cmd.first_name, cmd.last_name, cmd.email)
    return CreateUser(cmd.username, cmd.password_hash, *names, permissions=ALL_PERMISSIONS)


def _plan_first(
    cmd: CreateFirstAdministrator, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Plan:
    yield [Load(Setting, "name", (f"{_FIRST}{who.tenant_key}",)), Read(User, "tenant_key", (who.tenant_key,))]
    yield from HANDLERS[CreateUser].plan(_new(cmd), who, ws, known)


@handles(CreateFirstAdministrator, _plan_first)
def create_first_administrator(cmd: CreateFirstAdministrator, ctx: Context) -> Done:
    for user in ctx.ws.find(User, "tenant_key", ctx.principal.tenant_key):
        if Permission.ADMINISTER in user.permissions.split():
            raise Conflict("user", user.username, "exists")
    name = f"{_FIRST}{ctx.principal.tenant_key}"
    row = ctx.ws.get(Setting, name, "name")
    if row is None:
        ctx.ws.add(Setting(name=name, value=cmd.username))
    else:
        ctx.ws.change(row, value=cmd.username)
    HANDLERS[CreateUser].decide(_new(cmd), ctx)
    return Done()
