"""Users."""

from collections.abc import Mapping
from typing import Any

from core.clock import MINUTE
from core.ids import new_uid
from core.people import belongings
from core.people.commands import CreateUser, DeleteUser, SetPassword, SetUserStatus, UpdateUser
from core.people.powers import guard_user, plan_power_of_user
from core.principal import Principal
from core.rejections import Conflict, Invalid, NotFound
from core.tables.file import File
from core.tables.identity import Credential
from core.tables.library import LibraryMember
from core.tables.people import Membership, Redirection, User
from core.tables.process import Assignment
from core.turn.command import KEEP, Created, Done
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.files import remove_files
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import Permission


def fold(username: str) -> str:
    """How user names are compared where case does not count."""
    return username.casefold()


def find_user(ctx: Context, username: str) -> User:
    for user in ctx.ws.find(User, "username_folded", fold(username)):
        if user.tenant_key == ctx.principal.tenant_key:
            return user
    raise NotFound("user", username)


def touch(ctx: Context, user: User, **new: Any) -> None:
    """Change what a user may do: their remembered credentials are forgotten."""
    ctx.ws.change(user, revision=user.revision + 1, changed_at=ctx.now, **new)
    ctx.forget(user.key)


def _password_moment(user: User, now: int) -> int:
    """Not before anything that was issued to them, which a new password ends: somebody may have set the clock back."""
    last = user.logged_in_at or 0
    return now if now >= last else last + MINUTE


def granted(ctx: Context, permissions: frozenset[Permission], before: str = "") -> str:
    """As they are stored. Nobody gives away what they may not do themselves, nor takes it from who has more."""
    changed = permissions.symmetric_difference(map(Permission, before.split()))
    for permission in sorted(changed):
        ctx.require(permission)
    return " ".join(sorted(p.value for p in permissions))


def _plan_user(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(User, "username_folded", (fold(cmd.username),))]


def _plan_change(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(User, "username_folded", (fold(cmd.username),))]
    yield from plan_power_of_user(cmd.username, who, ws)


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
        email_since=ctx.now,
        password_hash=cmd.password_hash,
        status=cmd.status.value,
        authority=cmd.authority,
        read_only=int(cmd.read_only),
        library_key=cmd.library_key,
        password_changed_at=ctx.now if cmd.password_hash else None,
        permissions=granted(ctx, cmd.permissions),
        ext=cmd.ext,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(user)
    ctx.emit("user.created", "user", user.key, after={"username": user.username, "status": user.status})
    return Created(user.key, user.uid, user.number)


@handles(SetPassword, _plan_change)
def set_password(cmd: SetPassword, ctx: Context) -> Done:
    user = find_user(ctx, cmd.username)
    guard_user(ctx.principal, ctx.ws.find, user)
    touch(ctx, user, password_hash=cmd.password_hash, password_changed_at=_password_moment(user, ctx.now))
    ctx.emit("user.password-changed", "user", user.key)
    return Done()


@handles(SetUserStatus, _plan_change)
def set_user_status(cmd: SetUserStatus, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    user = find_user(ctx, cmd.username)
    guard_user(ctx.principal, ctx.ws.find, user)
    before = user.status
    touch(ctx, user, status=cmd.status.value)
    ctx.emit("user.updated", "user", user.key, before={"status": before}, after={"status": user.status})
    return Done()


@handles(UpdateUser, _plan_change)
def update_user(cmd: UpdateUser, ctx: Context) -> Done:
    user = find_user(ctx, cmd.username)
    guard_user(ctx.principal, ctx.ws.find, user)
    names = ("first_name", "last_name", "email", "mobile", "authority", "read_only", "status", "password_hash")
    new = {name: getattr(cmd, name) for name in names if getattr(cmd, name) is not KEEP}
    if "read_only" in new:
        new["read_only"] = int(new["read_only"])
    if "status" in new:
        ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
        new["status"] = cmd.status.value  # type: ignore[union-attr]
    if isinstance(cmd.permissions, frozenset):
        ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
        new["permissions"] = granted(ctx, cmd.permissions, user.permissions)
    secret = new.pop("password_hash", None)
    before = {name: getattr(user, name) for name in new}
    if new.get("email", user.email) != user.email:
        new["email_since"] = ctx.now
    if cmd.ext:
        new["ext"] = merge_ext(user.ext, cmd.ext)
    if secret is not None:
        touch(ctx, user, password_hash=secret, password_changed_at=_password_moment(user, ctx.now))
        ctx.emit("user.password-changed", "user", user.key)
    if all(getattr(user, name) == value for name, value in new.items()):
        return Done()
    touch(ctx, user, **new)
    after = {**{name: new[name] for name in before}, **({"ext": dict(cmd.ext)} if cmd.ext else {})}
    ctx.emit("user.updated", "user", user.key, before=before, after=after)
    return Done()


def _plan_removal(cmd: DeleteUser, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(User, "username_folded", (fold(cmd.username),))]
    keys = tuple(u.key for u in ws.find(User, "username_folded", fold(cmd.username)))
    yield [
        Load(Membership, "user_key", keys),
        Load(Credential, "user_key", keys),
        Load(LibraryMember, "member_key", keys),
        Load(Redirection, "user_key", keys),
        Load(Redirection, "target_key", keys),
        Load(Assignment, "assignee_key", keys),
        Load(File, "user_key", keys),
        *(
            load
            for user in ws.find(User, "username_folded", fold(cmd.username))
            for load in belongings.wishes(user.username)
        ),
    ]
    yield from plan_power_of_user(cmd.username, who, ws)


@handles(DeleteUser, _plan_removal)
def delete_user(cmd: DeleteUser, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    user = find_user(ctx, cmd.username)
    guard_user(ctx.principal, ctx.ws.find, user)
    for cls, by in _OWNED:
        for row in list(ctx.ws.find(cls, by, user.key)):
            ctx.ws.remove(row)
    remove_files(ctx, ctx.ws.find(File, "user_key", user.key))
    belongings.forget(ctx, "user", user.username)
    ctx.forget(user.key)
    ctx.emit("user.deleted", "user", user.key, before={"username": user.username})
    ctx.ws.remove(user)
    return Done()


_OWNED: tuple[tuple[type[Any], str], ...] = (
    (Membership, "user_key"),
    (Credential, "user_key"),
    (LibraryMember, "member_key"),
    (Redirection, "user_key"),
    (Redirection, "target_key"),
    (Assignment, "assignee_key"),
)
