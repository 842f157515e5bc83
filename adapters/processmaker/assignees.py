"""Ad hoc and ordinary assignees of an activity: sixteen routes from one set of handlers.

Source: seed page "Ad Hoc Assignee Endpoints"; dossier processmaker.md, section 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adapters.common.rights import SIGNED_IN
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.errors import Business, t_project
from adapters.processmaker.rights import PM_FACTORY
from core.graph.elements import ElementKind
from core.process.commands import AddAssignee, RemoveAssignee
from core.process.queries import ActivityByUid, Assigned, AssignedMembers, AssigneeView, Available, ProcessByUid
from core.rejections import Conflict, Invalid, NotFound
from core.tables.process import Activity
from core.types import AssigneeKind, AssignmentKind, UserStatus
from schemas.processmaker.assignee import Assignee, row, single_group
from schemas.processmaker.listing import page, read_filter
from schemas.processmaker.parameters import FILTERED, Parameter, by_uid, integer, integers, texts
from schemas.processmaker.wire import count


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two families of routes."""

    core: AssignmentKind
    prefix: str


AD_HOC = Kind(AssignmentKind.AD_HOC, "ada")
ORDINARY = Kind(AssignmentKind.ORDINARY, "aas")


def _assignee(view: AssigneeView) -> Assignee:
    is_group = view.kind is AssigneeKind.GROUP
    return Assignee(
        uid=view.uid,
        is_group=is_group,
        first_name=view.first_name,
        last_name=view.last_name,
        username=view.username,
        members=view.members,
    )


def _active(views: Iterable[AssigneeView]) -> list[Assignee]:
    return [_assignee(v) for v in views if v.status == UserStatus.ACTIVE]


def _by_name(assignee: Assignee) -> tuple[str, str]:
    return assignee.first_name.casefold(), assignee.uid


class Assignees:
    """Handlers of one family."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    # lists

    async def assigned(self, call: Call) -> Any:
        return await self._list(call, available=False)

    async def available(self, call: Call) -> Any:
        return await self._list(call, available=True)

    async def _list(self, call: Call, *, available: bool) -> Any:
        values = call.values
        project = call.path_uid("prj_uid")
        activity_uid = call.path_uid("act_uid")
        start, limit = count(values, "start"), count(values, "limit")
        used = read_filter(values)
        if limit == 0:
            return page([], 0, start or 0, 0, used) if call.paged else []
        activity = await self._strict(call, project, activity_uid)
        query = Available if available else Assigned
        views = await call.ask(query(activity.key, self._kind.core))
        if call.profile.subprocess_is_empty and not available and activity.kind == ElementKind.SUB_PROCESS:
            views = ()
        rows = [a for a in _ordered(call, _active(views), available) if used.keeps(a.texts)]
        type_name = values.get("type")
        if type_name not in (None, ""):
            rows = [a for a in rows if type_name == ("group" if a.is_group else "user")]
        begin = start or 0
        in_window = rows[begin:] if limit is None else rows[begin : begin + limit]
        data = [row(a, self._kind.prefix) for a in in_window]
        return page(data, len(rows), begin, limit or 0, used) if call.paged else data

    async def everybody(self, call: Call) -> Any:
        values = call.values
        activity = await self._lenient(call)
        start, limit = integer(values, "start"), integer(values, "limit")
        for name, number in (("start", start), ("limit", limit)):
            if number is not None and number < 0:
                raise Business(f"Invalid value specified for {name}")
        members = await call.ask(AssignedMembers(activity.key, self._kind.core))
        views = await call.ask(Assigned(activity.key, self._kind.core))
        direct = [_assignee(v) for v in views if v.kind is AssigneeKind.USER]
        through_groups = [_assignee(v) for v in members]
        groups = [a for a in _active(views) if a.is_group]
        type_name = values.get("type")
        if call.profile.all_lists_groups:
            rows = [*direct, *through_groups, *groups]
        else:
            rows = [*through_groups, *(direct if type_name in (None, "", "user") else [])]
        used = read_filter({"filter": values.get("filter")})
        unique = list({a.uid: a for a in rows if used.keeps(a.texts)}.values())
        ad_hoc = self._kind.core is AssignmentKind.AD_HOC
        prefix = call.profile.all_prefix if ad_hoc else self._kind.prefix
        begin = start or 0
        if call.profile.all_start_is_page:
            begin *= limit or (len(unique) + 1)
        in_window = unique[begin:] if limit is None else unique[begin : begin + limit]
        return [row(a, prefix) for a in in_window]

    # one

    async def get(self, call: Call) -> Any:
        uid = call.params["assignee"]
        activity = await self._lenient(call)
        for view in await call.ask(Assigned(activity.key, self._kind.core)):
            if view.uid != uid.lower():
                continue
            assignee = _assignee(view)
            if not assignee.is_group:
                return row(assignee, self._kind.prefix)
            if view.status == UserStatus.ACTIVE:
                return self._single_group(call, assignee)
        raise Business(f"Record not found for id: {uid}")

    def _single_group(self, call: Call, group: Assignee) -> Any:
        if not call.profile.group_in_array:
            return single_group(group, self._kind.prefix, counted=False)
        alone = single_group(group, self._kind.prefix, counted=True)
        return [alone] if self._kind.core is AssignmentKind.AD_HOC else alone

    # changes

    async def assign(self, call: Call) -> Any:
        values = call.values
        uid_name, type_name = f"{self._kind.prefix}_uid", f"{self._kind.prefix}_type"
        activity = await self._lenient(call)
        uid, kind = str(values[uid_name]), str(values[type_name])
        command = AddAssignee(activity.key, self._kind.core, AssigneeKind(kind), uid.lower())
        try:
            await call.do(command)
        except Conflict:
            raise Business(f"This ID: {uid} is already assigned to task: {call.params['act_uid']}") from None
        except Invalid:
            raise Business(f"This id: {uid} does not correspond to a registered {kind}") from None
        return EMPTY

    async def unassign(self, call: Call) -> Any:
        uid = call.params["assignee"]
        activity = await self._lenient(call)
        await call.do(RemoveAssignee(activity.key, self._kind.core, uid.lower()))
        return EMPTY

    # what the path names

    async def _strict(self, call: Call, project: str, activity_uid: str) -> Activity:
        """The lists: the activity has to belong to the project."""
        try:
            process = await call.ask(ProcessByUid(project))
        except NotFound:
            raise Business(f"The project with prj_uid: {project} does not exist.") from None
        try:
            activity = await call.ask(ActivityByUid(activity_uid))
        except NotFound:
            activity = None
        if activity is None or activity.process_key != process.key:
            raise Business(f"The activity with act_uid: {activity_uid} does not exist.")
        return activity

    async def _lenient(self, call: Call) -> Activity:
        """All others: any known activity will do."""
        project, activity_uid = call.path_uid("prj_uid"), call.path_uid("act_uid")
        try:
            await call.ask(ProcessByUid(project))
        except NotFound:
            raise Business(t_project()) from None
        try:
            return await call.ask(ActivityByUid(activity_uid))
        except NotFound:
            uid = call.params["act_uid"]
            raise Business(f"The activity with act_uid: '{uid}', does not exist.") from None


def _ordered(call: Call, assignees: list[Assignee], available: bool) -> list[Assignee]:
    if call.profile.users_first:
        ordered = sorted(assignees, key=_by_name) if available else assignees
        return sorted(ordered, key=lambda a: a.is_group)
    return sorted(assignees, key=lambda a: (not a.is_group, *_by_name(a)))


endpoints = Endpoints()


def _declare(kind: Kind, tail: str, name: str, source: str) -> None:
    handlers = Assignees(kind)
    base = "/project/{prj_uid}/activity/{act_uid}"
    one, available = f"{base}/{tail}", f"{base}/{tail.replace('assignee', 'available-assignee')}"
    strict = (by_uid("prj_uid"), by_uid("act_uid"), *FILTERED, *texts("type"))
    lenient = (by_uid("prj_uid", "prjUid"), by_uid("act_uid", "actUid"))
    everybody = (*lenient, *texts("filter"), *integers("start limit"), *texts("type"))
    single = (*lenient, by_uid("assignee", "aasUid"))
    for handler, operation, path, takes in (
        (handlers.assigned, f"list{name}", one, strict),
        (handlers.assigned, f"page{name}", f"{one}/paged", strict),
        (handlers.available, f"listAvailable{name}", available, strict),
        (handlers.available, f"pageAvailable{name}", f"{available}/paged", strict),
        (handlers.everybody, f"listAll{name}", f"{one}/all", everybody),
        (handlers.get, f"get{name}", f"{one}/{{assignee}}", single),
    ):
        endpoints.add(handler, operation, "GET", path, takes=takes, right=SIGNED_IN, source=source)
    kind_of = Parameter(f"{kind.prefix}_type", required=True, choice=("user", "group"))
    new = (*lenient, by_uid(f"{kind.prefix}_uid"), kind_of)
    endpoints.add(handlers.assign, f"add{name}", "POST", one, needs=[PM_FACTORY], takes=new, success=201, source=source)
    path = f"{one}/{{assignee}}"
    gone = (*lenient, by_uid("assignee", f"{kind.prefix}Uid"))
    endpoints.add(handlers.unassign, f"remove{name}", "DELETE", path, needs=[PM_FACTORY], takes=gone, source=source)


_declare(AD_HOC, "adhoc-assignee", "AdhocAssignees", "documented")
_declare(ORDINARY, "assignee", "Assignees", "measured")
