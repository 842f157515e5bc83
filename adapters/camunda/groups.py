"""Groups and their users; a group's id is its name in the engine. Source: dossier camunda.md, section 3.10."""

from typing import Any

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import COMMAND, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.searching import Searchable, found, page_of
from adapters.camunda.users import PRESENT, find
from adapters.common.http import Raw
from core import commands as c
from core.queries import GroupByName, SearchGroups, SearchUsers, Where
from core.rejections import Conflict, NotFound
from core.storage.records import Group
from schemas.camunda.identity import parse_group
from schemas.camunda.search import STRING, Member

endpoints = Endpoints()

GROUPS = Searchable(
    {"groupId": (Member("text", STRING), "name"), "name": (Member("text"), "title")},
    {"groupId": "name", "name": "title"},
)
MEMBERS = Searchable({}, {"username": "username"})


def record(group: Group) -> dict[str, Any]:
    return {"groupId": group.name, "name": group.title or group.name, "description": group.description or None}


async def _find(call: Call, group_id: str) -> Group:
    """The case of letters counts here. Raises NotFound."""
    group = await call.ask(GroupByName(group_id))
    if group.name != group_id:
        raise NotFound("group", group_id)
    return group


def _absent(intent: str, group_id: str) -> errors.Problem:
    return errors.absent(intent, "group", "ID", group_id)


@endpoints("createGroup", "POST", "/groups", (201, *COMMAND[1:]))
async def create(call: Call) -> Response:
    call.means(errors.CREATE_GROUP)
    wanted = parse_group(await call.body(), new=True)
    group_id = wanted.group_id or ""
    try:
        await call.do(c.CreateGroup(group_id, title=wanted.name, description=wanted.description))
    except Conflict:
        raise errors.exists("group", "ID", group_id) from None
    return reply(record(await call.ask(GroupByName(group_id))), 201)


@endpoints("getGroup", "GET", "/groups/{groupId}", READ)
async def get(call: Call) -> Response:
    return reply(record(await _find(call, call.request.path_params["groupId"])))


@endpoints("updateGroup", "PUT", "/groups/{groupId}", (200, *COMMAND[1:]))
async def update(call: Call) -> Response:
    call.means(errors.UPDATE_GROUP)
    group_id = call.request.path_params["groupId"]
    wanted = parse_group(await call.body(), new=False)
    try:
        await call.do(c.UpdateGroup(group_id, title=wanted.name, description=wanted.description))
    except NotFound:
        raise _absent("UPDATE", group_id) from None
    return reply(record(await call.ask(GroupByName(group_id))))


@endpoints("deleteGroup", "DELETE", "/groups/{groupId}", COMMAND)
async def delete(call: Call) -> Response:
    call.means(errors.DELETE_GROUP)
    group_id = call.request.path_params["groupId"]
    try:
        await call.do(c.DeleteGroup(group_id))
    except NotFound:
        raise _absent("DELETE", group_id) from None
    return Raw(204)


@endpoints("searchGroups", "POST", "/groups/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await GROUPS.read(call)
    page = await call.ask(SearchGroups(GROUPS.where(wanted), GROUPS.order(wanted), page_of(wanted.page)))
    return found(page, record)


@endpoints("assignUserToGroup", "PUT", "/groups/{groupId}/users/{username}", COMMAND)
async def add_user(call: Call) -> Response:
    call.means(errors.UPDATE_GROUP)
    group_id, username = call.request.path_params["groupId"], call.request.path_params["username"]
    try:
        await call.do(c.AddMember(group_id, (await find(call, username)).username))
    except Conflict:
        reason = (
            f"Expected to add entity with ID '{username}' to group with ID '{group_id}', but the entity is already "
        )
        detail = f"Command 'ADD_ENTITY' rejected with code 'ALREADY_EXISTS': {reason}assigned to this group."
        raise errors.Problem(409, "ALREADY_EXISTS", detail) from None
    except NotFound as error:
        raise _no_entity("ADD_ENTITY", "add {} to", error, group_id, username) from None
    return Raw(204)


@endpoints("unassignUserFromGroup", "DELETE", "/groups/{groupId}/users/{username}", COMMAND)
async def remove_user(call: Call) -> Response:
    call.means(errors.UPDATE_GROUP)
    group_id, username = call.request.path_params["groupId"], call.request.path_params["username"]
    try:
        await call.do(c.RemoveMember(group_id, (await find(call, username)).username))
    except NotFound as error:
        raise _no_entity("REMOVE_ENTITY", "remove {} from", error, group_id, username) from None
    return Raw(204)


def _no_entity(intent: str, what: str, error: NotFound, group_id: str, username: str) -> errors.Problem:
    if error.kind == "group":
        reason = f"Expected to update group with ID '{group_id}', but a group with this ID does not exist."
    else:
        expected = what.format(f"an entity with ID '{username}' and type 'USER'")
        reason = f"Expected to {expected} group with ID '{group_id}', but the entity doesn't exist."
    return errors.Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


@endpoints("searchUsersForGroup", "POST", "/groups/{groupId}/users/search", (*SEARCH, 404))
async def search_users(call: Call) -> Response:
    wanted = await MEMBERS.read(call)
    group = await _find(call, call.request.path_params["groupId"])
    where = (PRESENT, Where("member_of", "eq", group.key))
    page = await call.ask(SearchUsers(where, MEMBERS.order(wanted), page_of(wanted.page)))
    return found(page, lambda user: {"username": user.username})
