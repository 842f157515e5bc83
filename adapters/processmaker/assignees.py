"""Ad hoc and ordinary assignees of an activity: sixteen routes from one set of handlers.

Source: seed page "Ad Hoc Assignee Endpoints"; dossier processmaker.md, section 2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw
from adapters.processmaker.auth import require_factory
from adapters.processmaker.errors import HEADERS, T_PROJECT, Business
from adapters.processmaker.profile import Profile
from core.commands import AddAssignee, RemoveAssignee
from core.flow.graph import ElementKind
from core.principal import Principal
from core.queries import (
    ActivityByUid,
    Assigned,
    AssignedMembers,
    AssigneeView,
    Available,
    ProcessByUid,
)
from core.rejections import Conflict, Invalid, NotFound
from core.storage.records import Activity
from core.types import AssigneeKind, AssignmentKind, UserStatus
from schemas.processmaker.assignee import Assignee, page, read_filter, row, single_group
from schemas.processmaker.wire import BadRequest, check_uid, count, dumps, integer, required_text


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two families of routes."""

    core: AssignmentKind
    prefix: str


AD_HOC = Kind(AssignmentKind.AD_HOC, "ada")
ORDINARY = Kind(AssignmentKind.ORDINARY, "aas")


def _assignee(view: AssigneeView) -> Assignee:
    is_group = view.kind is AssigneeKind.GROUP
    return Assignee(view.uid, is_group, view.first_name, view.last_name, view.username, view.members)


def _active(views: Iterable[AssigneeView]) -> list[Assignee]:
    return [_assignee(v) for v in views if v.status == UserStatus.ACTIVE]


def _by_name(assignee: Assignee) -> tuple[str, str]:
    return assignee.first_name.casefold(), assignee.uid


class Assignees:
    """Handlers of one family; each expects `request.state.principal` and `request.state.values`."""

    def __init__(self, mount: Mount, profile: Profile, kind: Kind) -> None:
        self._engine = mount.engine
        self._profile = profile
        self._kind = kind

    # lists

    async def assigned(self, request: Request) -> Response:
        return await self._list(request, available=False)

    async def available(self, request: Request) -> Response:
        return await self._list(request, available=True)

    async def _list(self, request: Request, *, available: bool) -> Response:
        principal: Principal = request.state.principal
        values: Mapping[str, Any] = request.state.values
        as_page = "/paged" in request.url.path
        project = check_uid(request.path_params["prj_uid"], "prj_uid")
        activity_uid = check_uid(request.path_params["act_uid"], "act_uid")
        start, limit = count(values, "start"), count(values, "limit")
        used = read_filter(values)
        if limit == 0:
            return self._answer(page([], 0, start or 0, 0, used) if as_page else [])
        activity = await self._strict(project, activity_uid, principal)
        query = Available if available else Assigned
        views = await self._engine.ask(query(activity.key, self._kind.core), principal)
        if self._profile.subprocess_is_empty and not available and activity.kind == ElementKind.SUB_PROCESS:
            views = ()
        rows = [a for a in self._ordered(_active(views), available) if used.keeps(a)]
        wanted = values.get("type")
        if wanted not in (None, ""):
            rows = [a for a in rows if wanted == ("group" if a.is_group else "user")]
        begin = start or 0
        shown = rows[begin:] if limit is None else rows[begin : begin + limit]
        data = [row(a, self._kind.prefix) for a in shown]
        return self._answer(page(data, len(rows), begin, limit or 0, used) if as_page else data)

    def _ordered(self, assignees: list[Assignee], available: bool) -> list[Assignee]:
        if self._profile.users_first:
            ordered = sorted(assignees, key=_by_name) if available else assignees
            return sorted(ordered, key=lambda a: a.is_group)
        return sorted(assignees, key=lambda a: (not a.is_group, *_by_name(a)))

    async def everybody(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        values: Mapping[str, Any] = request.state.values
        activity = await self._lenient(request, principal, lambda: self._check_all(values))
        start, limit = integer(values, "start"), integer(values, "limit")
        for name, number in (("start", start), ("limit", limit)):
            if number is not None and number < 0:
                raise Business(f"Invalid value specified for {name}")
        members = await self._engine.ask(AssignedMembers(activity.key, self._kind.core), principal)
        views = await self._engine.ask(Assigned(activity.key, self._kind.core), principal)
        direct = [_assignee(v) for v in views if v.kind is AssigneeKind.USER]
        inside = [_assignee(v) for v in members]
        groups = [a for a in _active(views) if a.is_group]
        wanted = values.get("type")
        if self._profile.all_lists_groups:
            rows = [*direct, *inside, *groups]
        else:
            rows = [*inside, *(direct if wanted in (None, "", "user") else [])]
        used = read_filter({"filter": values.get("filter")})
        unique = list({a.uid: a for a in rows if used.keeps(a)}.values())
        ad_hoc = self._kind.core is AssignmentKind.AD_HOC
        prefix = self._profile.all_prefix if ad_hoc else self._kind.prefix
        begin = start or 0
        if self._profile.all_start_is_page:
            begin *= limit or (len(unique) + 1)
        shown = unique[begin:] if limit is None else unique[begin : begin + limit]
        return self._answer([row(a, prefix) for a in shown])

    @staticmethod
    def _check_all(values: Mapping[str, Any]) -> None:
        if isinstance(values.get("filter"), bool | list | dict):
            raise BadRequest("Invalid value specified for `filter`. Expecting alpha numeric value")
        integer(values, "start")
        integer(values, "limit")

    # one

    async def get(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        uid = request.path_params["assignee"]
        activity = await self._lenient(request, principal, lambda: check_uid(uid, "aasUid"))
        for view in await self._engine.ask(Assigned(activity.key, self._kind.core), principal):
            if view.uid != uid.lower():
                continue
            assignee = _assignee(view)
            if not assignee.is_group:
                return self._answer(row(assignee, self._kind.prefix))
            if view.status == UserStatus.ACTIVE:
                return self._answer(self._single_group(assignee))
        raise Business(f"Record not found for id: {uid}")

    def _single_group(self, group: Assignee) -> Any:
        if not self._profile.group_in_array:
            return single_group(group, self._kind.prefix, counted=False)
        alone = single_group(group, self._kind.prefix, counted=True)
        return [alone] if self._kind.core is AssignmentKind.AD_HOC else alone

    # changes

    async def assign(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        values: Mapping[str, Any] = request.state.values
        require_factory(principal)
        uid_name, type_name = f"{self._kind.prefix}_uid", f"{self._kind.prefix}_type"
        wanted: list[str] = []

        def check() -> None:
            uid = required_text(values, uid_name)
            check_uid(uid, uid_name)
            kind = required_text(values, type_name)
            if kind not in ("user", "group"):
                raise BadRequest(f"Invalid value specified for `{type_name}`. Expected one of (user,group).")
            wanted.extend((uid, kind))

        activity = await self._lenient(request, principal, check)
        uid, kind = wanted
        command = AddAssignee(activity.key, self._kind.core, AssigneeKind(kind), uid.lower())
        try:
            await self._engine.execute(command, principal)
        except Conflict:
            raise Business(f"This ID: {uid} is already assigned to task: {request.path_params['act_uid']}") from None
        except Invalid:
            raise Business(f"This id: {uid} does not correspond to a registered {kind}") from None
        return Raw(201, b"", HEADERS)

    async def unassign(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        require_factory(principal)
        uid = request.path_params["assignee"]
        name = f"{self._kind.prefix}Uid"
        activity = await self._lenient(request, principal, lambda: check_uid(uid, name))
        await self._engine.execute(RemoveAssignee(activity.key, self._kind.core, uid.lower()), principal)
        return Raw(200, b"", HEADERS)

    # what the path names

    async def _strict(self, project: str, activity_uid: str, principal: Principal) -> Activity:
        """The lists: the activity has to belong to the project."""
        try:
            process = await self._engine.ask(ProcessByUid(project), principal)
        except NotFound:
            raise Business(f"The project with prj_uid: {project} does not exist.") from None
        try:
            activity = await self._engine.ask(ActivityByUid(activity_uid), principal)
        except NotFound:
            activity = None
        if activity is None or activity.process_key != process.key:
            raise Business(f"The activity with act_uid: {activity_uid} does not exist.")
        return activity

    async def _lenient(self, request: Request, principal: Principal, check: Any) -> Activity:
        """All others: any known activity will do. `check` looks at what comes after the ids in the request."""
        project = check_uid(request.path_params["prj_uid"], "prjUid")
        activity_uid = check_uid(request.path_params["act_uid"], "actUid")
        check()
        try:
            await self._engine.ask(ProcessByUid(project), principal)
        except NotFound:
            raise Business(T_PROJECT) from None
        try:
            return await self._engine.ask(ActivityByUid(activity_uid), principal)
        except NotFound:
            uid = request.path_params["act_uid"]
            raise Business(f"The activity with act_uid: '{uid}', does not exist.") from None

    @staticmethod
    def _answer(value: Any) -> Response:
        return Raw(200, dumps(value), HEADERS)
