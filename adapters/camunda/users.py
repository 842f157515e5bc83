"""Users. Source: dossier camunda.md, section 3.10."""

from typing import Any

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import CREATE, DELETE, READ_BY_ID, SEARCH, UPDATE, Call, Endpoints, reply
from adapters.camunda.searching import Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.people.commands import CreateUser, DeleteUser, UpdateUser
from core.people.fields import UserField, UserWhere
from core.people.queries import SearchUsers, UserByName
from core.rejections import Conflict, NotFound
from core.search.query import Where
from core.tables.people import User
from core.types import WORKER_PERMISSIONS, UserStatus
from schemas.camunda.identity import parse_user
from schemas.camunda.search import STRING, Member

endpoints = Endpoints()

READ_USER = ("READ", "USER")

_TEXT = Member("text", STRING)
USERS: Plain[UserField] = Searchable(
    {"username": (_TEXT, "username"), "name": (_TEXT, "display_name"), "email": (_TEXT, "email")},
    {"username": "username", "name": "display_name", "email": "email"},
)
#: who left for good is not there
PRESENT: UserWhere = Where("status", "neq", UserStatus.CLOSED.value)


def record(user: User) -> dict[str, Any]:
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    return {"username": user.username, "name": name or None, "email": user.email or None}


def names_of(name: str) -> tuple[str, str]:
    """A name in two parts, as other dialects want it."""
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


async def find(call: Call, username: str) -> User:
    """Raises NotFound."""
    user = await call.ask(UserByName(username))
    if user.status == UserStatus.CLOSED:
        raise NotFound("user", username)
    return user


@endpoints("createUser", "POST", "/users", CREATE)
async def create(call: Call) -> Response:
    call.means(errors.CREATE_USER)
    wanted = parse_user(await call.body(), new=True)
    username = wanted.username or ""
    call.check_doing()
    hashed = await call.mount.engine.hash_password(wanted.password or "")
    names = names_of(wanted.name or "")
    command = CreateUser(username, hashed, *names, wanted.email or "", permissions=WORKER_PERMISSIONS)
    try:
        await call.do(command)
    except Conflict:
        raise errors.exists("user", "username", username) from None
    return reply(record(await call.ask(UserByName(username))), 201)


@endpoints("getUser", "GET", "/users/{username}", READ_BY_ID)
async def get(call: Call) -> Response:
    username = call.request.path_params["username"]
    call.check_reading(READ_USER, id=username)
    return reply(record(await find(call, username)))


@endpoints("updateUser", "PUT", "/users/{username}", UPDATE)
async def update(call: Call) -> Response:
    username = call.request.path_params["username"]
    call.means(errors.UPDATE_USER, username)
    wanted = parse_user(await call.body(), new=False)
    changes: dict[str, Any] = {}
    if wanted.name is not None:
        changes["first_name"], changes["last_name"] = names_of(wanted.name)
    if wanted.email is not None:
        changes["email"] = wanted.email
    if wanted.password:
        changes["password_hash"] = await call.mount.engine.hash_password(wanted.password)
    try:
        await find(call, username)
        await call.do(UpdateUser(username, **changes))
    except NotFound:
        raise errors.absent("UPDATE", "user", "username", username) from None
    return reply(record(await call.ask(UserByName(username))))


@endpoints("deleteUser", "DELETE", "/users/{username}", DELETE)
async def delete(call: Call) -> Response:
    username = call.request.path_params["username"]
    call.means(errors.DELETE_USER, username)
    try:
        await find(call, username)
        await call.do(DeleteUser(username))
    except NotFound:
        raise errors.absent("DELETE", "user", "username", username) from None
    return Raw(204)


@endpoints("searchUsers", "POST", "/users/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await USERS.read(call)
    readable: tuple[UserWhere, ...] = call.access.where(READ_USER, "username")
    where = (PRESENT, *readable, *USERS.where(wanted))
    return await found(await call.ask(SearchUsers(where, USERS.order(wanted), page_of(wanted.page))), record)
