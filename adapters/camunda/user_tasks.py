"""The user-task operations. Source: seed page "Complete user task"; dossier camunda.md, section 2."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.errors import BadKey, Denied, Intent, NotAcceptable, TimedOut, UnsupportedMediaType
from adapters.camunda.profile import Profile
from adapters.common.dialect import Mount
from adapters.common.http import Raw, dumps, header, read_body
from core import commands as c
from core.clock import SECOND
from core.principal import Principal
from core.queries import PageRequest, SearchTasks, Sort, TaskByKey, TaskView, Where
from core.times import iso_utc, parse_timestamp
from core.types import TaskState
from schemas.camunda.body import InvalidArgument
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member, PageBy, cursor, parse_search
from schemas.camunda.user_task import ABSENT, UserTask, parse_assignment, parse_completion, parse_update

JSON = {"content-type": "application/json"}
DEFAULT_TENANT = "<default>"
POLL = 0.05

_STATES = tuple(s.value for s in TaskState)
_DATE = Member("date", ORDERED)
_TEXT = Member("text", STRING)

#: filter member -> (what it takes, field of core.engine.search)
FILTER: dict[str, tuple[Member, str]] = {
    "state": (Member("enum", ENUM, _STATES), "state"),
    "assignee": (_TEXT, "assignee"),
    "name": (_TEXT, "name"),
    "candidateGroup": (_TEXT, "candidate_group"),
    "candidateUser": (_TEXT, "candidate_user"),
    "tenantId": (_TEXT, ""),
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
}
SORT = {
    "creationDate": "created_at",
    "completionDate": "ended_at",
    "followUpDate": "follow_up_at",
    "dueDate": "due_at",
    "priority": "priority",
    "name": "name",
}
_PROCESS_MEMBERS = {"processDefinitionId": STRING, "processDefinitionKey": KEY, "processInstanceKey": KEY}


def _date(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_utc(milliseconds)


def record(view: TaskView, profile: Profile) -> UserTask:
    """A task as this profile shows it."""
    task, known = view.task, view.known
    definition = known.definition
    instance_key = str(task.instance_key)
    shown: UserTask = {
        "userTaskKey": str(task.key),
        "name": task.name or None,
        "state": task.state,
        "assignee": task.assignee,
        "elementId": task.element_id,
        "elementInstanceKey": str(task.element_instance_key),
        "candidateGroups": orjson.loads(task.candidate_groups) if task.candidate_groups != "[]" else [],
        "candidateUsers": orjson.loads(task.candidate_users) if task.candidate_users != "[]" else [],
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
        "formKey": None,
        "customHeaders": orjson.loads(task.headers) if task.headers != "{}" else {},
        "priority": task.priority,
    }
    if profile.has_root:
        shown["rootProcessInstanceKey"] = instance_key
        shown["tags"] = []
    if profile.has_business_id:
        shown["businessId"] = None
    return shown


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


async def _body(request: Request) -> bytes:
    body = await read_body(request)
    media_type = _media_type(header(request, b"content-type"))
    if body and media_type != "application/json":
        raise UnsupportedMediaType(header(request, b"content-type") or "application/octet-stream")
    return body


def check_accept(request: Request) -> None:
    accept = header(request, b"accept")
    if accept in ("", "*/*"):
        return
    acceptable = ("*/*", "application/*", "application/json", "application/vnd.camunda.api.keys.string+json")
    if not any(_media_type(part) in (*acceptable, "application/problem+json") for part in accept.split(",")):
        raise NotAcceptable


_KEY = re.compile(r"[+-]?[0-9]{1,25}")


def key_of(request: Request, name: str) -> int:
    text: str = request.path_params[name]
    if not _KEY.fullmatch(text) or abs(int(text)) >= 2**63:
        raise BadKey(name, text)
    return int(text)


class UserTasks:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount, profile: Profile) -> None:
        self._mount = mount
        self._engine = mount.engine
        self._profile = profile
        self._timeout = int(mount.options.get("request_timeout_ms", "10000")) / SECOND
        operators = _PROCESS_MEMBERS if profile.process_operators else {}
        self._members = {
            name: Member(member.kind, operators.get(name, member.operators), member.values)
            for name, (member, _) in FILTER.items()
        }

    def _begin(self, request: Request, intent: Intent | None) -> int:
        request.state.intent = intent
        check_accept(request)
        return key_of(request, "userTaskKey")

    async def _execute(self, request: Request, command: c.Command[c.Done], key: int, noun: str) -> Response:
        principal: Principal = request.state.principal
        done = await self._engine.execute(command, principal)
        if done.pending:
            await self._wait(key, principal, noun)
        return Raw(204)

    async def _wait(self, key: int, principal: Principal, noun: str) -> None:
        """A listener decides; the answer waits for it as long as the vendor's would."""
        deadline = asyncio.get_running_loop().time() + self._timeout
        settled = (TaskState.CREATED, TaskState.COMPLETED, TaskState.CANCELED)
        while asyncio.get_running_loop().time() < deadline:
            task = (await self._engine.ask(TaskByKey(key), principal)).task
            if task.state in settled:
                denied = orjson.loads(task.pending).get("denied") if task.pending else None
                if denied is not None:
                    raise Denied(noun, key, denied)
                return
            await asyncio.sleep(POLL)
        raise TimedOut

    async def complete(self, request: Request) -> Response:
        key = self._begin(request, errors.COMPLETE)
        wanted = parse_completion(await _body(request))
        command = c.CompleteTask(key, wanted.variables, wanted.action)
        return await self._execute(request, command, key, "Completion")

    async def assign(self, request: Request) -> Response:
        key = self._begin(request, errors.ASSIGN)
        wanted = parse_assignment(await _body(request))
        if wanted.allow_override:
            command: c.Command[c.Done] = c.AssignTask(key, wanted.assignee, wanted.action)
        else:
            request.state.intent = errors.CLAIM
            command = c.ClaimTask(key, wanted.assignee, wanted.action)
        return await self._execute(request, command, key, "Assignment")

    async def unassign(self, request: Request) -> Response:
        key = self._begin(request, errors.ASSIGN)
        await read_body(request)
        return await self._execute(request, c.UnassignTask(key), key, "Assignment")

    async def update(self, request: Request) -> Response:
        key = self._begin(request, errors.UPDATE)
        wanted = parse_update(await _body(request))
        problems: list[str] = []

        def date(text: Any, name: str) -> Any:
            if text is ABSENT:
                return c.KEEP
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
            return c.KEEP if value is ABSENT else convert(value)

        command = c.UpdateTask(
            key,
            due_at=due,
            follow_up_at=follow_up,
            priority=keep(wanted.priority, int),
            candidate_users=keep(wanted.candidate_users, tuple),
            candidate_groups=keep(wanted.candidate_groups, tuple),
            action=wanted.action,
        )
        return await self._execute(request, command, key, "Update")

    async def get(self, request: Request) -> Response:
        key = self._begin(request, None)
        view = await self._engine.ask(TaskByKey(key), request.state.principal)
        return Raw(200, dumps(record(view, self._profile)), JSON)

    async def search(self, request: Request) -> Response:
        request.state.intent = None
        check_accept(request)
        wanted = parse_search(await _body(request), self._members, tuple(SORT), bad_page=self._profile.bad_page)
        where: list[Where] = []
        for condition in wanted.conditions:
            member, field = FILTER[condition.member]
            if not field:
                where += _tenant(condition.op, condition.value)
                continue
            value = condition.value
            if member.kind == "date" and condition.op != "exists":
                value = _dates(condition.member, value)
            where.append(Where(field, condition.op.lower(), value))
        sort = tuple(Sort(SORT[s.field], s.descending) for s in wanted.sort)
        query = SearchTasks(tuple(where), sort, _page(wanted.page))
        page = await self._engine.ask(query, request.state.principal)
        answer = {
            "items": [record(view, self._profile) for view in page.items],
            "page": {
                "totalItems": page.total,
                "hasMoreTotalItems": page.capped,
                "startCursor": cursor(page.start),
                "endCursor": cursor(page.end),
            },
        }
        return Raw(200, dumps(answer), JSON)


def _page(page: PageBy) -> PageRequest:
    return PageRequest(page.limit, page.start, page.after, page.before)


def _dates(name: str, value: Any) -> Any:
    try:
        return [parse_timestamp(v) for v in value] if isinstance(value, list) else parse_timestamp(value)
    except ValueError:
        raise InvalidArgument(
            f"The provided {name} '{value}' cannot be parsed as a date according to RFC 3339, section 5.6."
        ) from None


def _tenant(op: str, value: Any) -> list[Where]:
    """There is one tenant id on this wire: a condition on it holds for all tasks or for none."""
    holds = {
        "eq": value == DEFAULT_TENANT,
        "neq": value != DEFAULT_TENANT,
        "exists": value is True,
        "in": isinstance(value, list) and DEFAULT_TENANT in value,
        "notIn": isinstance(value, list) and DEFAULT_TENANT not in value,
        "like": isinstance(value, str) and value in ("*", DEFAULT_TENANT, "<*>", "<default*", "*default*"),
    }
    return [] if holds[op] else [Where("key", "eq", 0)]
