"""The three built-in roles, and who has them. Source: dossier processmaker.md, section 3.10.

Roles of one's own are not offered: their routes are unknown ones (404).
"""

from hashlib import md5
from typing import Any

from adapters.common.rights import MANAGER
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import OPERATOR, PM_USERS, ROLES, Role, may, role_of
from adapters.processmaker.users import find_user, names, permissions_of, shown
from core.people.commands import UpdateUser
from core.people.queries import ListUsers
from core.tables.people import User
from core.types import UserStatus
from schemas.processmaker.listing import read_window
from schemas.processmaker.parameters import SEARCHED, WHOLE_BODY, by_uid, integers, texts
from schemas.processmaker.user import brief
from schemas.processmaker.wire import BadRequest, fold

endpoints = Endpoints()

#: the account whose role nobody may change
ADMINISTRATOR = "00000000000000000000000000000001"


_ROLE = by_uid("rol_uid")
_PEOPLE = (_ROLE, *SEARCHED)


def _find(call: Call, name: str = "rol_uid") -> Role:
    uid = call.path_uid(name)
    for role in ROLES:
        if role.uid == uid:
            return role
    raise Business(f"The role with rol_uid: {call.params[name]} does not exist.")


def _has(user: User, role: Role) -> bool:
    return user.status != UserStatus.CLOSED and role_of(permissions_of(user)) is role


async def _row(call: Call, role: Role) -> dict[str, Any]:
    users = await call.ask(ListUsers())
    return {
        "rol_uid": role.uid,
        "rol_code": role.code,
        "rol_name": role.name,
        "rol_status": "ACTIVE",
        "rol_system": "PROCESSMAKER",
        "rol_create_date": "",
        "rol_update_date": "",
        "rol_total_users": sum(_has(user, role) for user in users),
    }


_LISTED = (*texts("filter"), *integers("start limit"))


@endpoints("listRoles", "GET", "/roles", "/role", "/roles/paged", "/role/paged", needs=[PM_USERS], takes=_LISTED)
async def list_roles(call: Call) -> Any:
    window = read_window(call.values)
    if window.limit == 0:
        return window.page([], 0) if call.paged else []
    in_window, total = window.of(sorted(ROLES, key=lambda r: r.code), lambda r: (r.code,))
    rows = [await _row(call, role) for role in in_window]
    return window.page(rows, total) if call.paged else rows


@endpoints("getRole", "GET", "/role/{rol_uid}", "/roles/{rol_uid}", needs=[PM_USERS], takes=[_ROLE])
async def get_role(call: Call) -> Any:
    return await _row(call, _find(call))


async def _people(call: Call, *, having: bool) -> Any:
    role = _find(call)
    window = read_window(call.values)
    if window.limit == 0:
        return window.page([], 0) if call.paged else []
    everybody = [u for u in await call.ask(ListUsers()) if u.status != UserStatus.CLOSED]
    users = sorted((u for u in everybody if _has(u, role) is having), key=lambda u: (fold(u.username), u.uid))
    in_window, total = window.of(users, names)
    rows = [brief(shown(user)) for user in in_window]
    return window.page(rows, total) if call.paged else rows


@endpoints(
    "listRoleUsers",
    "GET",
    "/role/{rol_uid}/users",
    "/role/{rol_uid}/users/paged",
    needs=[PM_USERS],
    takes=_PEOPLE,
)
async def list_holders(call: Call) -> Any:
    return await _people(call, having=True)


_AVAILABLE = ("/role/{rol_uid}/available-users", "/role/{rol_uid}/available-users/paged")


@endpoints("listRoleAvailableUsers", "GET", *_AVAILABLE, needs=[PM_USERS], takes=_PEOPLE)
async def list_others(call: Call) -> Any:
    return await _people(call, having=False)


def _check_changeable(uid: str) -> None:
    if uid.lower() == ADMINISTRATOR:
        raise Business("The role of the administrator can not be changed!")


@endpoints("addRoleUser", "POST", "/role/{rol_uid}/user", needs=[PM_USERS], takes=[_ROLE, WHOLE_BODY], success=201)
async def add_user(call: Call) -> Any:
    role = _find(call)
    usr_uid = call.values.get("usr_uid")
    if usr_uid is None or usr_uid == "":
        raise BadRequest('Undefined value for "usr_uid", it is required.')
    uid = str(usr_uid)
    _check_changeable(uid)
    user = await find_user(call, uid)
    if _has(user, role):
        raise Business(f"The user with usr_uid: {uid} is already assigned to the role.")
    await call.do(UpdateUser(user.username, permissions=role.permissions))
    return EMPTY


@endpoints(
    "removeRoleUser",
    "DELETE",
    "/role/{rol_uid}/user/{usr_uid}",
    needs=[PM_USERS],
    takes=[_ROLE, by_uid("usr_uid")],
)
async def remove_user(call: Call) -> Any:
    """Who loses their role is an operator."""
    role = _find(call)
    uid = call.path_uid("usr_uid")
    user = await find_user(call, uid)
    if not _has(user, role):
        raise Business(f"The user with usr_uid: {uid} is not assigned to the role.")
    _check_changeable(uid)
    await call.do(UpdateUser(user.username, permissions=OPERATOR.permissions))
    return EMPTY


_PERMISSIONS = ("/role/{rol_uid}/permissions", "/role/{rol_uid}/permissions/paged")


@endpoints("listRolePermissions", "GET", *_PERMISSIONS, takes=_PEOPLE, right=MANAGER)
async def list_permissions(call: Call) -> Any:
    """Like a group's readers, who may not meets a 400."""
    if not may(call.principal, PM_USERS):
        raise Business(f'The user with "{call.principal.uid}" not have permissions to perform this action.')
    role = _find(call)
    window = read_window(call.values)
    if window.limit == 0:
        return window.page([], 0) if call.paged else []
    codes, total = window.of(role.codes, lambda code: (code,))
    rows = [{"per_uid": _uid(code), "per_code": code, "per_name": code} for code in codes]
    return window.page(rows, total) if call.paged else rows


def _uid(code: str) -> str:
    """The same on every server, as the vendor's are."""
    return md5(code.encode(), usedforsecurity=False).hexdigest()
