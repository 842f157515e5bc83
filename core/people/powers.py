"""What ends in administrator, whatever way leads there, and who may touch it.

A user administers by a permission of their own, by one of their groups, or as a member of the role of administrators;
and a group, a client or a mapping rule is a member of that role by itself, or inside of what is one. Whoever changes
such a thing, or who belongs to it, makes or unmakes administrators, so they have to be one.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from core.principal import Principal
from core.rejections import Forbidden
from core.tables.directory import Associate, Entry
from core.tables.people import Group, Membership, User
from core.turn.context import Context
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ADMINISTRATORS, MemberKind, OwnerKind, Permission

#: what belongs to something, or has members: its kind and its id
Subject = tuple[str, str]
#: the rows of a table in whose column a value stands
Find = Callable[[type[Any], str, Any], Collection[Any]]

_ROLE: Subject = (OwnerKind.ROLE.value, ADMINISTRATORS)


def plan_power(subjects: Collection[Subject], who: Principal, ws: WorkingSet) -> Iterator[list[Load]]:
    """Loads what `guard_power` looks at, round by round; of an administrator nothing is asked."""
    if who.is_administrator:
        return
    fresh, seen = {id for _, id in subjects}, set[str]()
    while fresh:
        yield [Read(cls, by, tuple(sorted(fresh))) for cls, by in ((Associate, "member_id"), (Group, "name"))]
        seen |= fresh
        keys = tuple({row.owner_key for id in fresh for row in ws.find(Associate, "member_id", id)})
        yield [Read(Entry, "key", keys), Read(Group, "key", keys)]
        owners = {owner.entry_id for key in keys for owner in ws.find(Entry, "key", key)}
        owners |= {owner.name for key in keys for owner in ws.find(Group, "key", key)}
        fresh = owners - seen


def plan_power_of_user(username: str, who: Principal, ws: WorkingSet) -> Iterator[list[Load]]:
    """The same for `guard_user`; users are loaded by `username_folded` before."""
    if who.is_administrator:
        return
    users = ws.find(User, "username_folded", username.casefold())
    yield [Read(Membership, "user_key", tuple(user.key for user in users))]
    groups = {m.group_key for user in users for m in ws.find(Membership, "user_key", user.key)}
    yield [Read(Group, "key", tuple(groups))]
    names = {group.name for key in groups for group in ws.find(Group, "key", key)}
    subjects = {(MemberKind.GROUP.value, name) for name in names}
    subjects |= {(MemberKind.USER.value, user.username) for user in users}
    yield from plan_power(subjects, who, ws)


def administers(find: Find, tenant_key: int, subjects: Collection[Subject]) -> bool:
    """Is one of these the role of administrators, or inside of it, or a group with that permission?"""
    going, seen = set(subjects), set()
    while going:
        if _ROLE in going:
            return True
        seen |= going
        owners: set[Subject] = set()
        for kind, id in going:
            if kind == MemberKind.GROUP and any(
                group.tenant_key == tenant_key and Permission.ADMINISTER in group.permissions.split()
                for group in find(Group, "name", id)
            ):
                return True
            for row in find(Associate, "member_id", id):
                if row.kind == kind and row.tenant_key == tenant_key:
                    owners |= {(entry.kind, entry.entry_id) for entry in find(Entry, "key", row.owner_key)}
                    owners |= {(MemberKind.GROUP.value, group.name) for group in find(Group, "key", row.owner_key)}
        going = owners - seen
    return False


def user_administers(find: Find, user: User) -> bool:
    if Permission.ADMINISTER in user.permissions.split():
        return True
    subjects = {(MemberKind.USER.value, user.username)}
    for membership in find(Membership, "user_key", user.key):
        subjects |= {(MemberKind.GROUP.value, group.name) for group in find(Group, "key", membership.group_key)}
    return administers(find, user.tenant_key, subjects)


def require_administrator(who: Principal, kind: str, id: str) -> None:
    if not who.is_administrator:
        raise Forbidden(Permission.ADMINISTER, kind=kind, id=id)


def guard_power(ctx: Context, kind: str, id: str) -> None:
    """Raises Forbidden if something of this id makes administrators and the caller is none."""
    if not ctx.principal.is_administrator and administers(ctx.ws.find, ctx.principal.tenant_key, {(kind, id)}):
        require_administrator(ctx.principal, kind, id)


def guard_user(who: Principal, find: Find, user: User) -> None:
    """Only an administrator takes another one's account in hand. Raises Forbidden."""
    if user.key == who.user_key:
        return
    if not who.may(Permission.MANAGE_USERS):
        raise Forbidden(Permission.MANAGE_USERS, kind="user", id=user.username)
    if not who.is_administrator and user_administers(find, user):
        require_administrator(who, "user", user.username)
