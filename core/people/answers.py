"""Reading users and groups."""

from collections.abc import Iterable, Mapping
from functools import partial

from core.people.fields import GROUP, USER
from core.people.queries import (
    GroupByName,
    GroupByUid,
    GroupMembers,
    Groups,
    GroupsByNumber,
    GroupsOf,
    ListGroups,
    ListUsers,
    May,
    MembersByGroup,
    Redirections,
    SearchGroups,
    SearchUsers,
    UserByName,
    UserByNumber,
    UserByUid,
    UserNumbers,
    UsersByName,
    UsersByNumber,
)
from core.principal import Principal
from core.reach import reaches
from core.search.query import Page
from core.search.reader import Reader, answers, by_name, of_own_tenant, of_tenant
from core.search.search import page_of, search
from core.storage.record import load
from core.storage.rows import by_column, load_any
from core.storage.store import Connection
from core.tables.instance import Instance
from core.tables.people import Group, Membership, Redirection, User
from core.tables.task import Task
from core.types import GroupStatus, Permission


@answers(May)
def may(query: May, r: Reader) -> bool:
    thing, process_id = query.thing, ""
    if isinstance(thing, Task | Instance):
        process_id = r.known(thing.definition_key).definition.process_id
    return reaches(r.principal, query.action, thing, partial(load_any, r.connection), process_id)


@answers(UserByName)
def user_by_name(query: UserByName, r: Reader) -> User:
    if query.exact:
        return r.one(User, "username", query.username, "user")
    return r.one(User, "username_folded", query.username.casefold(), "user")


@answers(UserByUid)
def user_by_uid(query: UserByUid, r: Reader) -> User:
    return r.one(User, "uid", query.uid, "user")


@answers(GroupByUid)
def group_by_uid(query: GroupByUid, r: Reader) -> Group:
    return r.one(Group, "uid", query.uid, "group")


@answers(ListGroups)
def list_groups(query: ListGroups, r: Reader) -> tuple[Group, ...]:
    return tuple(of_tenant(r, Group))


@answers(MembersByGroup)
def members_by_group(query: MembersByGroup, r: Reader) -> Mapping[int, tuple[User, ...]]:
    rows = load_any(r.connection, Membership, "group_key", query.group_keys)
    users = {u.key: u for u in load_any(r.connection, User, "key", {m.user_key for m in rows})}
    by_group: dict[int, list[User]] = {key: [] for key in query.group_keys}
    for row in sorted(rows, key=lambda m: m.key):
        if row.user_key in users:
            by_group[row.group_key].append(users[row.user_key])
    return {key: tuple(members) for key, members in by_group.items()}


@answers(UserByNumber)
def user_by_number(query: UserByNumber, r: Reader) -> User:
    return r.one(User, "number", query.number, "user")


@answers(UserNumbers)
def user_numbers(query: UserNumbers, r: Reader) -> Mapping[int, User]:
    return {u.key: u for u in load_any(r.connection, User, "key", query.keys)}


@answers(ListUsers)
def list_users(query: ListUsers, r: Reader) -> tuple[User, ...]:
    rows = r.connection.fetch(by_column(User, "tenant_key", False), {"value": r.principal.tenant_key})
    return tuple(sorted((load(User, row) for row in rows), key=lambda u: u.key))


def rights_of(connection: Connection, user: User) -> tuple[frozenset[Permission], tuple[str, ...]]:
    """What a user may do, alone and through their active groups, and the names of those groups."""
    memberships = load_any(connection, Membership, "user_key", [user.key])
    groups = load_any(connection, Group, "key", [m.group_key for m in memberships])
    active = [g for g in groups if g.status == GroupStatus.ACTIVE]
    names = user.permissions.split()
    for group in active:
        names += group.permissions.split()
    return frozenset(map(Permission, names)), tuple(sorted(g.name for g in active))


def principal_of(connection: Connection, user: User, via: str, dialect: str) -> Principal:
    permissions, groups = rights_of(connection, user)
    return Principal(
        user.tenant_key,
        user.key,
        user.username,
        dialect,
        via=via,
        permissions=permissions,
        groups=groups,
        uid=user.uid,
        number=user.number,
        revision=user.revision,
        password_changed_at=user.password_changed_at or 0,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        ext=user.ext,
    )


@answers(Groups)
def groups(query: Groups, r: Reader) -> tuple[Group, ...]:
    rows = load_any(r.connection, Group, "tenant_key", [r.principal.tenant_key])
    return by_name(g for g in rows if g.library_key == query.library_key)


@answers(GroupByName)
def group_by_name(query: GroupByName, r: Reader) -> Group:
    return r.one(Group, "name_folded", query.name.casefold(), "group")


@answers(GroupsByNumber)
def groups_by_number(query: GroupsByNumber, r: Reader) -> Mapping[int, Group]:
    return {g.number: g for g in of_own_tenant(r, load_any(r.connection, Group, "number", query.numbers))}


@answers(GroupMembers)
def group_members(query: GroupMembers, r: Reader) -> tuple[User, ...]:
    keys = {m.user_key for m in load_any(r.connection, Membership, "group_key", query.group_keys)}
    return tuple(load_any(r.connection, User, "key", keys))


@answers(GroupsOf)
def groups_of(query: GroupsOf, r: Reader) -> tuple[Group, ...]:
    keys = [m.group_key for m in load_any(r.connection, Membership, "user_key", [query.user_key])]
    return by_name(load_any(r.connection, Group, "key", keys))


@answers(SearchGroups)
def search_groups(query: SearchGroups, r: Reader) -> Page[Group]:
    page = search(r, GROUP, query)
    return Page(tuple(load(Group, row) for row in page.rows), page.total, page.capped, page.start, page.end)


@answers(SearchUsers)
def search_users(query: SearchUsers, r: Reader) -> Page[User]:
    return page_of(r, USER, User, query)


@answers(UsersByNumber)
def users_by_number(query: UsersByNumber, r: Reader) -> Mapping[int, User]:
    return {u.number: u for u in of_own_tenant(r, load_any(r.connection, User, "number", query.numbers))}


@answers(UsersByName)
def users_by_name(query: UsersByName, r: Reader) -> Mapping[str, User]:
    return named_users(r, query.usernames)


def named_users(r: Reader, names: Iterable[str | None]) -> dict[str, User]:
    wanted = {name for name in names if name}
    return {u.username: u for u in of_own_tenant(r, load_any(r.connection, User, "username", wanted))}


@answers(Redirections)
def redirections(query: Redirections, r: Reader) -> tuple[tuple[Redirection, User, User], ...]:
    rows = load_any(r.connection, Redirection, "target_key" if query.to else "user_key", [query.user_key])
    people = {
        u.key: u for u in load_any(r.connection, User, "key", [k for x in rows for k in (x.user_key, x.target_key)])
    }
    known = [x for x in rows if x.user_key in people and x.target_key in people]
    return tuple((x, people[x.user_key], people[x.target_key]) for x in known)
