"""Cover for somebody who is away."""

from collections.abc import Iterator, Mapping

from core.people.commands import RemoveRedirection, SetRedirection
from core.people.users import find_user
from core.principal import Principal
from core.rejections import Conflict, Invalid
from core.tables.people import Redirection, User
from core.turn.command import Done, Removed
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.reaching import reaching
from core.turn.workingset import Load, WorkingSet
from core.types import Action, UserStatus


def _plan(cmd: SetRedirection, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    names = (cmd.username.casefold(), cmd.target.casefold())
    yield [Load(User, "username_folded", names)]
    keys = tuple(u.key for name in names for u in ws.find(User, "username_folded", name))
    yield [Load(Redirection, "user_key", keys), Load(Redirection, "target_key", keys)]


def _require(ctx: Context, user: User) -> None:
    if user.key != ctx.principal.user_key:
        ctx.require_reach(Action.REDIRECT_TASKS, user, kind="user", id=user.username)


def _redirecting(cmd: SetRedirection | RemoveRedirection, ws: WorkingSet) -> Iterator[tuple[Action, User]]:
    for user in ws.find(User, "username_folded", cmd.username.casefold()):
        yield Action.REDIRECT_TASKS, user


def _overlap(row: Redirection, starts_at: int, ends_at: int | None) -> bool:
    return (ends_at is None or row.starts_at < ends_at) and (row.ends_at is None or starts_at < row.ends_at)


@handles(SetRedirection, reaching(_plan, _redirecting))
def set_redirection(cmd: SetRedirection, ctx: Context) -> Done:
    user, target = find_user(ctx, cmd.username), find_user(ctx, cmd.target)
    _require(ctx, user)
    starts_at = max(cmd.starts_at, ctx.now)
    if cmd.ends_at is not None and cmd.ends_at <= ctx.now:
        raise Invalid("ends_at", "past", cmd.ends_at)
    if cmd.ends_at is not None and cmd.ends_at <= starts_at:
        raise Invalid("ends_at", "order", cmd.ends_at)
    if user.key == target.key:
        raise Invalid("target", "self", cmd.target)
    if target.status != UserStatus.ACTIVE:
        raise Invalid("target", "inactive", cmd.target)
    if any(_overlap(row, starts_at, cmd.ends_at) for row in ctx.ws.find(Redirection, "target_key", user.key)):
        raise Conflict("redirection", cmd.username, "busy")
    if any(_overlap(row, starts_at, cmd.ends_at) for row in ctx.ws.find(Redirection, "user_key", target.key)):
        raise Conflict("redirection", cmd.target, "busy")
    before = {}
    rows = ctx.ws.find(Redirection, "user_key", user.key)
    if rows:
        before = {"target": rows[0].target_key, "starts_at": rows[0].starts_at, "ends_at": rows[0].ends_at}
        ctx.ws.change(rows[0], target_key=target.key, starts_at=starts_at, ends_at=cmd.ends_at)
    else:
        ctx.ws.add(
            Redirection(
                user_key=user.key,
                tenant_key=user.tenant_key,
                target_key=target.key,
                starts_at=starts_at,
                ends_at=cmd.ends_at,
            )
        )
    after = {"target": target.key, "starts_at": starts_at, "ends_at": cmd.ends_at}
    ctx.emit("redirection.set", "user", user.key, before=before, after=after)
    return Done()


def _plan_removal(cmd: RemoveRedirection, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    folded = cmd.username.casefold()
    yield [Load(User, "username_folded", (folded,))]
    yield [Load(Redirection, "user_key", tuple(u.key for u in ws.find(User, "username_folded", folded)))]


@handles(RemoveRedirection, reaching(_plan_removal, _redirecting))
def remove_redirection(cmd: RemoveRedirection, ctx: Context) -> Removed:
    user = find_user(ctx, cmd.username)
    _require(ctx, user)
    rows = list(ctx.ws.find(Redirection, "user_key", user.key))
    for row in rows:
        ctx.ws.remove(row)
        ctx.emit("redirection.removed", "user", user.key, before={"target": row.target_key})
    return Removed(len(rows))
