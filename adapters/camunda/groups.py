"""Groups; a group's id is its name in the engine. Source: dossier camunda.md, section 3.10."""

from typing import Any

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import CREATE, DELETE, READ_BY_ID, SEARCH, UPDATE, Call, Endpoints, reply
from adapters.camunda.searching import Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.people.commands import CreateGroup, DeleteGroup, UpdateGroup
from core.people.fields import GroupField, GroupWhere
from core.people.queries import GroupByName, SearchGroups
from core.rejections import Conflict, NotFound
from core.tables.people import Group
from schemas.camunda.identity import parse_group
from schemas.camunda.search import STRING, Member

endpoints = Endpoints()

READ_GROUP = ("READ", "GROUP")

GROUPS: Plain[GroupField] = Searchable(
    {"groupId": (Member("text", STRING), "name"), "name": (Member("text"), "title")},
    {"groupId": "name", "name": "title"},
)


def record(group: Group) -> dict[str, Any]:
    return {"groupId": group.name, "name": group.title or group.name, "description": group.description or None}


async def find(call: Call, group_id: str) -> Group:
    """The case of letters counts here. Raises NotFound."""
    group = await call.ask(GroupByName(group_id))
    if group.name != group_id:
        raise NotFound("group", group_id)
    return group


def _absent(intent: str, group_id: str) -> errors.Problem:
    return errors.absent(intent, "group", "ID", group_id)


@endpoints("createGroup", "POST", "/groups", CREATE)
async def create(call: Call) -> Response:
    call.means(errors.CREATE_GROUP)
    wanted = parse_group(await call.body(), new=True)
    group_id = wanted.group_id or ""
    try:
        await call.do(CreateGroup(group_id, title=wanted.name, description=wanted.description))
    except Conflict:
        raise errors.exists("group", "ID", group_id) from None
    return reply(record(await call.ask(GroupByName(group_id))), 201)


@endpoints("getGroup", "GET", "/groups/{groupId}", READ_BY_ID)
async def get(call: Call) -> Response:
    group_id = call.request.path_params["groupId"]
    call.check_reading(READ_GROUP, id=group_id)
    return reply(record(await find(call, group_id)))


@endpoints("updateGroup", "PUT", "/groups/{groupId}", UPDATE)
async def update(call: Call) -> Response:
    group_id = call.request.path_params["groupId"]
    call.means(errors.UPDATE_GROUP, group_id)
    wanted = parse_group(await call.body(), new=False)
    try:
        await call.do(UpdateGroup(group_id, title=wanted.name, description=wanted.description))
    except NotFound:
        raise _absent("UPDATE", group_id) from None
    return reply(record(await call.ask(GroupByName(group_id))))


@endpoints("deleteGroup", "DELETE", "/groups/{groupId}", DELETE)
async def delete(call: Call) -> Response:
    group_id = call.request.path_params["groupId"]
    call.means(errors.DELETE_GROUP, group_id)
    try:
        await call.do(DeleteGroup(group_id))
    except NotFound:
        raise _absent("DELETE", group_id) from None
    return Raw(204)


@endpoints("searchGroups", "POST", "/groups/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await GROUPS.read(call)
    readable: tuple[GroupWhere, ...] = call.access.where(READ_GROUP, "name")
    where = (*readable, *GROUPS.where(wanted))
    page = await call.ask(SearchGroups(where, GROUPS.order(wanted), page_of(wanted.page)))
    return await found(page, record)
