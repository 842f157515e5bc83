"""Users, and how many tasks somebody and their roles have. Source: dossier inubit.md, section 3.14."""

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw
from adapters.common.rights import OWN, SIGNED_IN
from adapters.inubit.auth import acting_for, check_client
from adapters.inubit.endpoints import READ, Endpoints
from adapters.inubit.filters import still_open, visible
from adapters.inubit.tasks import XML, check_accept
from core.identity.queries import PrincipalOf
from core.people.fields import UserWhere
from core.people.queries import SearchUsers
from core.principal import Principal
from core.search.query import PageRequest, Sort, Where
from core.task.fields import TaskWhere
from core.task.queries import SearchTasks
from core.types import UserStatus
from schemas.inubit.people import Count, Person, render_units, render_users

#: the only kind of users that there is here
INTERNAL = "processengineuser"

endpoints = Endpoints()


class People:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine

    @endpoints("listUsers", "GET", "/user/users", SIGNED_IN, READ)
    async def users(self, request: Request) -> Response:
        """Of the internal store; the portal's users are kept elsewhere."""
        principal: Principal = request.state.principal
        check_accept(request)
        check_client(request, self._mount, principal)
        query = request.query_params
        kind = query.get("userType") or query.get("type") or INTERNAL
        where: list[UserWhere] = [Where("status", "eq", UserStatus.ACTIVE.value)]
        if query.get("userid"):
            where.append(Where("username", "eq", query["userid"]))
        people: list[Person] = []
        if kind.lower() == INTERNAL:
            everybody = PageRequest(limit=None, cap=None)
            matches = await self._engine.ask(SearchUsers(tuple(where), (Sort("username"),), everybody), principal)
            people = [Person(u.username, u.email, u.first_name, u.last_name) for u in matches.items]
        return Raw(200, render_users(people).encode(), {"content-type": "application/xml;charset=UTF-8"})

    @endpoints("countUnits", "GET", "/task/units/{userName}", OWN, READ)
    async def units(self, request: Request) -> Response:
        """All that somebody sees, what each of their roles could have, and what is theirs."""
        principal: Principal = request.state.principal
        check_accept(request)
        check_client(request, self._mount, principal)
        user = await acting_for(self._engine, request.path_params["userName"], principal)
        who = await self._engine.ask(PrincipalOf(user_key=user.key), principal)
        counts = [Count(await self._count(principal, visible(who)))]
        for group in who.groups:
            theirs: TaskWhere = Where("candidate_group", "eq", group)
            free: TaskWhere = Where("assignee", "exists", False)
            counts.append(Count(await self._count(principal, theirs, free), "Role", group))
        assigned = await self._count(principal, Where("assignee", "eq", user.username))
        return Raw(200, render_units(user.username, [*counts, Count(assigned, "User", user.username)]).encode(), XML)

    async def _count(self, who: Principal, *where: TaskWhere) -> int:
        conditions = (*where, *still_open(self._engine.clock()))
        matches = await self._engine.ask(SearchTasks(conditions, page=PageRequest(1, cap=None)), who)
        return matches.total

    @endpoints("formHelp", "POST", "/task/help", SIGNED_IN, (200, 401, 405, 500, 503), source="our choice")
    async def help(self, request: Request) -> Response:
        """Forms made here have nothing to validate beforehand."""
        return Raw(200, b"<result/>", XML)
