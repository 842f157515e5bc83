"""Groups and their members. Source: dossier processmaker.md, section 3.9."""

from typing import Any

from adapters.common.rights import MANAGER
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import PM_USERS, may
from adapters.processmaker.users import find_user, names, shown
from core.people.commands import AddMember, CreateGroup, DeleteGroup, RemoveMember, UpdateGroup
from core.people.queries import GroupByUid, ListGroups, ListUsers, MembersByGroup, UserByUid
from core.process.queries import AssignmentsTo
from core.rejections import Conflict, NotFound
from core.tables.people import Group, User
from core.types import AssignmentKind, GroupStatus, UserStatus
from schemas.processmaker.listing import Window, read_window
from schemas.processmaker.parameters import FILTERED, SEARCHED, WHOLE_BODY, by_uid
from schemas.processmaker.user import brief
from schemas.processmaker.wire import BadRequest, fold

endpoints = Endpoints()

STATUSES = ("ACTIVE", "INACTIVE")
_GROUP = by_uid("grp_uid")
_PEOPLE = (_GROUP, *SEARCHED)


def _check_reader(call: Call) -> None:
    """The controller's own check: 400, not the 401 of the routes that change something."""
    if not may(call.principal, PM_USERS):
        uid = call.principal.uid
        raise Business(f'The user with "{uid}" not have permissions to perform this action.')


async def find_group(call: Call, uid: str) -> Group:
    """Raises Business."""
    try:
        return await call.ask(GroupByUid(uid.lower()))
    except NotFound:
        raise Business(f"The group with grp_uid: {uid} does not exist.") from None


async def _rows(call: Call, groups: list[Group]) -> list[dict[str, Any]]:
    keys = tuple(g.key for g in groups)
    members = await call.ask(MembersByGroup(keys))
    activities = await call.ask(AssignmentsTo(keys, AssignmentKind.ORDINARY))
    return [
        {
            "grp_uid": group.uid,
            "grp_title": group.name,
            "grp_status": group.status,
            "grp_users": str(sum(u.status != UserStatus.CLOSED for u in members[group.key])),
            "grp_tasks": str(len(activities[group.key])),
        }
        for group in groups
    ]


@endpoints("listGroups", "GET", "/groups", "/group", "/groups/paged", "/group/paged", takes=FILTERED, right=MANAGER)
async def list_groups(call: Call) -> Any:
    _check_reader(call)
    window = read_window(call.values)
    if window.limit == 0:
        return window.page([], 0) if call.paged else []
    groups = sorted(await call.ask(ListGroups()), key=lambda g: (fold(g.name), g.uid))
    in_window, total = window.of(groups, lambda g: (g.name,))
    rows = await _rows(call, list(in_window))
    return window.page(rows, total) if call.paged else rows


@endpoints("getGroup", "GET", "/group/{grp_uid}", "/groups/{grp_uid}", takes=[_GROUP], right=MANAGER)
async def get_group(call: Call) -> Any:
    _check_reader(call)
    return (await _rows(call, [await find_group(call, call.path_uid("grp_uid"))]))[0]


def _given(call: Call, name: str, *, new: bool) -> str | None:
    values = {key.lower(): value for key, value in call.values.items()}
    if name not in values:
        if new:
            raise BadRequest(f'Undefined value for "{name}", it is required.')
        return None
    value = values[name]
    if value is None or isinstance(value, bool | dict | list) or not str(value).strip():
        raise BadRequest(f'Invalid value for "{name}". It can not be empty.')
    return str(value)


def _read(call: Call, *, new: bool) -> dict[str, str]:
    """The title and the status, as far as they were sent; a new group has to have both. Raises BadRequest."""
    values = {name: _given(call, name, new=new) for name in ("grp_title", "grp_status")}
    status = values["grp_status"]
    if status is not None and status not in STATUSES:
        raise BadRequest(f'Invalid value for "grp_status". It only accepts values: "{"|".join(STATUSES)}".')
    return {name: value for name, value in values.items() if value is not None}


def _taken(title: str) -> Business:
    return Business(f'The group title with grp_title: "{title}" already exists.')


@endpoints("createGroup", "POST", "/group", "/groups", needs=[PM_USERS], takes=[WHOLE_BODY], success=201)
async def create_group(call: Call) -> Any:
    values = _read(call, new=True)
    title = values["grp_title"]
    try:
        created = await call.do(CreateGroup(title, status=GroupStatus(values["grp_status"])))
    except Conflict:
        raise _taken(title) from None
    return {"grp_uid": created.uid, "grp_title": title, "grp_status": values["grp_status"]}


@endpoints("updateGroup", "PUT", "/group/{grp_uid}", "/groups/{grp_uid}", needs=[PM_USERS], takes=[_GROUP, WHOLE_BODY])
async def update_group(call: Call) -> Any:
    group = await find_group(call, call.path_uid("grp_uid"))
    values = _read(call, new=False)
    changes: dict[str, Any] = {}
    if "grp_title" in values:
        changes["new_name"] = values["grp_title"]
    if "grp_status" in values:
        changes["status"] = GroupStatus(values["grp_status"])
    try:
        await call.do(UpdateGroup(group.name, **changes))
    except Conflict:
        raise _taken(values["grp_title"]) from None
    return EMPTY


@endpoints("deleteGroup", "DELETE", "/group/{grp_uid}", "/groups/{grp_uid}", needs=[PM_USERS], takes=[_GROUP])
async def delete_group(call: Call) -> Any:
    group = await find_group(call, call.path_uid("grp_uid"))
    try:
        await call.do(DeleteGroup(group.name, unused=True))
    except Conflict:
        raise Business("Group cannot be deleted while it's assigned to a task") from None
    return EMPTY


# members


def _people(call: Call, window: Window, users: list[User]) -> Any:
    not_closed = sorted((u for u in users if u.status != UserStatus.CLOSED), key=lambda u: (fold(u.username), u.uid))
    in_window, total = window.of(not_closed, names)
    rows = [brief(shown(user), email=True) for user in in_window]
    return window.page(rows, total) if call.paged else rows


def _addresses(tail: str) -> tuple[str, ...]:
    """Of a list below a group."""
    return tuple(f"/{first}/{{grp_uid}}/{tail}{paged}" for first in ("group", "groups") for paged in ("", "/paged"))


@endpoints("listGroupUsers", "GET", *_addresses("users"), takes=_PEOPLE, right=MANAGER)
async def list_members(call: Call) -> Any:
    _check_reader(call)
    uid = call.path_uid("grp_uid")
    window = read_window(call.values, zero_is_all=True)
    group = await find_group(call, uid)
    return _people(call, window, list((await call.ask(MembersByGroup((group.key,))))[group.key]))


@endpoints("listGroupAvailableUsers", "GET", *_addresses("available-users"), takes=_PEOPLE, right=MANAGER)
async def list_others(call: Call) -> Any:
    _check_reader(call)
    uid = call.path_uid("grp_uid")
    window = read_window(call.values, zero_is_all=True)
    group = await find_group(call, uid)
    members = {u.key for u in (await call.ask(MembersByGroup((group.key,))))[group.key]}
    return _people(call, window, [u for u in await call.ask(ListUsers()) if u.key not in members])


@endpoints("listGroupSupervisorUsers", "GET", *_addresses("supervisor-users"), takes=_PEOPLE, right=MANAGER)
async def list_supervisors(call: Call) -> Any:
    """Members of the group who may supervise."""
    _check_reader(call)
    uid = call.path_uid("grp_uid")
    window = read_window(call.values, zero_is_all=True)
    group = await find_group(call, uid)
    members = (await call.ask(MembersByGroup((group.key,))))[group.key]
    return _people(call, window, [u for u in members if "administer" in u.permissions or "manage" in u.permissions])


@endpoints("addGroupUser", "POST", "/group/{grp_uid}/user", needs=[PM_USERS], takes=[_GROUP, WHOLE_BODY], success=201)
async def add_member(call: Call) -> Any:
    group = await find_group(call, call.path_uid("grp_uid"))
    usr_uid = {key.lower(): value for key, value in call.values.items()}.get("usr_uid")
    if usr_uid is None or usr_uid == "":
        raise BadRequest('Undefined value for "usr_uid", it is required.')
    uid = str(usr_uid)
    user = await find_user(call, uid)
    try:
        await call.do(AddMember(group.name, user.username))
    except Conflict:
        raise Business(f"The user with usr_uid: {uid} is already assigned to the group.") from None
    return EMPTY


@endpoints(
    "removeGroupUser",
    "DELETE",
    "/group/{grp_uid}/user/{usr_uid}",
    needs=[PM_USERS],
    takes=[_GROUP, by_uid("usr_uid")],
)
async def remove_member(call: Call) -> Any:
    uid = call.path_uid("grp_uid")
    group = await find_group(call, uid)
    user = await find_user(call, call.params["usr_uid"])
    try:
        await call.do(RemoveMember(group.name, user.username))
    except NotFound:
        shown_uid = call.params["usr_uid"]
        raise Business(f"The user with usr_uid: {shown_uid} is not assigned to the group.") from None
    return EMPTY


@endpoints("addUsersToGroups", "POST", "/group/batch-users", needs=[PM_USERS], takes=[WHOLE_BODY], success=201)
async def add_members(call: Call) -> Any:
    entries = call.body if isinstance(call.body, list) else []
    if not entries:
        raise Business("The information sent is empty!")
    answer = []
    for entry in entries:
        membership = entry if isinstance(entry, dict) else {}
        uid = str(membership.get("groupUid") or "")
        users = membership.get("users")
        uids = [str(u) for u in users] if isinstance(users, list) else []
        answer.append(await _add_several(call, uid, uids))
    return answer


async def _add_several(call: Call, uid: str, uids: list[str]) -> dict[str, Any]:
    try:
        group = await call.ask(GroupByUid(uid.lower()))
    except NotFound:
        return {"groupUid": {uid: "GROUP_NOT_EXISTS"}, "users": []}
    results: dict[str, str] = {}
    for each in uids:
        try:
            user = await call.ask(UserByUid(each.lower()))
        except NotFound:
            results[each] = "USER_NOT_EXISTS"
            continue
        if user.status == UserStatus.CLOSED:
            results[each] = "USER_INACTIVE"
            continue
        try:
            await call.do(AddMember(group.name, user.username))
            results[each] = "USER_SUCCESSFULLY_ASSIGNED"
        except Conflict:
            results[each] = "USER_ALREADY_ASSIGNED"
    return {"groupUid": {uid: "GROUP_EXISTS"}, "users": results or []}
