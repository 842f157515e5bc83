"""Starters and task details.

Source: seed page "Start an ad-hoc process of a user"; dossier inubit.md, sections 2 and 3.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, read_body
from adapters.common.rights import OWN
from adapters.inubit.auth import acting_for, check_client, check_standalone, language, roles_of
from adapters.inubit.endpoints import LISTED, READ, Endpoints
from adapters.inubit.errors import NotAcceptable
from core.instance.commands import StartInstance
from core.principal import Principal
from core.process.queries import StarterByNumber, StarterByUid, StartersOf
from core.rejections import NotFound
from core.tables.process import Starter
from core.tables.task import Task
from core.task.queries import TaskByUid, TaskView
from core.types import ENDED_TASK_STATES
from schemas.common.accept import quality
from schemas.common.numbers import whole
from schemas.common.uuids import dashed, undashed
from schemas.inubit.documents import Field, Module, Unit, render_modules, render_task
from schemas.inubit.documents import Task as Element

XML = {"content-type": "application/xml"}

endpoints = Endpoints()


def check_accept(request: Request) -> None:
    """These resources are XML only; whoever excludes XML gets a 406."""
    accept = request.headers.get("accept") or "*/*"
    if not quality(accept, "application/xml", "text/xml"):
        raise NotAcceptable


def composite(starter: Starter) -> str:
    """diagram@@@role@@@module@@@number: the form that the listing hands out."""
    return "@@@".join((starter.process_name, starter.role, starter.name, str(starter.number)))


def units_of(view: TaskView) -> tuple[Unit, ...]:
    task = view.task
    users = task.candidate_users
    if task.assignee is not None and task.assignee not in users:
        users = (task.assignee, *users)
    roles = [Unit(name, "Role") for name in task.candidate_groups]
    return (*roles, *(Unit(name, "User") for name in users))


def is_pooled(task: Task) -> bool:
    """Others could have it, too."""
    return bool(task.candidate_users or task.candidate_groups)


def is_owned(task: Task) -> bool:
    """It is its holder's alone, or was started by them for themselves: they have it also without a lock."""
    return not is_pooled(task) or task.ext.get("inubit", {}).get("user") == task.assignee


def lock_of(task: Task) -> str:
    """Who holds a task that others could have, too; a task of one's own is locked if its owner says so."""
    holder = task.assignee or ""
    if is_pooled(task):
        return holder
    return holder if task.ext.get("inubit", {}).get("locked") == holder else ""


def is_over(task: Task, now: int) -> bool:
    """Ended, or past its expiration."""
    return task.state in ENDED_TASK_STATES or (task.due_at is not None and task.due_at <= now)


def rule_set_of(view: TaskView) -> str:
    """The rule by which the tasks of a process are passed on."""
    return dashed(view.known.process.uid)


def fields_of(task: Task) -> Mapping[str, str]:
    """The custom attributes of a task."""
    fields: Mapping[str, str] = task.ext.get("inubit", {}).get("fields", {})
    return fields


def element(view: TaskView, lang: str, client: str) -> Element:
    task = view.task
    ext = task.ext.get("inubit", {})
    return Element(
        id=dashed(task.uid),
        process=task.instance_number,
        creation=task.created_at,
        expiration=task.due_at,
        name=task.name,
        description=task.description,
        lang=lang,
        popup=bool(ext.get("popup")),
        user=str(ext.get("user", "")),
        client=client,
        locked=lock_of(task),
        rule_set=rule_set_of(view),
        units=units_of(view),
        fields=tuple(Field(name, n, value) for n, (name, value) in enumerate(fields_of(task).items(), 1)),
    )


class Tasks:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount
        self._engine = mount.engine

    async def _acting_for(self, request: Request, principal: Principal) -> str:
        """The {user} of the path: oneself, or anybody if the caller is a service account."""
        return (await acting_for(self._engine, request.path_params["user"], principal)).username

    @endpoints("listAdhocStarters", "GET", "/task/adhoc/{user}", OWN, READ)
    async def starters(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        check_accept(request)
        check_client(request, self._mount, principal)
        user = await self._acting_for(request, principal)
        starters = await self._engine.ask(StartersOf(user), principal)
        lang = language(request)
        modules = [Module(composite(s), s.label, s.role, lang) for s in starters]
        return Raw(200, render_modules(modules).encode(), XML)

    async def _starter(self, id: str, user: str, principal: Principal) -> Starter:
        parts = id.split("@@@")
        uid = undashed(id)
        if uid is not None:
            starter = await self._engine.ask(StarterByUid(uid), principal)
        elif len(parts) == 4 and (number := whole(parts[3], 9)) is not None:
            starter = await self._engine.ask(StarterByNumber(number), principal)
            if composite(starter) != id:
                raise NotFound("starter", id)
        else:
            raise NotFound("starter", id)
        if starter.key not in {s.key for s in await self._engine.ask(StartersOf(user), principal)}:
            raise NotFound("starter", id)
        return starter

    @endpoints("startAdhocProcess", "POST", "/task/adhoc/{user}/{id}", OWN, (201, 204, 401, 404, 405, 500, 503))
    async def start(self, request: Request) -> Response:
        """Whatever Accept says, the answer is a bare id: the vendor's own sample asks for XML and gets it."""
        principal: Principal = request.state.principal
        check_client(request, self._mount, principal)
        user = await self._acting_for(request, principal)
        starter = await self._starter(request.path_params["id"], user, principal)
        marks = {"inubit": {"popup": True, "user": user}}
        started = await self._engine.execute(
            StartInstance(starter_key=starter.key, title=starter.label, assignee=user, task_ext=marks), principal
        )
        for task in started.tasks:
            if task.assignee == user:
                return Raw(201, dashed(task.uid).encode(), {"content-type": "application/plain"})
        return Raw(204)

    @endpoints("getTask", "GET", "/task/tasks/{taskId}", OWN, READ)
    async def details(self, request: Request) -> Response:
        """Unknown ids are answered 200 with an empty body; so are tasks that the caller may not see or that ended."""
        principal: Principal = request.state.principal
        check_accept(request)
        return await self._details(request, (principal.username, *principal.groups))

    @endpoints("getTaskForRoles", "POST", "/task/tasks/{taskId}", OWN, LISTED)
    async def details_for_roles(self, request: Request) -> Response:
        """Of a task that these roles could have, whoever has it."""
        check_accept(request)
        check_standalone(request)
        return await self._details(request, await roles_of(request, await read_body(request)), only_roles=True)

    async def _details(self, request: Request, names: tuple[str, ...], *, only_roles: bool = False) -> Response:
        principal: Principal = request.state.principal
        client = check_client(request, self._mount, principal)
        uid = undashed(request.path_params["taskId"])
        try:
            view = await self._engine.ask(TaskByUid(uid or ""), principal)
        except NotFound:
            return Raw(200, b"", XML)
        task = view.task
        candidates = {*task.candidate_users, *task.candidate_groups}
        is_own = task.assignee == principal.username or principal.is_administrator
        is_visible = not candidates.isdisjoint(names) or (is_own and not only_roles)
        if is_over(task, self._engine.clock()) or not is_visible:
            return Raw(200, b"", XML)
        return Raw(200, render_task(element(view, language(request), client)).encode(), XML)
