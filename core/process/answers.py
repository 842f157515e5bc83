"""Reading processes."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text, bindparam, case, func, literal, select

from core.library.answers import instances, tasks
from core.people.answers import rights_of
from core.process.fields import ACTIVITY, DEFINITION
from core.process.queries import (
    ActivitiesByKey,
    ActivitiesOf,
    ActivityByNumber,
    ActivityByUid,
    Assigned,
    AssignedMembers,
    AssigneeView,
    AssignmentsTo,
    Available,
    Bound,
    BoundResources,
    DefinitionByKey,
    DefinitionByVersion,
    Drafted,
    DraftedByNumber,
    LatestDefinition,
    LatestResources,
    ListProcesses,
    ProcessById,
    ProcessByNumber,
    ProcessByUid,
    ProcessesByKey,
    ProcessStatistics,
    ProcessView,
    ResourceByKey,
    SearchActivities,
    SearchDefinitions,
    StarterByNumber,
    StarterByUid,
    StartersOf,
    Statistics,
    VersionTimes,
)
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers, of_own_tenant, of_tenant
from core.search.search import page_of, search
from core.storage.cache import cached
from core.storage.record import load
from core.storage.rows import by_column, load_any
from core.storage.statements import Statement, any_of, table_of
from core.tables.library import Library
from core.tables.people import Group, Membership, User
from core.tables.process import Activity, Assignment, Definition, Draft, Process, Resource, Starter
from core.turn.known import KnownDefinition, load_definitions
from core.types import AssigneeKind, GroupStatus, InstanceState, Permission, ProcessStatus, TaskState


def _drafted(r: Reader, processes: list[Process]) -> tuple[ProcessView, ...]:
    alive = [p for p in of_own_tenant(r, processes) if p.status != ProcessStatus.DELETED]
    drafts = {d.process_key: d for d in load_any(r.connection, Draft, "process_key", [p.key for p in alive])}
    owners = {x.key: x for x in load_any(r.connection, Library, "key", {p.library_key for p in alive})}
    views = [ProcessView(p, drafts[p.key], owners.get(p.library_key)) for p in alive if p.key in drafts]
    return tuple(sorted(views, key=lambda v: (v.library.name_folded if v.library else "", v.process.name.casefold())))


@answers(Drafted)
def drafted(query: Drafted, r: Reader) -> tuple[ProcessView, ...]:
    if query.keys is not None:
        return _drafted(r, load_any(r.connection, Process, "key", query.keys))
    if query.library_key:
        return _drafted(r, load_any(r.connection, Process, "library_key", [query.library_key]))
    return _drafted(r, load_any(r.connection, Process, "tenant_key", [r.principal.tenant_key]))


@answers(DraftedByNumber)
def drafted_by_number(query: DraftedByNumber, r: Reader) -> ProcessView:
    views = _drafted(r, [r.one(Process, "number", query.number, "process")])
    if not views:
        raise NotFound("process", query.number)
    return views[0]


@cached(maxsize=1)
def _statistics() -> Statement:
    at, since, until = (bindparam(name, type_=BigInteger) for name in ("at", "since", "until"))
    active = instances.c.state == literal(InstanceState.ACTIVE.value, Text)
    completed = instances.c.state == literal(InstanceState.COMPLETED.value, Text)
    late = (
        select(literal(1))
        .where(
            tasks.c.instance_key == instances.c.key,
            tasks.c.state == literal(TaskState.CREATED.value, Text),
            tasks.c.due_at < at,
        )
        .exists()
    )
    submitted = instances.c.created_at.between(since, until)

    def count(*conditions: Any) -> Any:
        condition = conditions[0]
        for further in conditions[1:]:
            condition = condition & further
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    span = case((completed, instances.c.ended_at - instances.c.created_at), else_=None)
    return Statement(
        select(
            count(active),
            count(completed),
            count(active, late),
            func.coalesce(func.avg(span), 0),
            count(active, submitted),
            count(submitted),
            count(completed, instances.c.ended_at.between(since, until)),
        ).where(
            instances.c.tenant_key == bindparam("tenant", type_=BigInteger),
            instances.c.process_key == bindparam("process", type_=BigInteger),
        )
    )


@answers(Statistics)
def statistics(query: Statistics, r: Reader) -> ProcessStatistics:
    params = {
        "tenant": r.principal.tenant_key,
        "process": query.process_key,
        "at": query.at,
        "since": query.since if query.since is not None else 0,
        "until": query.until if query.until is not None else 2**62,
    }
    return ProcessStatistics(*(int(value) for value in r.connection.fetch(_statistics(), params)[0]))


@answers(ProcessByUid)
def process_by_uid(query: ProcessByUid, r: Reader) -> Process:
    return r.one(Process, "uid", query.uid, "process")


@answers(ProcessByNumber)
def process_by_number(query: ProcessByNumber, r: Reader) -> Process:
    return r.one(Process, "number", query.number, "process")


@answers(ProcessById)
def process_by_id(query: ProcessById, r: Reader) -> Process:
    return r.one(Process, "process_id", query.process_id, "process")


@answers(ListProcesses)
def list_processes(query: ListProcesses, r: Reader) -> tuple[Process, ...]:
    return tuple(p for p in of_tenant(r, Process) if p.status != ProcessStatus.DELETED)


@cached(maxsize=1)
def _latest() -> Statement:
    table = table_of(Definition)
    newest = table.c.version.desc()
    return Statement(select(table.c.key).where(table.c.process_key == bindparam("process")).order_by(newest).limit(1))


@answers(LatestDefinition)
def latest_definition(query: LatestDefinition, r: Reader) -> KnownDefinition:
    rows = r.connection.fetch(_latest(), {"process": query.process_key})
    if not rows:
        raise NotFound("definition", query.process_key)
    return r.known(rows[0][0])


@cached(maxsize=1)
def _times() -> Statement:
    table = table_of(Definition)
    statement = select(table.c.process_key, func.max(table.c.created_at))
    return Statement(statement.where(any_of(table.c.process_key, "keys")).group_by(table.c.process_key))


@answers(VersionTimes)
def version_times(query: VersionTimes, r: Reader) -> Mapping[int, int]:
    return {row[0]: row[1] for row in r.connection.fetch(_times(), {"keys": list(query.process_keys)})}


@answers(ActivitiesOf)
def activities_of(query: ActivitiesOf, r: Reader) -> tuple[Activity, ...]:
    rows = load_any(r.connection, Activity, "process_key", [query.process_key])
    return tuple(sorted(rows, key=lambda a: a.key))


@answers(AssignmentsTo)
def assignments_to(query: AssignmentsTo, r: Reader) -> Mapping[int, tuple[int, ...]]:
    activities: dict[int, list[int]] = {key: [] for key in query.assignee_keys}
    for row in load_any(r.connection, Assignment, "assignee_key", query.assignee_keys):
        if row.kind == query.kind:
            activities[row.assignee_key].append(row.activity_key)
    return {key: tuple(sorted(rows)) for key, rows in activities.items()}


@answers(ActivityByUid)
def activity_by_uid(query: ActivityByUid, r: Reader) -> Activity:
    return r.one(Activity, "uid", query.uid, "activity")


@answers(ActivityByNumber)
def activity_by_number(query: ActivityByNumber, r: Reader) -> Activity:
    return r.one(Activity, "number", query.number, "activity")


@answers(ActivitiesByKey)
def activities_by_key(query: ActivitiesByKey, r: Reader) -> Mapping[int, Activity]:
    return {a.key: a for a in load_any(r.connection, Activity, "key", query.keys)}


@answers(StarterByUid)
def starter_by_uid(query: StarterByUid, r: Reader) -> Starter:
    return r.one(Starter, "uid", query.uid, "starter")


@answers(StarterByNumber)
def starter_by_number(query: StarterByNumber, r: Reader) -> Starter:
    return r.one(Starter, "number", query.number, "starter")


@answers(StartersOf)
def starters_of(query: StartersOf, r: Reader) -> tuple[Starter, ...]:
    user = r.one(User, "username", query.username, "user")
    permissions, groups = rights_of(r.connection, user)
    rows = [
        load(Starter, row)
        for row in r.connection.fetch(by_column(Starter, "tenant_key", False), {"value": r.principal.tenant_key})
    ]
    allowed = [s for s in rows if s.role in groups or Permission.ADMINISTER in permissions]
    return tuple(sorted(allowed, key=lambda s: s.key))


def _user_view(user: User, through: str = "") -> AssigneeView:
    return AssigneeView(
        kind=AssigneeKind.USER,
        uid=user.uid,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username,
        status=user.status,
        members=0,
        through_group=through,
    )


def _group_view(group: Group, members: int) -> AssigneeView:
    return AssigneeView(
        kind=AssigneeKind.GROUP,
        uid=group.uid,
        first_name=group.name,
        last_name="",
        username=group.name,
        status=group.status,
        members=members,
    )


@cached(maxsize=1)
def _member_counts() -> Statement:
    table = table_of(Membership)
    return Statement(select(table.c.group_key, func.count()).group_by(table.c.group_key))


def _assigned_keys(r: Reader, activity_key: int, kind: str) -> list[Assignment]:
    rows = load_any(r.connection, Assignment, "activity_key", [activity_key])
    return [row for row in rows if row.kind == kind]


@answers(Assigned)
def assigned(query: Assigned, r: Reader) -> tuple[AssigneeView, ...]:
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


@answers(Available)
def available(query: Available, r: Reader) -> tuple[AssigneeView, ...]:
    taken = {a.assignee_key for a in _assigned_keys(r, query.activity_key, query.kind)}
    tenant = {"value": r.principal.tenant_key}
    users = [load(User, row) for row in r.connection.fetch(by_column(User, "tenant_key", False), tenant)]
    groups = [load(Group, row) for row in r.connection.fetch(by_column(Group, "tenant_key", False), tenant)]
    counts: dict[int, int] = {row[0]: row[1] for row in r.connection.fetch(_member_counts())}
    return (
        *(_user_view(u) for u in users if u.key not in taken),
        *(_group_view(g, counts.get(g.key, 0)) for g in groups if g.key not in taken),
    )


@answers(AssignedMembers)
def assigned_members(query: AssignedMembers, r: Reader) -> tuple[AssigneeView, ...]:
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


@answers(ProcessesByKey)
def processes_by_key(query: ProcessesByKey, r: Reader) -> Mapping[int, Process]:
    return {row.key: row for row in load_any(r.connection, Process, "key", query.keys)}


@answers(SearchActivities)
def search_activities(query: SearchActivities, r: Reader) -> Page[Activity]:
    return page_of(r, ACTIVITY, Activity, query)


@answers(SearchDefinitions)
def search_definitions(query: SearchDefinitions, r: Reader) -> Page[KnownDefinition]:
    page = search(r, DEFINITION, query)
    rows = [load(Definition, row) for row in page.rows]
    load_definitions(r.connection, r.definitions, [row.key for row in rows])
    for row in rows:
        r.definitions[row.key].definition.status = row.status
    return Page(tuple(r.definitions[row.key] for row in rows), page.total, page.capped, page.start, page.end)


@answers(DefinitionByKey)
def definition_by_key(query: DefinitionByKey, r: Reader) -> KnownDefinition:
    row = r.one(Definition, "key", query.key, "definition")
    known = r.known(row.key)
    known.definition.status = row.status  # all else of it never changes
    return known


@answers(DefinitionByVersion)
def definition_by_version(query: DefinitionByVersion, r: Reader) -> KnownDefinition:
    process = r.one(Process, "process_id", query.process_id, "process")
    of_process = load_any(r.connection, Definition, "process_key", [process.key])
    versions = {d.version: d.key for d in of_process if d.status == ProcessStatus.ACTIVE}
    if not versions:
        raise NotFound("process", query.process_id)
    wanted = max(versions) if query.version == -1 else query.version
    if wanted not in versions:
        raise NotFound("version", query.version)
    return r.known(versions[wanted])


@answers(ResourceByKey)
def resource_by_key(query: ResourceByKey, r: Reader) -> Resource:
    return r.one(Resource, "key", query.key, "resource")


@answers(BoundResources)
def bound_resources(query: BoundResources, r: Reader) -> Mapping[Bound, Resource]:
    rows = load_any(r.connection, Resource, "resource_id", list({wanted.resource_id for wanted in query.wanted}))
    mine = [row for row in rows if row.tenant_key == r.principal.tenant_key and row.kind == query.kind]
    mine.sort(key=lambda row: row.version)
    meant = {
        wanted: _meant(wanted, [row for row in mine if row.resource_id == wanted.resource_id])
        for wanted in query.wanted
    }
    return {wanted: row for wanted, row in meant.items() if row is not None}


def _meant(wanted: Bound, versions: list[Resource]) -> Resource | None:
    if wanted.version_tag:
        versions = [row for row in versions if _version_tag(row.content) == wanted.version_tag]
    there = [row for row in versions if row.created_at <= wanted.at] if wanted.at else versions
    return there[-1] if there else next(iter(versions), None)


def _version_tag(form: str) -> str:
    """A form says in its text which version it is."""
    try:
        document = orjson.loads(form)
    except orjson.JSONDecodeError:
        return ""
    tag = document.get("versionTag") if isinstance(document, dict) else None
    return tag if isinstance(tag, str) else ""


@answers(LatestResources)
def latest_resources(query: LatestResources, r: Reader) -> Mapping[str, Resource]:
    rows = load_any(r.connection, Resource, "resource_id", query.resource_ids)
    of_kind = [row for row in rows if row.tenant_key == r.principal.tenant_key and row.kind == query.kind]
    if query.version:
        of_kind = [row for row in of_kind if row.version == query.version]
    return {row.resource_id: row for row in sorted(of_kind, key=lambda row: row.version)}
