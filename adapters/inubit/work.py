"""Working on tasks: locking, changing, submitting, deleting, the next one. Source: dossier inubit.md, section 3."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, read_body
from adapters.common.rights import OWN
from adapters.inubit.auth import check_client, check_standalone, language, roles_of
from adapters.inubit.endpoints import CHANGES, LISTED, READ, Endpoints
from adapters.inubit.filters import NEWEST_FIRST, still_open, visible
from adapters.inubit.finding import free_task, open_task
from adapters.inubit.tasks import XML, check_accept, element, fields_of, is_owned, is_pooled
from core.instance.fields import VariableWhere
from core.instance.queries import ScopesOf, SearchVariables
from core.people.queries import UserByName
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.search.query import Is, PageRequest, Sort, Where
from core.tables.task import Task
from core.task.commands import AssignTask, ClaimTask, CompleteTask, DeleteTask, UnassignTask, UpdateTask
from core.task.fields import TaskSort, TaskWhere
from core.task.queries import SearchTasks, TaskByUid, TaskView
from core.turn.command import Command, Several
from core.types import OPEN_TASK_STATES, UserStatus
from schemas.common.numbers import whole
from schemas.common.uuids import dashed
from schemas.inubit.documents import render_task
from schemas.inubit.forms import Value, parse_submission, render_form, variables_of
from schemas.inubit.tasklist import BadQuery

#: tasks that are tried, one after the other, for the next one
TRIED = 50
_FIELD = re.compile(r"Field\[@name=(?:'([^']*)'|\"([^\"]*)\")\]")
_TEXT = re.compile(r"(Name|Description)(?:\[@xml:lang=['\"]\w+['\"]\])?(?:/text\(\))?")
_ASSIGNEE = re.compile(r"Unit\[@type=['\"]User['\"]\]/@name")

endpoints = Endpoints()


def _mark(task: Task, username: str) -> UpdateTask:
    """A lock on a task that nobody else could have."""
    return UpdateTask(task.key, ext={"inubit": {"locked": username}})


class Work:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine

    async def _free(self, request: Request, roles: tuple[str, ...] | None = None) -> TaskView:
        return await free_task(self._engine, request.path_params["taskId"], request.state.principal, roles)

    async def _shown(self, request: Request, view: TaskView) -> Response:
        client = check_client(request, self._mount, request.state.principal)
        fresh = await self._engine.ask(TaskByUid(view.task.uid), request.state.principal)
        return Raw(200, render_task(element(fresh, language(request), client)).encode(), XML)

    # changing

    @endpoints("changeTask", "PUT", "/task/tasks/{taskId}", OWN, (200, 400, 406, *CHANGES))
    async def change(self, request: Request) -> Response:
        """One element or attribute, named by a path as in XPath."""
        principal: Principal = request.state.principal
        check_accept(request)
        check_client(request, self._mount, principal)
        path, value = request.query_params.get("path"), request.query_params.get("value")
        if path is None or value is None:
            raise BadQuery("path" if path is None else "value")
        view = await self._free(request)
        command = await self._command(path, value, view.task, principal)
        await self._engine.execute(command, principal)
        return await self._shown(request, view)

    async def _command(self, path: str, value: str, task: Task, who: Principal) -> Command[Any]:
        """Raises BadQuery for paths that cannot be changed."""
        step = re.sub(r"^(/?Task/|\./|/)", "", path)
        if step == "@locked":
            return await self._locking(value, task, who)
        if step == "@expiration":
            due_at = whole(value, 15)
            if value and due_at is None:
                raise BadQuery("value")
            return UpdateTask(task.key, due_at=due_at)
        if step == "@popup":
            if value not in ("true", "false"):
                raise BadQuery("value")
            return UpdateTask(task.key, ext={"inubit": {"popup": value == "true"}})
        if match := _TEXT.fullmatch(step):
            name = match[1] == "Name"
            return UpdateTask(task.key, name=value) if name else UpdateTask(task.key, description=value)
        if match := _FIELD.fullmatch(step):
            name = match[1] or match[2] or ""
            return UpdateTask(task.key, ext={"inubit": {"fields": {**fields_of(task), name: value}}})
        if _ASSIGNEE.fullmatch(step):
            return AssignTask(task.key, await self._known(value, who))
        raise BadQuery("path")

    async def _known(self, username: str, who: Principal) -> str:
        user = await self._engine.ask(UserByName(username), who)
        if user.status != UserStatus.ACTIVE:
            raise NotFound("user", username)
        return user.username

    async def _locking(self, value: str, task: Task, who: Principal) -> Command[Any]:
        """For oneself; administrators lock for others. What is one's own stays so when it is released."""
        if not value:
            return _mark(task, "") if is_owned(task) else UnassignTask(task.key)
        username = await self._known(value, who)
        if username != who.username and not who.is_administrator:
            raise NotFound("user", value)
        claim = ClaimTask(task.key, username)
        if is_pooled(task):
            return claim
        return _mark(task, username) if task.assignee == username else Several((claim, _mark(task, username)))

    @endpoints("deleteTask", "DELETE", "/task/tasks/{taskId}", OWN, (204, *CHANGES))
    async def delete(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        check_client(request, self._mount, principal)
        view = await self._free(request)
        await self._engine.execute(DeleteTask(view.task.key), principal)
        return Raw(204)

    # the next one

    @endpoints("nextTaskAlias", "GET", "/task/nextTask", OWN, READ, source="our choice")
    @endpoints("nextTask", "GET", "/task/next", OWN, READ, source="our choice")
    async def next(self, request: Request) -> Response:
        """The oldest task that nobody holds is locked for the caller; an empty answer if there is none."""
        principal: Principal = request.state.principal
        check_accept(request)
        check_client(request, self._mount, principal)
        where: tuple[TaskWhere, ...] = (
            visible(principal),
            Where("assignee", "exists", False),
            *still_open(self._engine.clock()),
        )
        oldest: tuple[TaskSort, ...] = (Sort("created_at"), Sort("key"))
        matches = await self._engine.ask(SearchTasks(where, oldest, PageRequest(TRIED, counted=False)), principal)
        for view in matches.items:
            if request.method == "HEAD":  # who only looks takes nothing
                return await self._shown(request, view)
            try:
                await self._engine.execute(ClaimTask(view.task.key, principal.username, unclaimed=True), principal)
            except (Conflict, NotFound):
                continue  # somebody was quicker
            return await self._shown(request, view)
        return Raw(200, b"", XML)

    # forms

    async def _values(self, task: Task, who: Principal) -> list[Value]:
        """The variables that the task sees, in alphabetical order."""
        scopes = await self._engine.ask(ScopesOf(task.element_instance_key), who) or (task.instance_key,)
        where: tuple[VariableWhere, ...] = (Where("scope_key", "in", scopes),)
        page = await self._engine.ask(SearchVariables(where, (Sort("name"),), PageRequest(limit=None, cap=None)), who)
        innermost: dict[str, Value] = {}
        for view in sorted(page.items, key=lambda view: -scopes.index(view.variable.scope_key)):
            row = view.variable
            innermost[row.name] = Value(row.key, row.name, row.parsed)
        return [innermost[name] for name in sorted(innermost)]

    @endpoints("getFormData", "GET", "/task/data/{taskId}", OWN, READ)
    async def form(self, request: Request) -> Response:
        """Made from the variables; an empty answer for a task that is not there."""
        check_accept(request)
        return await self._form(request, None)

    @endpoints("getFormDataForRoles", "POST", "/task/data/{taskId}", OWN, LISTED)
    async def form_for_roles(self, request: Request) -> Response:
        """Of a task that these roles could have. There is one format, `xml`."""
        check_accept(request)
        check_standalone(request)
        if request.query_params.get("format", "xml") != "xml":
            raise BadQuery("format")
        return await self._form(request, await roles_of(request, await read_body(request)))

    async def _form(self, request: Request, roles: tuple[str, ...] | None) -> Response:
        principal: Principal = request.state.principal
        check_client(request, self._mount, principal)
        try:
            view = await open_task(self._engine, request.path_params["taskId"], principal, roles)
        except NotFound:
            return Raw(200, b"", XML)
        return Raw(200, render_form(await self._values(view.task, principal)).encode(), XML)

    @endpoints("submitTask", "POST", "/task/submit/{taskId}", OWN, (201, 204, 400, 413, *CHANGES))
    async def submit(self, request: Request) -> Response:
        """The id of the task that follows for the caller, or nothing. A portal of its own names roles in a header, or
        in a body without a form."""
        principal: Principal = request.state.principal
        check_client(request, self._mount, principal)
        body = await read_body(request)
        roles = None
        if request.query_params.get("portal") == "standalone":
            in_body = body.lstrip()[:1] == b"{"
            roles = await roles_of(request, body if in_body else b"")
            body = b"" if in_body else body
        submission = parse_submission(body)
        view = await self._free(request, roles)
        task = view.task
        by_number = {value.number: value for value in await self._values(task, principal)} if submission else {}
        variables: dict[str, Any] = variables_of(submission, by_number)
        await self._engine.execute(CompleteTask(task.key, variables), principal)
        where: tuple[TaskWhere, ...] = (
            Where("instance_key", "eq", task.instance_key),
            Is("visible_to", (principal.username, principal.groups if roles is None else roles)),
            Where("state", "in", [s.value for s in OPEN_TASK_STATES]),
            Where("key", "gt", task.key),
        )
        following = await self._engine.ask(SearchTasks(where, NEWEST_FIRST, PageRequest(1, counted=False)), principal)
        if following.items:
            return Raw(201, dashed(following.items[0].task.uid).encode(), {"content-type": "application/plain"})
        return Raw(204)
