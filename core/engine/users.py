"""Users, groups and membership."""

from collections.abc import Mapping
from typing import Any

from core.commands import (
    AddMember,
    Created,
    CreateGroup,
    CreateUser,
    Done,
    RemoveMember,
    SetPassword,
    SetUserStatus,
)
from core.engine.context import Context, KnownDefinition, Plan, dump, handles
from core.engine.workingset import Load, WorkingSet
from core.ids import new_uid
from core.principal import Principal
from core.rejections import Conflict, Invalid, NotFound
from core.storage.records import Group, Membership, User
from core.types import Permission


def fold(username: str) -> str:
    """How user names are compared where case does not count."""
    return username.casefold()


def _user(ctx: Context, username: str) -> User:
    for user in ctx.ws.find(User, "username_folded", fold(username)):
        if user.tenant_key == ctx.principal.tenant_key:
            return user
    raise NotFound("user", username)


def _group(ctx: Context, name: str) -> Group:
    for group in ctx.ws.find(Group, "name", name):
        if group.tenant_key == ctx.principal.tenant_key:
            return group
    raise NotFound("group", name)


def _touch(ctx: Context, user: User, **new: Any) -> None:
    """Change what a user may do: remembered credentials of his are forgotten."""
    ctx.ws.change(user, revision=user.revision + 1, changed_at=ctx.now, **new)
    ctx.touched_users.add(user.key)


def _plan_user(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(User, "username_folded", (fold(cmd.username),))]


@handles(CreateUser, _plan_user)
def create_user(cmd: CreateUser, ctx: Context) -> Created:
    ctx.require(Permission.MANAGE_USERS)
    if not cmd.username.strip():
        raise Invalid("username", "required")
    for other in ctx.ws.find(User, "username_folded", fold(cmd.username)):
        if other.tenant_key == ctx.principal.tenant_key:
            raise Conflict("user", cmd.username, "exists")
    user = User(
        key=ctx.key(),
        uid=cmd.uid or new_uid(),
        number=ctx.number("user", cmd.number),
        tenant_key=ctx.principal.tenant_key,
        username=cmd.username,
        username_folded=fold(cmd.username),
        first_name=cmd.first_name,
        last_name=cmd.last_name,
        email=cmd.email,
        password_hash=cmd.password_hash,
        status=cmd.status.value,
        permissions=" ".join(sorted(p.value for p in cmd.permissions)),
        ext=dump(dict(cmd.ext)),
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(user)
    ctx.emit("user.created", "user", user.key, after={"username": user.username, "status": user.status})
    return Created(user.key, user.uid, user.number)


@handles(SetPassword, _plan_user)
def set_password(cmd: SetPassword, ctx: Context) -> Done:
    user = _user(ctx, cmd.username)
    if user.key != ctx.principal.user_key:
        ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    _touch(ctx, user, password_hash=cmd.password_hash)
    ctx.emit("user.password-changed", "user", user.key)
    return Done()


@handles(SetUserStatus, _plan_user)
def set_user_status(cmd: SetUserStatus, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    user = _user(ctx, cmd.username)
    before = user.status
    _touch(ctx, user, status=cmd.status.value)
    ctx.emit("user.updated", "user", user.key, before={"status": before}, after={"status": user.status})
    return Done()


def _plan_group(cmd: CreateGroup, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Group, "name", (cmd.name,)), Load(User, "username_folded", tuple(fold(m) for m in cmd.members))]


@handles(CreateGroup, _plan_group)
def create_group(cmd: CreateGroup, ctx: Context) -> Created:
    ctx.require(Permission.MANAGE_USERS)
    if not cmd.name.strip():
        raise Invalid("name", "required")
    if any(g.tenant_key == ctx.principal.tenant_key for g in ctx.ws.find(Group, "name", cmd.name)):
        raise Conflict("group", cmd.name, "exists")
    members = [_user(ctx, name) for name in dict.fromkeys(cmd.members)]
    group = Group(
        key=ctx.key(),
        uid=cmd.uid or new_uid(),
        number=ctx.number("group"),
        tenant_key=ctx.principal.tenant_key,
        name=cmd.name,
        permissions=" ".join(sorted(p.value for p in cmd.permissions)),
        created_at=ctx.now,
    )
    ctx.ws.add(group)
    for user in members:
        ctx.ws.add(Membership(key=ctx.key(), group_key=group.key, user_key=user.key))
        _touch(ctx, user)
    ctx.emit("group.created", "group", group.key, after={"name": group.name, "members": list(cmd.members)})
    return Created(group.key, group.uid, group.number)


def _plan_member(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Group, "name", (cmd.group,)), Load(User, "username_folded", (fold(cmd.username),))]
    users = ws.find(User, "username_folded", fold(cmd.username))
    yield [Load(Membership, "user_key", tuple(u.key for u in users))]


@handles(AddMember, _plan_member)
def add_member(cmd: AddMember, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="group", id=cmd.group)
    group, user = _group(ctx, cmd.group), _user(ctx, cmd.username)
    if any(m.group_key == group.key for m in ctx.ws.find(Membership, "user_key", user.key)):
        raise Conflict("member", cmd.username, "exists")
    ctx.ws.add(Membership(key=ctx.key(), group_key=group.key, user_key=user.key))
    _touch(ctx, user)
    ctx.emit("group.member-added", "group", group.key, after={"username": user.username})
    return Done()


@handles(RemoveMember, _plan_member)
def remove_member(cmd: RemoveMember, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="group", id=cmd.group)
    group, user = _group(ctx, cmd.group), _user(ctx, cmd.username)
    for row in ctx.ws.find(Membership, "user_key", user.key):
        if row.group_key == group.key:
            ctx.ws.remove(row)
            _touch(ctx, user)
            ctx.emit("group.member-removed", "group", group.key, before={"username": user.username})
            return Done()
    raise NotFound("member", cmd.username)
