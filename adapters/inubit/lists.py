"""Task lists: the caller's, those of roles, and those asked for with a body. Source: dossier inubit.md, sections 3.2 to
3.4, 3.10 and 3.11."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, read_body
from adapters.common.rights import ADMINISTRATOR, OWN
from adapters.common.slices import each, enclosed
from adapters.inubit.auth import acting_for, check_client, check_standalone, language, roles_of
from adapters.inubit.endpoints import LISTED, Endpoints
from adapters.inubit.filters import conditions, sorts, still_open, visible
from adapters.inubit.tasks import XML, check_accept, element
from core.identity.queries import PrincipalOf
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.search.query import PageRequest, Sort, Where
from core.task.commands import DeleteTask
from core.task.fields import TaskWhere
from core.task.queries import SearchTasks
from schemas.inubit.documents import render_task, tasklist
from schemas.inubit.tasklist import (
    UNIT_NAME,
    UNIT_TYPE,
    BadQuery,
    ListRequest,
    parse_list,
    parse_task_filter,
    parse_units,
)

_ALL = 2**31 - 1
#: tasks that are deleted in one turn
_AT_ONCE = 500

endpoints = Endpoints()


class Lists:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine
        self._deletes_all = mount.options["delete_all_tasks"] == "true"

    async def _render(
        self,
        request: Request,
        user: str,
        seen: TaskWhere,
        listing: ListRequest,
        *,
        portlet: bool,
        may_be_empty: bool = False,
    ) -> Response:
        principal: Principal = request.state.principal
        client = check_client(request, self._mount, principal)
        where = (seen, *still_open(self._engine.clock()), *conditions(listing))
        sort = sorts(listing.sorting, like_a_dictionary=listing.like_a_dictionary)
        limit = _ALL if listing.count is None and listing.start else listing.count
        page = PageRequest(limit=limit, offset=listing.start, cap=None, most=self._engine.max_list_rows)
        matches = await self._engine.ask(SearchTasks(where, sort, page), principal)
        if may_be_empty and not matches.total:
            return Raw(200, b"", XML)
        lang = language(request)
        tasks = each(matches.items, lambda view: render_task(element(view, lang, client)))
        head, tail = tasklist(user, matches.total, empty=not matches.items, portlet=portlet)
        return Raw(200, await enclosed(head.encode(), tasks, tail.encode(), lambda some: "".join(some).encode()), XML)

    @endpoints("listTasks", "GET", "/task/tasks", OWN, (200, 400, 401, 404, 405, 406, 500, 503))
    async def tasklist(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        check_accept(request)
        listing = parse_list(request.query_params.multi_items())
        return await self._render(request, principal.username, visible(principal), listing, portlet=True)

    @endpoints("listTasksOfRoles", "POST", "/task/tasks", OWN, LISTED)
    async def of_roles(self, request: Request) -> Response:
        """What these roles could have, held or not; an empty answer if there is nothing."""
        principal: Principal = request.state.principal
        check_accept(request)
        check_standalone(request)
        roles = await roles_of(request, await read_body(request))
        listing = parse_list(request.query_params.multi_items())
        seen: TaskWhere = Where("candidate_group", "in", roles)
        return await self._render(request, principal.username, seen, listing, portlet=True, may_be_empty=True)

    @endpoints("filterTasksAlias", "POST", "/task/taskfilter", OWN, LISTED, source="our choice")
    @endpoints("filterTasks", "GET", "/task/taskfilter", OWN, LISTED)
    async def filtered(self, request: Request) -> Response:
        """The sorting comes in a body, also of a GET."""
        principal: Principal = request.state.principal
        check_accept(request)
        sorting = parse_task_filter(await read_body(request))
        listing = parse_list(request.query_params.multi_items())
        listing.sorting = sorting or listing.sorting
        return await self._render(request, principal.username, visible(principal), listing, portlet=False)

    @endpoints("listTasksOfUnits", "POST", "/task/baseFilterTasks", OWN, LISTED)
    async def of_units(self, request: Request) -> Response:
        """What a user sees of these units; they come in the body, or as filters in the query."""
        principal: Principal = request.state.principal
        check_accept(request)
        name = request.query_params.get("user", "")
        units = parse_units(await read_body(request))
        listing = parse_list(request.query_params.multi_items())
        if not name or not (units or {UNIT_NAME, UNIT_TYPE} & set(listing.filters)):
            raise BadQuery("Unit/@name" if name else "user")
        listing.units = units
        user = await acting_for(self._engine, name, principal)
        seen = visible(await self._engine.ask(PrincipalOf(user_key=user.key), principal))
        return await self._render(request, user.username, seen, listing, portlet=False)

    @endpoints("deleteAllTasks", "DELETE", "/task/tasks", ADMINISTRATOR, (204, 401, 404, 405, 500, 503))
    async def delete_all(self, request: Request) -> Response:
        """Every open task there is, but those in the middle of a transition. Not there unless a setting says so."""
        principal: Principal = request.state.principal
        check_client(request, self._mount, principal)
        if not self._deletes_all or not principal.is_administrator:
            raise NotFound("tasks", "")
        last = 0
        while True:
            where: tuple[TaskWhere, ...] = (Where("key", "gt", last), *still_open(0)[:1])
            page = PageRequest(_AT_ONCE, counted=False)
            matches = await self._engine.ask(SearchTasks(where, (Sort("key"),), page), principal)
            if not matches.items:
                return Raw(204)
            last = matches.items[-1].task.key
            deleting = (self._engine.execute(DeleteTask(view.task.key), principal) for view in matches.items)
            for outcome in await asyncio.gather(*deleting, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, NotFound | Conflict):
                    raise outcome
