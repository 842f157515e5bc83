"""To whom a task can be passed on, and passing it on. Source: dossier inubit.md, section 3.14; how it is done is our
choice."""

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw
from adapters.common.rights import OWN
from adapters.inubit.auth import acting_for, check_client
from adapters.inubit.endpoints import CHANGES, Endpoints
from adapters.inubit.finding import free_task
from adapters.inubit.tasks import XML, check_accept, rule_set_of
from core.identity.queries import PrincipalOf
from core.people.fields import UserWhere
from core.people.queries import ListGroups, SearchUsers
from core.principal import Principal
from core.process.queries import Assigned
from core.rejections import NotFound
from core.search.query import PageRequest, Sort, Where
from core.task.commands import AssignTask, UnassignTask, UpdateTask
from core.task.queries import TaskView
from core.turn.command import Command, Done, Several
from core.types import AssigneeKind, AssignmentKind, GroupStatus, UserStatus
from schemas.inubit.people import PERSON, ROLE, Entity, render_entities
from schemas.inubit.tasklist import BadQuery

ORGANIGRAM = "Dragoman"
_OFFERED = (200, 400, 401, 404, 405, 406, 423, 500, 503)

endpoints = Endpoints()


class Delegation:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine

    async def _found(self, request: Request) -> tuple[TaskView, Principal]:
        """A task and who passes it on: oneself; anybody if the caller is a service account. Raises NotFound, Locked."""
        caller: Principal = request.state.principal
        check_client(request, self._mount, caller)
        name = request.query_params.get("user", "")
        if not name:
            raise BadQuery("user")
        user = await acting_for(self._engine, name, caller)
        actor = await self._engine.ask(PrincipalOf(user_key=user.key), caller)
        view = await free_task(self._engine, request.path_params["taskId"], actor)
        return view, actor

    async def _offered(self, view: TaskView, actor: Principal) -> list[Entity]:
        """Those who are assigned to the activity in any way; everybody if nobody is."""
        entities: dict[tuple[str, str], Entity] = {}
        for kind in (AssignmentKind.ORDINARY, AssignmentKind.AD_HOC):
            for row in await self._engine.ask(Assigned(view.task.activity_key, kind), actor):
                if row.status == UserStatus.ACTIVE:
                    is_group = row.kind is AssigneeKind.GROUP
                    entity = Entity(ROLE, row.first_name) if is_group else Entity(PERSON, row.username)
                    entities[entity.kind, entity.name] = entity
        if not entities:
            groups = await self._engine.ask(ListGroups(), actor)
            active: tuple[UserWhere, ...] = (Where("status", "eq", UserStatus.ACTIVE.value),)
            everybody = SearchUsers(active, (Sort("username"),), PageRequest(limit=None, cap=None))
            people = (await self._engine.ask(everybody, actor)).items
            names = sorted(group.name for group in groups if group.status == GroupStatus.ACTIVE)
            return [*(Entity(ROLE, n) for n in names), *(Entity(PERSON, u.username) for u in people)]
        return sorted(entities.values(), key=lambda entity: (entity.kind != ROLE, entity.name))

    @endpoints("listDelegates", "GET", "/task/delegation/{taskId}", OWN, _OFFERED)
    async def options(self, request: Request) -> Response:
        check_accept(request)
        view, actor = await self._found(request)
        offered = [e for e in await self._offered(view, actor) if (e.kind, e.name) != (PERSON, actor.username)]
        return Raw(200, render_entities(ORGANIGRAM, rule_set_of(view), offered).encode(), XML)

    @endpoints("delegateTaskAlias", "PUT", "/task/delegation/{taskId}", OWN, (204, 400, *CHANGES), source="our choice")
    @endpoints("delegateTask", "POST", "/task/delegation/{taskId}", OWN, (204, 400, *CHANGES), source="our choice")
    async def perform(self, request: Request) -> Response:
        """To a person: the task is theirs. To a role: any of its members may take it."""
        path = request.query_params.get("path", "")
        if not path:
            raise BadQuery("path")
        view, actor = await self._found(request)
        chosen = next((e for e in await self._offered(view, actor) if e.path(ORGANIGRAM) == path), None)
        if chosen is None:
            raise NotFound("path", path)
        who: Principal = request.state.principal
        key = view.task.key
        if chosen.kind == PERSON:
            await self._engine.execute(AssignTask(key, chosen.name), who)
            return Raw(204)
        commands: list[Command[Done]] = [UpdateTask(key, candidate_users=(), candidate_groups=(chosen.name,))]
        if view.task.assignee is not None:
            commands.append(UnassignTask(key))
        await self._engine.execute(Several(tuple(commands)), who)
        return Raw(204)
