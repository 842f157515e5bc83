"""The user-task operations. Source: seed page "Complete user task"; dossier camunda.md, section 2."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Never

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import COMMAND, DEFAULT_TENANT, POLL, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.errors import Denied, Intent, TimedOut
from adapters.camunda.forms import NO_FORMS, form_reply, forms_of
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Searchable, found, page_of
from adapters.common.http import Raw, read_body
from core.job.queries import PendingOf
from core.search.query import Where
from core.tables.process import Resource
from core.task.commands import AssignTask, ClaimTask, CompleteTask, UnassignTask, UpdateTask
from core.task.fields import TaskColumn, TaskField, TaskWhere
from core.task.queries import SearchTasks, TaskView
from core.times import iso_utc, parse_timestamp
from core.turn.command import KEEP, Command, Done
from core.types import TaskState
from schemas.camunda.body import InvalidArgument
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member
from schemas.camunda.user_task import ABSENT, UserTask, parse_assignment, parse_completion, parse_update

endpoints = Endpoints()

WITHOUT_BODY = tuple(status for status in COMMAND if status not in (413, 415))

_STATES = tuple(s.value for s in TaskState)
_DATE = Member("date", ORDERED)
_TEXT = Member("text", STRING)

TASKS: Searchable[TaskField, TaskColumn, Never] = Searchable(
    {
        "state": (Member("enum", ENUM, _STATES), "state"),
        "assignee": (_TEXT, "assignee"),
        "name": (_TEXT, "name"),
        "candidateGroup": (_TEXT, "candidate_group"),
        "candidateUser": (_TEXT, "candidate_user"),
        "tenantId": TENANT,
        "priority": (Member("integer", ORDERED), "priority"),
        "creationDate": (_DATE, "created_at"),
        "completionDate": (_DATE, "ended_at"),
        "followUpDate": (_DATE, "follow_up_at"),
        "dueDate": (_DATE, "due_at"),
        "elementId": (Member("text"), "element_id"),
        "userTaskKey": (Member("key"), "key"),
        "elementInstanceKey": (Member("key"), "element_instance_key"),
        "processDefinitionId": (Member("text"), "process_id"),
        "processDefinitionKey": (Member("key"), "definition_key"),
        "processInstanceKey": (Member("key"), "instance_key"),
        "processInstanceVariables": (Member("variables"), "instance_variable"),
        "localVariables": (Member("variables"), "local_variable"),
        "tags": (Member("tags"), "tags"),
    },
    {
        "creationDate": "created_at",
        "completionDate": "ended_at",
        "followUpDate": "follow_up_at",
        "dueDate": "due_at",
        "priority": "priority",
        "name": "name",
    },
)
#: what workers may do, too, is only shown as jobs
_FOR_PEOPLE: TaskWhere = Where("offered", "eq", 0)
#: operators that members take in some profiles only
_OPERATORS = (("processDefinitionId", STRING), ("processDefinitionKey", KEY), ("processInstanceKey", KEY))


@cache
def searchable(profile: Profile) -> Searchable[TaskField, TaskColumn, Never]:
    """What tasks are found by in a profile."""
    members, sort = dict(TASKS.members), dict(TASKS.sort)
    if profile.has_business_id:
        members["businessId"] = (_TEXT, "business_id")
        sort["businessId"] = "business_id"
    if profile.process_operators:
        members |= {name: (Member(TASKS.members[name][0].kind, o), TASKS.members[name][1]) for name, o in _OPERATORS}
    return Searchable(members, sort)


def _date(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_utc(milliseconds)


def record(view: TaskView, profile: Profile, forms: Mapping[int, Resource] = NO_FORMS) -> UserTask:
    """A task as this profile shows it; `forms` are those of tasks, by their keys."""
    task, known = view.task, view.known
    definition = known.definition
    instance_key, form = str(task.instance_key), forms.get(task.key)
    members: UserTask = {
        "userTaskKey": str(task.key),
        "name": task.name or None,
        "state": task.state,
        "assignee": task.assignee,
        "elementId": task.element_id,
        "elementInstanceKey": str(task.element_instance_key),
        "candidateGroups": task.candidate_groups,
        "candidateUsers": task.candidate_users,
        "processDefinitionId": definition.process_id,
        "processDefinitionKey": str(definition.key),
        "processDefinitionVersion": definition.version,
        "processName": definition.name or None,
        "processInstanceKey": instance_key,
        "creationDate": iso_utc(task.created_at),
        "completionDate": _date(task.ended_at),
        "followUpDate": _date(task.follow_up_at),
        "dueDate": _date(task.due_at),
        "tenantId": DEFAULT_TENANT,
        "externalFormReference": task.form_reference or None,
        "formKey": None if form is None else str(form.key),
        "customHeaders": task.headers,
        "priority": task.priority,
    }
    if profile.has_root:
        members["rootProcessInstanceKey"] = str(task.root_key) if task.root_key else instance_key
        members["tags"] = task.tags
    if profile.has_business_id:
        members["businessId"] = task.business_id or None
    return members


def _begin(call: Call, intent: Intent | None) -> int:
    call.request.state.intent = intent
    return call.key("userTaskKey")


async def _execute(call: Call, command: Command[Done], key: int, noun: str) -> Response:
    done = await call.do(command)
    if done.pending:
        await _wait(call, key, noun)
    return Raw(204)


async def _wait(call: Call, key: int, noun: str) -> None:
    """A listener decides; the answer waits for it as long as the vendor's would."""
    deadline = asyncio.get_running_loop().time() + call.timeout
    settled = (TaskState.CREATED, TaskState.COMPLETED, TaskState.CANCELED)
    while asyncio.get_running_loop().time() < deadline:
        pending = await call.ask(PendingOf(key))
        if pending.task.state in settled:
            if pending.denied is not None:
                raise Denied(noun, key, pending.denied)
            return
        await asyncio.sleep(POLL)
    raise TimedOut


@endpoints("completeUserTask", "POST", "/user-tasks/{userTaskKey}/completion", COMMAND, source="documented", v1=True)
async def complete(call: Call) -> Response:
    key = _begin(call, errors.COMPLETE)
    wanted = parse_completion(await call.body())
    return await _execute(call, CompleteTask(key, wanted.variables, wanted.action, unoffered=True), key, "Completion")


@endpoints("assignUserTask", "POST", "/user-tasks/{userTaskKey}/assignment", COMMAND, v1=True)
async def assign(call: Call) -> Response:
    key = _begin(call, errors.ASSIGN)
    wanted = parse_assignment(await call.body())
    if wanted.allow_override:
        command: Command[Done] = AssignTask(key, wanted.assignee, wanted.action, unoffered=True)
    else:
        call.means(errors.CLAIM)
        command = ClaimTask(key, wanted.assignee, wanted.action, unoffered=True)
    return await _execute(call, command, key, "Assignment")


@endpoints("unassignUserTask", "DELETE", "/user-tasks/{userTaskKey}/assignee", WITHOUT_BODY, v1=True)
async def unassign(call: Call) -> Response:
    key = _begin(call, errors.ASSIGN)
    await read_body(call.request)
    return await _execute(call, UnassignTask(key, unoffered=True), key, "Assignment")


@endpoints("updateUserTask", "PATCH", "/user-tasks/{userTaskKey}", COMMAND, v1=True)
async def update(call: Call) -> Response:
    key = _begin(call, errors.UPDATE)
    wanted = parse_update(await call.body())
    problems: list[str] = []

    def date(text: Any, name: str) -> Any:
        if text is ABSENT:
            return KEEP
        if text == "":
            return None
        try:
            return parse_timestamp(text)
        except ValueError:
            problems.append(
                f"The provided {name} '{text}' cannot be parsed as a date according to RFC 3339, section 5.6"
            )
            return None

    due, follow_up = date(wanted.due_date, "due date"), date(wanted.follow_up_date, "follow-up date")
    if wanted.priority is not ABSENT and not 0 <= wanted.priority <= 100:
        problems.append(f"The value for priority is '{wanted.priority}' but must be within the [0,100] range")
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")

    def keep(value: Any, convert: Callable[[Any], Any]) -> Any:
        return KEEP if value is ABSENT else convert(value)

    command = UpdateTask(
        key,
        due_at=due,
        follow_up_at=follow_up,
        priority=keep(wanted.priority, int),
        candidate_users=keep(wanted.candidate_users, tuple),
        candidate_groups=keep(wanted.candidate_groups, tuple),
        label=wanted.action,
        unoffered=True,
    )
    return await _execute(call, command, key, "Update")


async def _view(call: Call) -> TaskView:
    return await call.user_task(_begin(call, None))


@endpoints("getUserTask", "GET", "/user-tasks/{userTaskKey}", READ)
async def get(call: Call) -> Response:
    view = await _view(call)
    return reply(record(view, call.profile, await forms_of(call, (view,))))


@endpoints("searchUserTasks", "POST", "/user-tasks/search", SEARCH)
async def search(call: Call) -> Response:
    tasks = searchable(call.profile)
    wanted = await tasks.read(call)
    readable = call.access.tasks(call.principal)
    query = SearchTasks((*readable, _FOR_PEOPLE, *tasks.where(wanted)), tasks.order(wanted), page_of(wanted.page))
    page = await call.ask(query)
    forms = await forms_of(call, page.items)
    return await found(page, lambda view: record(view, call.profile, forms))


@endpoints("getUserTaskForm", "GET", "/user-tasks/{userTaskKey}/form", (*READ, 204))
async def form(call: Call) -> Response:
    view = await _view(call)
    return form_reply((await forms_of(call, (view,))).get(view.task.key))
