"""The mobile API: the second tier. Source: dossier processmaker.md, section 3.11.

Most of its refusals come with status 200 and say so in the body.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from adapters.common.rights import SIGNED_IN
from adapters.processmaker import case_actions as actions
from adapters.processmaker import case_lists as lists
from adapters.processmaker import case_reads as reads
from adapters.processmaker import notes as noted
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import Case, find_case, load_case, names_of
from adapters.processmaker.errors import Business
from adapters.processmaker.projects import find_activity, first_activities, may_start
from adapters.processmaker.rights import (
    PM_CANCELCASE,
    PM_CASES,
    PM_REASSIGNCASE,
    PM_REASSIGNCASE_SUPERVISOR,
    PM_SUPERVISOR,
    may,
    role_of,
)
from adapters.processmaker.users import find_user, photo_of
from core.instance.commands import AddComment
from core.instance.fields import InstanceWhere
from core.instance.queries import CommentsOf, SearchInstances
from core.people.queries import UserNumbers
from core.process.queries import ActivityByUid, ListProcesses, ProcessByUid
from core.rejections import Conflict, Forbidden, NotFound
from core.search.query import PageRequest, Where
from core.tables.instance import Comment
from core.tables.people import User
from core.task.commands import AssignTask, ClaimTask
from core.task.fields import TaskWhere
from core.task.queries import SearchTasks
from core.types import AssignmentKind, InstanceState, ProcessStatus
from schemas.processmaker import light as wire
from schemas.processmaker.case import read_listing
from schemas.processmaker.parameters import LISTED, WHOLE_BODY, Parameter, by_uid, integer, integers, texts
from schemas.processmaker.wire import fold, local_time, named

endpoints = Endpoints()

_ANY_CASE = by_uid("app_uid", exact=False)
_SINCE = texts("newerThan oldestthan")
_FILTERED = (*LISTED, *texts("filter date_from date_to"), *_SINCE)
_NOTHING = PageRequest(0, 0, cap=None)
_DEFAULT_LIMIT = 10


@endpoints("lightCounters", "GET", "/light/counters")
async def counters(call: Call) -> Any:
    async def tasks(where: tuple[TaskWhere, ...]) -> int:
        return (await call.ask(SearchTasks(where, page=_NOTHING))).total

    async def cases(*more: InstanceWhere) -> int:
        return (await call.ask(SearchInstances((*lists.participated(call), *more), page=_NOTHING))).total

    return {
        "toDo": await tasks(lists.inbox(call)),
        "draft": await tasks(lists.drafts(call)),
        "cancelled": await cases(Where("state", "eq", InstanceState.TERMINATED.value)),
        "participated": await cases(),
        "paused": await tasks(lists.paused(call)),
        "completed": await cases(Where("state", "eq", InstanceState.COMPLETED.value)),
        "unassigned": await tasks(lists.unassigned(call)),
    }


@endpoints("lightUser", "GET", "/light/user/data")
async def user_data(call: Call) -> Any:
    who = call.person()
    user = await find_user(call, who.uid)
    return {
        "userId": user.uid,
        "userName": user.username,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "fullName": f"{user.first_name} {user.last_name}".strip(),
        "email": user.email,
        "userRole": role_of(who.permissions).code,
        "userPhone": who.ext.get("processmaker", {}).get("phone", ""),
        "updateDate": local_time(user.changed_at),
        "userPhoto": await photo_of(call, user),
    }


async def _delegations(
    call: Call, conditions: tuple[TaskWhere, ...], *, limit: int | None, unassigned: bool = False
) -> Any:
    values = {"sort": "DEL_DELEGATE_DATE", "dir": "DESC", **call.values}
    listing = read_listing(values, lists.TASK_COLUMNS)
    if "limit" not in call.values:
        listing = replace(listing, limit=limit)
    pairs, _ = await lists.find_delegations(call, listing, conditions)
    return lists.shown(call, pairs, partial(wire.row, unassigned=unassigned))


def _declare(
    name: str, path: str, conditions: Callable[[Call], tuple[TaskWhere, ...]], takes: tuple[Parameter, ...]
) -> None:
    async def handler(call: Call) -> Any:
        return await _delegations(call, conditions(call), limit=_DEFAULT_LIMIT)

    endpoints.add(handler, name, "GET", path, takes=takes)


_declare("lightTodo", "/light/todo", lists.inbox, _FILTERED)
_declare("lightDraft", "/light/draft", lists.drafts, (*LISTED, *_SINCE))
_declare("lightPaused", "/light/paused", lists.paused, _FILTERED)


@endpoints("lightUnassigned", "GET", "/light/unassigned", takes=[*LISTED, *_SINCE])
async def unassigned(call: Call) -> Any:
    return await _delegations(call, lists.unassigned(call), limit=None, unassigned=True)


_MORE = texts("sort dir category process search filter date_from date_to")
_PARTICIPATED = (*integers("start limit"), *_MORE, *_SINCE)


@endpoints("lightParticipated", "GET", "/light/participated", takes=_PARTICIPATED)
async def participated(call: Call) -> Any:
    listing = read_listing(call.values, lists.CASE_COLUMNS)
    if "limit" not in call.values:
        listing = replace(listing, limit=_DEFAULT_LIMIT)
    pairs, _ = await lists.find_cases(call, listing, lists.participated(call))
    return lists.shown(call, pairs, wire.row)


# starting


@endpoints("lightStartCases", "GET", "/light/start-case")
async def start_cases(call: Call) -> Any:
    who = call.person()
    rows = []
    for process in await call.ask(ListProcesses()):
        if process.status == ProcessStatus.ACTIVE:
            for activity in await may_start(call, who.user_key, await first_activities(call, process)):
                rows.append(wire.start(process.uid, process.name, activity.uid, activity.name))
    return sorted(rows, key=lambda r: (fold(r["text"]), r["taskId"]))


_START = "/light/process/{pro_uid}/task/{tas_uid}/start-case"


@endpoints("lightStartCase", "POST", _START, needs=[PM_CASES], takes=[by_uid("pro_uid"), by_uid("tas_uid", "task_uid")])
async def start_case(call: Call) -> Any:
    """What does not work is told with status 200."""
    pro_uid, tas_uid = call.path_uid("pro_uid"), call.path_uid("tas_uid")
    who = call.person()
    try:
        process = await call.ask(ProcessByUid(pro_uid))
        activity = await call.ask(ActivityByUid(tas_uid))
        first = await first_activities(call, process)
        allowed = await may_start(call, who.user_key, first)
        if activity.key not in {a.key for a in allowed}:
            raise Business("Task invalid or the user is not assigned to the task")
        started = await actions.start(call, process, activity=activity, first=first, username=who.username, ext={})
    except (NotFound, Business) as error:
        text = str(error) if isinstance(error, Business) else "The process or the task does not exist."
        return {"status": "failure", "message": text}
    return {"caseId": started.uid, "caseIndex": 1, "caseNumber": started.number}


# acting


@endpoints(
    "lightUsersToReassign",
    "GET",
    "/light/userstoreassign/{tas_uid}",
    takes=[by_uid("tas_uid", "task_uid", exact=False)],
    right=SIGNED_IN,
)
async def users_to_reassign(call: Call) -> Any:
    """The pool without the caller, whom a supervisor's right brings back."""
    uid = call.path_uid("tas_uid")
    who = call.person()
    activity = await find_activity(call, uid)
    users = await actions.assignees(call, activity.key, (AssignmentKind.ORDINARY, AssignmentKind.AD_HOC))
    keep_me = may(who, PM_SUPERVISOR)
    return {
        "data": [
            {
                "USR_UID": view.uid,
                "USR_USERNAME": view.username,
                "USR_FIRSTNAME": view.first_name,
                "USR_LASTNAME": view.last_name,
            }
            for view in users.values()
            if keep_me or view.uid != who.uid
        ]
    }


_REASSIGN_RIGHTS = (PM_REASSIGNCASE, PM_REASSIGNCASE_SUPERVISOR)


@endpoints(
    "lightReassign",
    "POST",
    "/light/reassign/{app_uid}/user/{usr_uid}",
    needs=_REASSIGN_RIGHTS,
    takes=[_ANY_CASE, by_uid("usr_uid", "to_usr_uid", exact=False)],
)
async def reassign(call: Call) -> Any:
    """To anybody: nobody looks whether they belong to the task."""
    uid, usr_uid = call.path_uid("app_uid"), call.path_uid("usr_uid")
    case = await load_case(call, uid)
    delegation = case.last if case is not None else None
    if case is None or delegation is None or not delegation.is_open:
        return {"status": 1, "msg": "The case does not exist or is closed."}
    try:
        user = await find_user(call, usr_uid)
        await call.do(AssignTask(delegation.task.key, user.username, holder=delegation.user or ""))
    except Business as error:
        return {"status": 1, "msg": str(error)}
    except (Conflict, Forbidden, NotFound):
        return {"status": 1, "msg": actions.ROUTED}
    name = f"{user.last_name} {user.first_name}".strip()
    return {"status": 0, "msg": f"Case #{case.instance.number} was reassigned to user {name}."}


@endpoints("lightClaim", "POST", "/light/case/{app_uid}/claim", needs=[PM_CASES])
async def claim(call: Call) -> Any:
    index = integer(call.values, "del_index")
    who = call.person()
    return {"status": "ok" if await take(call, index, who.username) else "fail"}


async def take(call: Call, index: int | None, username: str) -> bool:
    """Claim a delegation of self-service; False if somebody has it. Raises Business."""
    case = await find_case(call)
    delegation = case.at(index)
    if delegation is None or not delegation.is_open:
        raise Business(actions.CLOSED)
    if delegation.user not in (None, "", username):
        return False
    if not case.concerns(call.principal):
        raise Business(reads.NOT_INVOLVED)
    try:
        await call.do(ClaimTask(delegation.task.key, username))
    except Conflict:
        return False
    return True


@endpoints("lightUnpause", "POST", "/light/cases/{app_uid}/unpause", needs=[PM_CASES], takes=[_ANY_CASE])
async def unpause(call: Call) -> Any:
    who = call.person()
    await actions.unpause(call, await find_case(call), who.username, who.uid)
    return {"status": "ok"}


@endpoints("lightCancel", "POST", "/light/cases/{app_uid}/cancel", needs=[PM_CANCELCASE], takes=[_ANY_CASE])
async def cancel(call: Call) -> Any:
    who = call.person()
    await actions.cancel(call, await find_case(call), who.username, who.uid)
    return {"status": "ok"}


@endpoints("lightPause", "POST", "/light/cases/{app_uid}/pause", needs=[PM_CASES], takes=[_ANY_CASE])
async def pause(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    until = call.values.get("unpauseDate")
    await actions.pause(call, case, who.username, who.uid, until)
    note = call.values.get("noteContent")
    if isinstance(note, str) and note:
        await call.do(AddComment(case.instance.key, note))
    end = f" and it will be unpaused on date {until}" if until else ""
    return {"success": True, "msg": f"The Case {case.instance.number} was paused successfully{end}"}


_ROUTING = (by_uid("app_uid"), *integers("del_index"), Parameter("tasks", "list"))


@endpoints("lightRoute", "PUT", "/light/cases/{app_uid}/route-case", needs=[PM_CASES], takes=_ROUTING)
async def route(call: Call) -> Any:
    """Which tasks come next, and whose they are."""
    index = integer(call.values, "del_index")
    who = call.person()
    case = await find_case(call)
    before = len(case.delegations)
    await actions.route(call, case, index, who.username)
    again = await load_case(call, case.instance.uid)
    if again is None:
        return EMPTY
    names = await names_of(call, again)
    if again.status == "COMPLETED":
        return [{"taskId": "-1", "taskName": "End of process", "userId": "", "userName": ""}]
    return [
        {
            "taskId": names.task_uid(d.task),
            "taskName": d.task.name,
            "userId": names.user_uid(d.task.assignee),
            "userName": names.full_name(d.task.assignee),
        }
        for d in again.delegations[before:]
    ]


_READ = "/light/{app_uid}/variables"
endpoints.add(reads.get_variables, "lightVariables", "GET", _READ, takes=reads.READING)
_WRITE = "/light/{app_uid}/variable"
endpoints.add(reads.set_variables, "lightSetVariables", "PUT", _WRITE, needs=[PM_CASES], takes=reads.WRITING)


# notes, and what is left of a list


_NOTES = "/light/case/{app_uid}/notes"


@endpoints("lightNotes", "GET", _NOTES, takes=noted.LISTED)
async def notes(call: Call) -> Any:
    """The newest first."""
    case = await noted.noted(call)
    start, limit = integer(call.values, "start") or 0, integer(call.values, "limit") or noted.NOTES
    comments = [*reversed(await call.ask(CommentsOf(case.instance.key)))][max(start, 0) :][: max(limit, 0)]
    authors = await call.ask(UserNumbers(tuple({note.author_key for note in comments})))
    return [_note(case, note, authors.get(note.author_key)) for note in comments]


def _note(case: Case, note: Comment, author: User | None) -> dict[str, Any]:
    return {
        "caseId": case.instance.uid,
        "notes": {"date": local_time(note.created_at), "content": note.text},
        "user": {
            "userId": author.uid if author is not None else "",
            "name": author.username if author is not None else "",
            "firstName": author.first_name if author is not None else "",
            "lastName": author.last_name if author is not None else "",
            "email": author.email if author is not None else "",
        },
    }


_NOTE = (
    _ANY_CASE,
    Parameter("noteContent", required=True, shortest=1, longest=noted.MAX_NOTE),
    Parameter("sendMail", "int", choice=("1", "0")),
)


@endpoints("lightAddNote", "POST", "/light/case/{app_uid}/note", needs=[PM_CASES], takes=_NOTE)
async def add_note(call: Call) -> Any:
    call.person()
    case = await noted.noted(call)
    await call.do(AddComment(case.instance.key, str(call.values["noteContent"])))
    return {"status": "ok"}


def _declare_check(name: str, path: str, conditions: Callable[[Call], tuple[TaskWhere, ...]], *needs: str) -> None:
    async def handler(call: Call) -> Any:
        """Of the cases that are named those that are not in the list any more."""
        named_cases = [row for row in named(call.body).values() if isinstance(row, dict)]
        pairs, _ = await lists.find_delegations(call, read_listing({}, lists.TASK_COLUMNS), conditions(call))
        there = {(case.instance.uid, str(d.index)) for case, d in await pairs.all()}
        return [
            {"caseId": row.get("caseId"), "delIndex": row.get("delIndex")}
            for row in named_cases
            if (str(row.get("caseId", "")).lower(), str(row.get("delIndex", ""))) not in there
        ]

    endpoints.add(handler, name, "POST", path, needs=needs, takes=[replace(WHOLE_BODY, shown="requestData")])


_declare_check("lightCheckTodo", "/light/todo/check", lists.inbox)
_declare_check("lightCheckDraft", "/light/draft/check", lists.drafts, PM_CASES)
_declare_check("lightCheckUnassigned", "/light/unassigned/check", lists.unassigned)
