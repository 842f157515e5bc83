"""Reading tasks. Source: dossier inforouter.md, section 3.7."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from adapters.common.rights import OWN, SIGNED_IN
from adapters.common.slices import Rows
from adapters.inforouter import searching, work
from adapters.inforouter.auth import Call, required
from adapters.inforouter.completion import unmet
from adapters.inforouter.declare import DONE, S_, Answer, B, I, S, Service, T, X, web
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.paths import document_folder, find_document
from core.instance.queries import InstanceByKey
from core.people.queries import UsersByName
from core.principal import Principal
from core.search.query import PageRequest, Sort, Where
from core.tables.people import User
from core.tables.task import Holding, Task
from core.task.fields import TaskColumn, TaskWhere
from core.task.queries import DetailsOf, SearchTasks, TaskByHolding, TaskDetail
from core.types import ENDED_TASK_STATES
from schemas.inforouter import task as shapes
from schemas.inforouter.criteria import BadCriteria, read_criteria, read_sorting
from schemas.inforouter.document import DocumentRow, document
from schemas.inforouter.element import Element

ROWS = 100


async def _list(
    call: Call,
    ticket: str | None,
    criteria: str | None,
    sort: str | None,
    *,
    ascending: bool,
    start: int,
    count: int | None,
) -> tuple[Rows[Any, Element], int]:
    who = await call.principal(ticket)
    try:
        wanted, sorting = read_criteria(criteria), read_sorting(sort, ascending)
    except BadCriteria as error:
        raise Failure(str(error)) from None
    hits = await searching.find(call, who, wanted, sorting, start=start, count=count)
    return _rows(call, who, hits.tasks, partial(shapes.task, names=True), full_names=True, decimals=True), hits.total


def _rows(
    call: Call,
    who: Principal,
    tasks: searching.Numbered,
    element: Callable[[shapes.TaskShape], Element],
    *,
    full_names: bool,
    decimals: bool,
) -> Rows[Any, Element]:
    async def make(some: Sequence[tuple[Task, Holding | None]]) -> Iterable[Element]:
        return map(element, await work.shaped(call, who, some, full_names=full_names, decimals=decimals))

    return Rows(tasks, make)


class Tasks(Service):
    @web(SIGNED_IN, T, I)
    async def GetTask(ctx: Call, AuthenticationTicket: str | None, taskId: int) -> Answer:
        """A task with its full texts."""
        who = await ctx.principal(AuthenticationTicket)
        numbered = await ctx.ask(TaskByHolding(taskId), who)
        rows = await work.shaped(ctx, who, ((numbered.task, numbered.passed),), full_names=False, decimals=False)
        return Answer((shapes.task(rows[0], names=False, full=True),))

    @web(OWN, T, X, S, B, root="response", silent=True)
    async def getTasks(
        ctx: Call, AuthenticationTicket: str | None, xmlcriteria: str | None, SortBy: str | None, AscendingOrder: bool
    ) -> Answer:
        """The tasks that meet the criteria and that the caller may see."""
        tasks, total = await _list(
            ctx, AuthenticationTicket, xmlcriteria, SortBy, ascending=AscendingOrder, start=0, count=None
        )
        return Answer((Element("tasks"),), (("taskCount", str(total)),), rows=tasks)

    @web(OWN, T, X, I, I, S, B, root="response", silent=True)
    async def GetTasks1(
        ctx: Call,
        AuthenticationTicket: str | None,
        xmlcriteria: str | None,
        startingRow: int,
        rowCount: int,
        SortBy: str | None,
        AscendingOrder: bool,
    ) -> Answer:
        """A page of the tasks that meet the criteria."""
        count = rowCount if rowCount > 0 else ROWS
        tasks, total = await _list(
            ctx, AuthenticationTicket, xmlcriteria, SortBy, ascending=AscendingOrder, start=startingRow, count=count
        )
        attributes = (
            ("taskCount", str(total)),
            ("startingRow", str(max(0, startingRow))),
            ("rowCount", str(len(tasks.items))),
        )
        return Answer((Element("tasks"),), attributes, rows=tasks)

    @web(SIGNED_IN, T, S, S_, root="response", silent=True)
    async def GetDocumentTasks(
        ctx: Call, AuthenticationTicket: str | None, documentPath: str | None, filter: str | None
    ) -> Answer:
        """The tasks of a document: `current_tasks`, `task_history` or, with anything else, all."""
        who = await ctx.principal(AuthenticationTicket)
        view = await find_document(ctx, who, required("documentPath", documentPath))
        where: list[TaskWhere] = [Where("document_key", "eq", view.document.key)]
        ended = [s.value for s in ENDED_TASK_STATES]
        if filter in ("current_tasks", "task_history"):
            where.append(Where("state", "notin" if filter == "current_tasks" else "in", ended))
        page = PageRequest(limit=None, cap=None, most=ctx.mount.engine.max_list_rows)
        hits = await searching.by_all_numbers(ctx, who, tuple(where), (Sort("due_at"),), page, passed=False)
        as_task = ctx.profile.document_tasks == "Task"
        element = partial(shapes.task, names=True) if as_task else shapes.executing_task
        rows = _rows(ctx, who, hits.tasks, element, full_names=False, decimals=False)
        return Answer((Element("Value"),), rows=rows)

    @web(OWN, T)
    async def GetDueTaskDocuments(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The documents for which the caller has something to do, the earliest due first."""
        who = await ctx.principal(AuthenticationTicket)
        roles: tuple[TaskColumn, ...] = ("assignee", "assigned_by", "supervisor")
        tasks: dict[int, Any] = {}
        for role in roles if ctx.profile.due_roles else roles[:1]:
            where: tuple[TaskWhere, ...] = (
                searching.DUE,
                Where(role, "eq", who.username),
                Where("document_key", "neq", 0),
            )
            page = PageRequest(limit=None, cap=None, most=ctx.mount.engine.max_list_rows)
            due_page = await ctx.ask(SearchTasks(where, (Sort("due_at"),), page), who)
            tasks |= {view.task.key: view.task for view in due_page.items}
        never = 2**62
        ordered = sorted(tasks.values(), key=lambda t: (t.due_at if t.due_at is not None else never, t.key))
        details = await ctx.ask(DetailsOf(tuple(ordered)), who)
        return Answer(await _documents(ctx, who, details.details))

    @web(OWN, T, I, B)
    async def TestTaskCompletion(
        ctx: Call, AuthenticationTicket: str | None, taskId: int, exceptTaskComments: bool
    ) -> Answer:
        """Succeeds if the caller could complete the task now; otherwise says what is missing."""
        who = await ctx.principal(AuthenticationTicket)
        task = await work.find_task(ctx, who, taskId)
        if not work.is_assignee(who, task):
            raise Denied(TASK_DENIED)
        detail = await work.detail_of(ctx, who, task)
        missing = unmet(ctx, who, detail, comment="" if not exceptTaskComments else None, completing=False)
        if missing:
            raise Failure(missing)
        return DONE


_ROLES = (("assignee", "assignee"), ("assigned_by", "assigner"), ("supervisor", "supervisor"))


async def _documents(call: Call, who: Principal, details: Iterable[TaskDetail]) -> tuple[Element, ...]:
    """Each document once, at the place of its earliest task."""
    tasks_of: dict[int, list[TaskDetail]] = {}
    for detail in details:
        if detail.document is not None:
            tasks_of.setdefault(detail.document.document.key, []).append(detail)
    owners = {d[0].document.document.owner for d in tasks_of.values() if d[0].document is not None}
    holders = {d[0].document.document.checked_out_by for d in tasks_of.values() if d[0].document is not None}
    users = await call.ask(UsersByName(tuple(owners | holders)), who)

    async def make(some: Sequence[list[TaskDetail]]) -> list[Element]:
        return [document(await _row(call, who, d, users), packed=call.profile.due_roles) for d in some]

    return tuple(await Rows(list(tasks_of.values()), make).all())


async def _row(call: Call, who: Principal, details: list[TaskDetail], users: Any) -> DocumentRow:
    view = details[0].document
    assert view is not None
    document = view.document
    owner: User | None = users.get(document.owner)
    holder: User | None = users.get(document.checked_out_by)
    workflow, name, step, step_name = 0, "", 0, ""
    if document.instance_key:
        current = (await call.ask(InstanceByKey(document.instance_key), who)).instance
        workflow = current.number
        for detail in details:
            if detail.instance.key == current.key:
                kept = work.kept(detail.task)
                name, step, step_name = detail.process.name, kept.get("step", 0), kept.get("step_name", "")
    roles = None
    if call.profile.due_roles:
        having = {field for field, _ in _ROLES for d in details if getattr(d.task, field) == who.username}
        roles = ",".join(role for field, role in _ROLES if field in having)
    return DocumentRow(
        number=document.number,
        name=document.name,
        path=document_folder(view),
        created=_date(document.created_at, long=call.profile.due_roles),
        changed=_date(document.changed_at, long=call.profile.due_roles),
        checked_out_by=document.checked_out_by,
        checked_out_name=f"{holder.first_name} {holder.last_name}".strip() if holder is not None else "",
        type_number=document.type_number,
        type_name=document.type_name,
        version=document.version,
        owner=f"{owner.first_name} {owner.last_name}".strip() if owner is not None else document.owner,
        owner_number=owner.number if owner is not None else 0,
        workflow=workflow,
        workflow_name=name,
        step=step,
        step_name=step_name,
        domain=view.library.number,
        domain_name=view.library.name,
        folder=view.folder.number,
        folder_name=view.folder.path.rpartition("/")[2] or view.library.name,
        roles=roles,
    )


def _date(milliseconds: int, *, long: bool) -> str:
    if not long:
        return shapes.format_local(milliseconds, "%Y-%m-%d")
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"
