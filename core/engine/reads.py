"""Answering queries. Each runs on one connection, in one thread, and sees every acknowledged write."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from sqlalchemy import and_, bindparam, func, or_, select

from core import queries as q
from core.engine.context import KnownDefinition
from core.engine.search import search
from core.flow.graph import Graph, Program
from core.principal import Principal
from core.rejections import NotFound
from core.storage.cache import cached
from core.storage.record import load, load_all
from core.storage.records import (
    Activity,
    Assignment,
    Definition,
    Event,
    Group,
    Instance,
    Membership,
    OAuthClient,
    Process,
    Reference,
    Setting,
    Starter,
    Task,
    User,
    Variable,
)
from core.storage.statements import Statement, any_of, table_of
from core.storage.store import Connection
from core.types import AssigneeKind, GroupStatus, Permission, TaskState

T = TypeVar("T")
Out = TypeVar("Out")


@dataclass(slots=True)
class Reader:
    """A connection, who asks, and the definitions that never change."""

    connection: Connection
    principal: Principal
    definitions: dict[int, KnownDefinition]

    def known(self, definition_key: int) -> KnownDefinition:
        known = self.definitions.get(definition_key)
        if known is None:
            load_definitions(self.connection, self.definitions, [definition_key])
            known = self.definitions[definition_key]
        return known

    def one(self, cls: type[T], column: str, value: Any, kind: str, *, tenant: bool = True) -> T:
        rows = self.connection.fetch(_by(cls, column, tenant), {"value": value, "tenant": self.principal.tenant_key})
        if not rows:
            raise NotFound(kind, value)
        return load(cls, rows[0])  # type: ignore[type-var]


@cached(maxsize=128)
def _by(cls: type[Any], column: str, tenant: bool) -> Statement:
    table = table_of(cls)
    statement = select(*table.columns).where(table.c[column] == bindparam("value", type_=table.c[column].type))
    if tenant:
        statement = statement.where(table.c.tenant_key == bindparam("tenant"))
    return Statement(statement)


@cached(maxsize=128)
def _any(cls: type[Any], column: str) -> Statement:
    table = table_of(cls)
    return Statement(select(*table.columns).where(any_of(table.c[column], "values")))


def load_any(connection: Connection, cls: type[T], column: str, values: Iterable[Any]) -> list[T]:
    wanted = list(values)
    if not wanted:
        return []
    return [load(cls, row) for row in connection.fetch(_any(cls, column), {"values": wanted})]  # type: ignore[type-var]


def load_definitions(connection: Connection, definitions: dict[int, KnownDefinition], keys: Iterable[int]) -> None:
    missing = [key for key in keys if key not in definitions]
    found = load_any(connection, Definition, "key", missing)
    processes = {p.key: p for p in load_any(connection, Process, "key", {d.process_key for d in found})}
    activities: dict[int, dict[str, int]] = {}
    for activity in load_any(connection, Activity, "process_key", list(processes)):
        activities.setdefault(activity.process_key, {})[activity.element_id] = activity.key
    for definition in found:
        definitions[definition.key] = remember(
            definition, processes[definition.process_key], activities.get(definition.process_key, {})
        )


def remember(definition: Definition, process: Process, activities: Mapping[str, int]) -> KnownDefinition:
    program = Program(Graph.from_json(definition.graph))
    mine = {id: key for id, key in activities.items() if id in program.elements}
    return KnownDefinition(definition, process, program, mine)


Answer = Callable[[Any, Reader], Any]


READINGS: dict[type[q.Query[Any]], Answer] = {}


def answers(query: type[q.Query[Out]]) -> Callable[[Callable[[Any, Reader], Out]], Answer]:
    def register(answer: Callable[[Any, Reader], Out]) -> Answer:
        READINGS[query] = answer
        return answer

    return register


# Tasks and instances


@answers(q.TaskByKey)
def task_by_key(query: q.TaskByKey, r: Reader) -> q.TaskView:
    return _seen(r, r.one(Task, "key", query.key, "task"), query.key)


def _seen(r: Reader, task: Task, id: Any) -> q.TaskView:
    if task.state == TaskState.PLANNED:
        raise NotFound("task", id)
    return q.TaskView(task, r.known(task.definition_key))


@answers(q.TaskByNumber)
def task_by_number(query: q.TaskByNumber, r: Reader) -> q.TaskView:
    task = r.one(Task, "number", query.number, "task")
    return q.TaskView(task, r.known(task.definition_key))


@answers(q.TaskByUid)
def task_by_uid(query: q.TaskByUid, r: Reader) -> q.TaskView:
    return _seen(r, r.one(Task, "uid", query.uid, "task"), query.uid)


@answers(q.InstanceByNumber)
def instance_by_number(query: q.InstanceByNumber, r: Reader) -> q.InstanceView:
    instance = r.one(Instance, "number", query.number, "instance")
    return q.InstanceView(instance, r.known(instance.definition_key))


@answers(q.InstanceByKey)
def instance_by_key(query: q.InstanceByKey, r: Reader) -> q.InstanceView:
    instance = r.one(Instance, "key", query.key, "instance")
    return q.InstanceView(instance, r.known(instance.definition_key))


@answers(q.SearchTasks)
def search_tasks(query: q.SearchTasks, r: Reader) -> q.Page[q.TaskView]:
    kind = "planned task" if query.planned else "task"
    found = search(r.connection, kind, r.principal.tenant_key, query.where, query.sort, query.page)
    tasks = load_all(Task, found.rows)
    load_definitions(r.connection, r.definitions, {t.definition_key for t in tasks})
    views = tuple(q.TaskView(t, r.definitions[t.definition_key]) for t in tasks)
    return q.Page(views, found.total, found.capped, found.start, found.end)


@answers(q.SearchInstances)
def search_instances(query: q.SearchInstances, r: Reader) -> q.Page[q.InstanceView]:
    found = search(r.connection, "instance", r.principal.tenant_key, query.where, query.sort, query.page)
    rows = [load(Instance, row) for row in found.rows]
    load_definitions(r.connection, r.definitions, {i.definition_key for i in rows})
    views = tuple(q.InstanceView(i, r.definitions[i.definition_key]) for i in rows)
    return q.Page(views, found.total, found.capped, found.start, found.end)


@answers(q.Variables)
def variables(query: q.Variables, r: Reader) -> Mapping[str, Any]:
    rows = load_any(r.connection, Variable, "instance_key", [query.instance_key])
    return {v.name: orjson.loads(v.value) for v in rows if v.scope_key == query.instance_key}


@cached(maxsize=1)
def _history() -> Statement:
    events = table_of(Event)
    return Statement(
        select(*events.columns)
        .where(
            or_(
                events.c.instance_key == bindparam("instance"),
                and_(events.c.entity_key == bindparam("activity"), events.c.key > bindparam("since")),
            )
        )
        .order_by(events.c.key)
    )


@answers(q.History)
def history(query: q.History, r: Reader) -> tuple[Event, ...]:
    task = r.one(Task, "key", query.task_key, "task")
    params = {"instance": task.instance_key, "activity": task.activity_key, "since": task.key}
    events = [load(Event, row) for row in r.connection.fetch(_history(), params)]
    return tuple(e for e in events if e.entity != "task" or e.entity_key == task.key)


# Processes


@answers(q.ProcessByUid)
def process_by_uid(query: q.ProcessByUid, r: Reader) -> Process:
    return r.one(Process, "uid", query.uid, "process")


@answers(q.ProcessByNumber)
def process_by_number(query: q.ProcessByNumber, r: Reader) -> Process:
    return r.one(Process, "number", query.number, "process")


@answers(q.ProcessById)
def process_by_id(query: q.ProcessById, r: Reader) -> Process:
    return r.one(Process, "process_id", query.process_id, "process")


@answers(q.ActivityByUid)
def activity_by_uid(query: q.ActivityByUid, r: Reader) -> Activity:
    return r.one(Activity, "uid", query.uid, "activity")


@answers(q.ActivityByNumber)
def activity_by_number(query: q.ActivityByNumber, r: Reader) -> Activity:
    return r.one(Activity, "number", query.number, "activity")


@answers(q.ActivitiesByKey)
def activities_by_key(query: q.ActivitiesByKey, r: Reader) -> Mapping[int, Activity]:
    return {a.key: a for a in load_any(r.connection, Activity, "key", query.keys)}


@answers(q.StarterByUid)
def starter_by_uid(query: q.StarterByUid, r: Reader) -> Starter:
    return r.one(Starter, "uid", query.uid, "starter")


@answers(q.StarterByNumber)
def starter_by_number(query: q.StarterByNumber, r: Reader) -> Starter:
    return r.one(Starter, "number", query.number, "starter")


@answers(q.StartersOf)
def starters_of(query: q.StartersOf, r: Reader) -> tuple[Starter, ...]:
    user = r.one(User, "username", query.username, "user")
    permissions, groups = _rights(r.connection, user)
    rows = [
        load(Starter, row)
        for row in r.connection.fetch(_by(Starter, "tenant_key", False), {"value": r.principal.tenant_key})
    ]
    mine = [s for s in rows if s.role in groups or Permission.ADMINISTER in permissions]
    return tuple(sorted(mine, key=lambda s: s.key))


def _user_view(user: User, through: str = "") -> q.AssigneeView:
    return q.AssigneeView(
        AssigneeKind.USER, user.uid, user.first_name, user.last_name, user.username, user.status, 0, through
    )


def _group_view(group: Group, members: int) -> q.AssigneeView:
    return q.AssigneeView(AssigneeKind.GROUP, group.uid, group.name, "", group.name, group.status, members)


@cached(maxsize=1)
def _member_counts() -> Statement:
    table = table_of(Membership)
    return Statement(select(table.c.group_key, func.count()).group_by(table.c.group_key))


def _assigned_keys(r: Reader, activity_key: int, kind: str) -> list[Assignment]:
    rows = load_any(r.connection, Assignment, "activity_key", [activity_key])
    return [row for row in rows if row.kind == kind]


@answers(q.Assigned)
def assigned(query: q.Assigned, r: Reader) -> tuple[q.AssigneeView, ...]:
    rows = sorted(_assigned_keys(r, query.activity_key, query.kind), key=lambda a: a.key)
    keys = [a.assignee_key for a in rows]
    users = {u.key: u for u in load_any(r.connection, User, "key", keys)}
    groups = {g.key: g for g in load_any(r.connection, Group, "key", keys)}
    counts: dict[int, int] = {}
    for member in load_any(r.connection, Membership, "group_key", list(groups)):
        counts[member.group_key] = counts.get(member.group_key, 0) + 1
    views = []
    for key in keys:
        if key in users:
            views.append(_user_view(users[key]))
        elif key in groups:
            views.append(_group_view(groups[key], counts.get(key, 0)))
    return tuple(views)


@answers(q.Available)
def available(query: q.Available, r: Reader) -> tuple[q.AssigneeView, ...]:
    taken = {a.assignee_key for a in _assigned_keys(r, query.activity_key, query.kind)}
    tenant = {"value": r.principal.tenant_key}
    users = [load(User, row) for row in r.connection.fetch(_by(User, "tenant_key", False), tenant)]
    groups = [load(Group, row) for row in r.connection.fetch(_by(Group, "tenant_key", False), tenant)]
    counts: dict[int, int] = {row[0]: row[1] for row in r.connection.fetch(_member_counts())}
    return (
        *(_user_view(u) for u in users if u.key not in taken),
        *(_group_view(g, counts.get(g.key, 0)) for g in groups if g.key not in taken),
    )


@answers(q.AssignedMembers)
def assigned_members(query: q.AssignedMembers, r: Reader) -> tuple[q.AssigneeView, ...]:
    rows = _assigned_keys(r, query.activity_key, query.kind)
    keys = [a.assignee_key for a in rows if a.assignee_kind == AssigneeKind.GROUP]
    groups = [g for g in load_any(r.connection, Group, "key", keys) if g.status == GroupStatus.ACTIVE]
    members = load_any(r.connection, Membership, "group_key", [g.key for g in groups])
    users = {u.key: u for u in load_any(r.connection, User, "key", {m.user_key for m in members})}
    return tuple(
        _user_view(users[m.user_key], group.uid)
        for group in sorted(groups, key=lambda g: g.key)
        for m in sorted(members, key=lambda m: m.key)
        if m.group_key == group.key and m.user_key in users
    )


@answers(q.ReferenceByNumber)
def reference_by_number(query: q.ReferenceByNumber, r: Reader) -> Reference:
    rows = r.connection.fetch(_by(Reference, "number", True), {"value": query.number, "tenant": r.principal.tenant_key})
    for row in rows:
        reference = load(Reference, row)
        if reference.kind == query.kind:
            return reference
    raise NotFound(query.kind, query.number)


# Users


@answers(q.UserByName)
def user_by_name(query: q.UserByName, r: Reader) -> User:
    if query.exact:
        return r.one(User, "username", query.username, "user")
    return r.one(User, "username_folded", query.username.casefold(), "user")


@answers(q.UserByNumber)
def user_by_number(query: q.UserByNumber, r: Reader) -> User:
    return r.one(User, "number", query.number, "user")


@answers(q.UserNumbers)
def user_numbers(query: q.UserNumbers, r: Reader) -> Mapping[int, User]:
    return {u.key: u for u in load_any(r.connection, User, "key", query.keys)}


@answers(q.ListUsers)
def list_users(query: q.ListUsers, r: Reader) -> tuple[User, ...]:
    rows = r.connection.fetch(_by(User, "tenant_key", False), {"value": r.principal.tenant_key})
    return tuple(sorted((load(User, row) for row in rows), key=lambda u: u.key))


def _rights(connection: Connection, user: User) -> tuple[frozenset[Permission], tuple[str, ...]]:
    """What a user may do, himself and through his active groups, and the names of those groups."""
    memberships = load_any(connection, Membership, "user_key", [user.key])
    groups = load_any(connection, Group, "key", [m.group_key for m in memberships])
    active = [g for g in groups if g.status == GroupStatus.ACTIVE]
    names = user.permissions.split()
    for group in active:
        names += group.permissions.split()
    return frozenset(map(Permission, names)), tuple(sorted(g.name for g in active))


def principal_of(connection: Connection, user: User, via: str, dialect: str) -> Principal:
    permissions, groups = _rights(connection, user)
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
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        ext=orjson.loads(user.ext),
    )


@answers(q.ClientById)
def client_by_id(query: q.ClientById, r: Reader) -> OAuthClient:
    return r.one(OAuthClient, "client_id", query.client_id, "client", tenant=False)


@answers(q.SettingValue)
def setting_value(query: q.SettingValue, r: Reader) -> str:
    rows = load_any(r.connection, Setting, "name", [query.name])
    return rows[0].value if rows else ""
