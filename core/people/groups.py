"""Groups and who belongs to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.ids import new_uid
from core.people import belongings
from core.people.commands import AddMember, CreateGroup, DeleteGroup, RemoveMember, UpdateGroup
from core.people.powers import guard_power, plan_power
from core.people.users import find_user, fold, granted, touch
from core.principal import Principal
from core.reach import Place
from core.rejections import Conflict, Invalid, NotFound
from core.tables.directory import Associate
from core.tables.identity import Tenant
from core.tables.library import LibraryMember
from core.tables.people import Group, Membership, User
from core.tables.process import Assignment
from core.turn.command import KEEP, Created, Done
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.known import KnownDefinition
from core.turn.reaching import reaching
from core.turn.workingset import Load, WorkingSet
from core.types import Action, AssignmentKind, GroupStatus, MemberKind


def _managed_group(ctx: Context, name: str) -> Group:
    """A group that the principal may change. Whoever may change none at all is not told which there are."""
    tenant = ctx.principal.tenant_key
    group = next((g for g in ctx.ws.find(Group, "name", name) if g.tenant_key == tenant), None)
    ctx.require_reach(Action.MANAGE_GROUP, group, kind="group", id=name)
    if group is None:
        raise NotFound("group", name)
    return group


def _managing(cmd: Any, ws: WorkingSet) -> Iterator[tuple[Action, Group]]:
    for group in ws.find(Group, "name", cmd.group):
        yield Action.MANAGE_GROUP, group


def _subject(name: str) -> tuple[str, str]:
    return MemberKind.GROUP.value, name


def _plan_group(cmd: CreateGroup, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Tenant, "key", (who.tenant_key,)),
        Load(Group, "name_folded", (fold(cmd.name),)),
        Load(User, "username_folded", tuple(fold(m) for m in cmd.members)),
    ]


@handles(CreateGroup, reaching(_plan_group, lambda cmd, ws: ((Action.MANAGE_GROUP, Place(cmd.library_key)),)))
def create_group(cmd: CreateGroup, ctx: Context) -> Created:
    ctx.require_reach(Action.MANAGE_GROUP, Place(cmd.library_key))
    if not cmd.name.strip():
        raise Invalid("name", "required")
    if any(g.tenant_key == ctx.principal.tenant_key for g in ctx.ws.find(Group, "name_folded", fold(cmd.name))):
        raise Conflict("group", cmd.name, "exists")
    members = [find_user(ctx, name) for name in dict.fromkeys(cmd.members)]
    group = Group(
        key=ctx.key(),
        uid=cmd.uid or new_uid(),
        number=ctx.number("group"),
        tenant_key=ctx.principal.tenant_key,
        name=cmd.name,
        name_folded=fold(cmd.name),
        title=cmd.title,
        description=cmd.description,
        library_key=cmd.library_key,
        ext=cmd.ext,
        status=cmd.status.value,
        permissions=granted(ctx, cmd.permissions),
        created_at=ctx.now,
    )
    ctx.ws.add(group)
    for user in members:
        ctx.ws.add(Membership(key=ctx.key(), group_key=group.key, user_key=user.key))
        touch(ctx, user)
    ctx.emit("group.created", "group", group.key, after={"name": group.name, "members": list(cmd.members)})
    return Created(group.key, group.uid, group.number)


def _plan_member(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Group, "name", (cmd.group,)), Load(User, "username_folded", (fold(cmd.username),))]
    users = ws.find(User, "username_folded", fold(cmd.username))
    yield [Load(Membership, "user_key", tuple(u.key for u in users))]
    yield from plan_power({_subject(cmd.group)}, who, ws)


@handles(AddMember, reaching(_plan_member, _managing))
def add_member(cmd: AddMember, ctx: Context) -> Done:
    group, user = _managed_group(ctx, cmd.group), find_user(ctx, cmd.username)
    guard_power(ctx, *_subject(group.name))
    if any(m.group_key == group.key for m in ctx.ws.find(Membership, "user_key", user.key)):
        raise Conflict("member", cmd.username, "exists")
    ctx.ws.add(Membership(key=ctx.key(), group_key=group.key, user_key=user.key))
    touch(ctx, user)
    ctx.emit("group.member-added", "group", group.key, after={"username": user.username})
    return Done()


@handles(RemoveMember, reaching(_plan_member, _managing))
def remove_member(cmd: RemoveMember, ctx: Context) -> Done:
    group, user = _managed_group(ctx, cmd.group), find_user(ctx, cmd.username)
    guard_power(ctx, *_subject(group.name))
    for row in ctx.ws.find(Membership, "user_key", user.key):
        if row.group_key == group.key:
            ctx.ws.remove(row)
            touch(ctx, user)
            ctx.emit("group.member-removed", "group", group.key, before={"username": user.username})
            return Done()
    raise NotFound("member", cmd.username)


def _plan_change(cmd: UpdateGroup, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    names = (cmd.group, *((cmd.new_name,) if isinstance(cmd.new_name, str) else ()))
    guard = [Load(Tenant, "key", (who.tenant_key,))] if isinstance(cmd.new_name, str) else []
    yield [*guard, Load(Group, "name", names), Load(Group, "name_folded", tuple(map(fold, names)))]
    if isinstance(cmd.new_name, str):
        yield belongings.wishes(cmd.group)
    if isinstance(cmd.status, GroupStatus):
        yield [Load(Membership, "group_key", tuple(g.key for g in ws.find(Group, "name", cmd.group)))]
    yield from plan_power({_subject(cmd.group)}, who, ws)


@handles(UpdateGroup, reaching(_plan_change, _managing))
def update_group(cmd: UpdateGroup, ctx: Context) -> Done:
    group = _managed_group(ctx, cmd.group)
    guard_power(ctx, *_subject(group.name))
    before = {"name": group.name, "status": group.status}
    new: dict[str, Any] = {}
    if isinstance(cmd.new_name, str) and cmd.new_name != group.name:
        for other in ctx.ws.find(Group, "name_folded", fold(cmd.new_name)):
            if other.tenant_key == group.tenant_key and other.key != group.key:
                raise Conflict("group", cmd.new_name, "exists")
        new = {"name": cmd.new_name, "name_folded": fold(cmd.new_name)}
        belongings.rename(ctx, "group", group.name, cmd.new_name)
    new.update({n: getattr(cmd, n) for n in ("title", "description") if getattr(cmd, n) is not KEEP})
    if cmd.ext:
        new["ext"] = merge_ext(group.ext, cmd.ext)
    if isinstance(cmd.status, GroupStatus) and cmd.status != group.status:
        new["status"] = cmd.status.value
        for m in ctx.ws.find(Membership, "group_key", group.key):
            ctx.forget(m.user_key)
    if new:
        ctx.ws.change(group, **new)
        after = {"name": group.name, "status": group.status}
        ctx.emit("group.updated", "group", group.key, before=before, after=after)
    return Done()


def _plan_removal(cmd: DeleteGroup, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Group, "name", (cmd.group,))]
    keys = tuple(g.key for g in ws.find(Group, "name", cmd.group))
    yield [
        Load(Membership, "group_key", keys),
        Load(LibraryMember, "member_key", keys),
        Load(Assignment, "assignee_key", keys),
        Load(Associate, "owner_key", keys),
        *belongings.wishes(cmd.group),
    ]
    yield from plan_power({_subject(cmd.group)}, who, ws)


@handles(DeleteGroup, reaching(_plan_removal, _managing))
def delete_group(cmd: DeleteGroup, ctx: Context) -> Done:
    group = _managed_group(ctx, cmd.group)
    guard_power(ctx, *_subject(group.name))
    assignments = ctx.ws.find(Assignment, "assignee_key", group.key)
    if cmd.unused and any(row.kind == AssignmentKind.ORDINARY for row in assignments):
        raise Conflict("group", cmd.group, "assigned")
    for row in list(ctx.ws.find(Membership, "group_key", group.key)):
        ctx.forget(row.user_key)
        ctx.ws.remove(row)
    belongings.forget(ctx, "group", group.name)
    for cls, by in ((LibraryMember, "member_key"), (Assignment, "assignee_key"), (Associate, "owner_key")):
        for other in list(ctx.ws.find(cls, by, group.key)):
            ctx.ws.remove(other)
    ctx.emit("group.deleted", "group", group.key, before={"name": group.name})
    ctx.ws.remove(group)
    return Done()
