"""Starting cases and acting on them. Source: dossier processmaker.md, sections 3.3 and 3.5."""

from datetime import datetime
from typing import Any

import orjson

from adapters.common.rights import MANAGER, WORKER
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import NAMESPACE, Case, Delegation, find_case, load_case
from adapters.processmaker.errors import Business, t_project
from adapters.processmaker.projects import first_activities, may_start
from adapters.processmaker.rights import PM_CANCELCASE, PM_CASES, PM_REASSIGNCASE, PM_REASSIGNCASE_SUPERVISOR, may
from core.instance.commands import CancelInstance, DeleteInstance, StartInstance
from core.people.queries import UserByUid
from core.process.queries import ActivityByUid, Assigned, AssignedMembers, AssigneeView, ProcessByUid
from core.rejections import Conflict, ExecutionFailed, Forbidden, Invalid, NotFound, WrongState
from core.tables.process import Activity, Process
from core.task.commands import AssignTask, CompleteTask, PauseTask, ResumeTask
from core.turn.command import Started
from core.types import AssigneeKind, AssignmentKind, UserStatus
from schemas.processmaker.parameters import DEL_INDEX, Parameter, by_uid, integer, texts
from schemas.processmaker.wire import BadRequest, is_date, midnight, named

endpoints = Endpoints()

CLOSED = "This case delegation is already closed or does not exist"
ROUTED = "The case has already been routed or assigned to another person. Try to open the case again to reassign it."
PAUSED = "The case is paused and can't be reasigned."


# starting


def read_variables(value: Any) -> dict[str, Any]:
    """Only the first element of an array counts; of an object its first value, so mostly nothing (dossier 3.3)."""
    if isinstance(value, dict):
        value = list(value.values())
    first = value[0] if isinstance(value, list) and value else None
    return first if isinstance(first, dict) else {}


async def _process(call: Call, uid: str) -> Process:
    try:
        return await call.ask(ProcessByUid(uid))
    except NotFound:
        raise Business(t_project("pro_uid")) from None


async def _activity(call: Call, uid: str, process: Process) -> Activity:
    try:
        activity = await call.ask(ActivityByUid(uid))
    except NotFound:
        activity = None
    if activity is None or activity.process_key != process.key:
        raise Business("Invalid value specified for: tas_uid")
    return activity


async def start(
    call: Call, process: Process, activity: Activity, first: list[Activity], username: str, ext: dict[str, Any]
) -> Started:
    """A draft of the user. Raises Business if the process cannot be started."""
    command = StartInstance(
        process.key,
        variables=read_variables(call.values.get("variables")),
        assignee=username,
        element_id=activity.element_id if len(first) > 1 else "",
        draft=True,
        ext=ext,
    )
    try:
        return await call.do(command)
    except (WrongState, ExecutionFailed, NotFound):
        raise Business(t_project("pro_uid")) from None


_VARIABLES = Parameter("variables", "list")


@endpoints(
    "startCase", "POST", "/cases", "/case", needs=[PM_CASES], takes=[by_uid("pro_uid"), by_uid("tas_uid"), _VARIABLES]
)
async def start_case(call: Call) -> Any:
    pro_uid, tas_uid = call.uid("pro_uid"), call.uid("tas_uid")
    who = call.person()
    process = await _process(call, pro_uid)
    activity = await _activity(call, tas_uid, process)
    first = await first_activities(call, process)
    allowed = await may_start(call, who.user_key, first)
    if activity.key not in {a.key for a in allowed}:
        raise Business("Task invalid or the user is not assigned to the task")
    started = await start(call, process, activity=activity, first=first, username=who.username, ext={})
    return {"app_uid": started.uid, "app_number": started.number}


@endpoints(
    "impersonateCase",
    "POST",
    "/cases/impersonate",
    "/case/impersonate",
    needs=[PM_CASES],
    takes=[by_uid("pro_uid"), by_uid("usr_uid"), by_uid("tas_uid"), _VARIABLES],
    right=WORKER,
)
async def impersonate(call: Call) -> Any:
    """For somebody else, who need not be assigned to the task."""
    pro_uid, usr_uid, tas_uid = call.uid("pro_uid"), call.uid("usr_uid"), call.uid("tas_uid")
    process = await _process(call, pro_uid)
    try:
        user = await call.ask(UserByUid(usr_uid))
    except NotFound:
        raise Business("Invalid value specified for: usr_uid") from None
    first = await first_activities(call, process)
    activity = await _activity(call, tas_uid, process)
    if activity.key not in {a.key for a in first}:
        raise Business("Invalid value specified for: tas_uid")
    started = await start(
        call, process, activity=activity, first=first, username=user.username, ext={NAMESPACE: {"init_user": user.uid}}
    )
    return {"app_uid": started.uid, "app_number": started.number}


# moving on


def _index(call: Call) -> int | None:
    """`del_index`, with an empty text as good as none."""
    return integer(call.values, "del_index")


_CASE = by_uid("app_uid")
#: of what may be any id up to 32 bytes
_ANY_CASE = by_uid("app_uid", "cas_uid", exact=False)
_ROUTING = (_CASE, DEL_INDEX, Parameter("executeTriggersBeforeAssignment", "bool"))


@endpoints(
    "routeCase",
    "PUT",
    "/cases/{app_uid}/route-case",
    "/case/{app_uid}/route-case",
    needs=[PM_CASES],
    takes=_ROUTING,
)
async def route_case(call: Call) -> Any:
    index = _index(call)
    who = call.person()
    case = await find_case(call)
    await route(call, case, index, who.username)
    return EMPTY


async def route(call: Call, case: Case, index: int | None, username: str) -> None:
    """Raises Business."""
    delegation = case.at(index)
    if delegation is not None and delegation.is_last_of_task and delegation.user != username:
        raise Business("This case is assigned to another user")
    if delegation is None or not delegation.is_open or delegation.is_paused(call.engine.clock()):
        raise Business(CLOSED)
    try:
        await call.do(CompleteTask(delegation.task.key, holder=username))
    except Forbidden:
        raise Business("This case is assigned to another user") from None
    except WrongState:
        raise Business("Case already routed") from None
    except ExecutionFailed:
        raise Business("Task does not have a routing rule. Please, check the process definition.") from None


@endpoints(
    "cancelCase",
    "PUT",
    "/cases/{app_uid}/cancel",
    "/case/{app_uid}/cancel",
    needs=[PM_CANCELCASE],
    takes=[_ANY_CASE],
)
async def cancel_case(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    await cancel(call, case, who.username, who.uid)
    return EMPTY


async def cancel(call: Call, case: Case, username: str, uid: str) -> None:
    """Raises Business."""
    if case.status != "TO_DO":
        raise Business(f"This case is in status {case.status}")
    if case.of(username) is None:
        raise Business(f'The user with "{uid}" is invalid to cancel the Case.')
    try:
        await call.do(CancelInstance(case.instance.key, sole_holder=username))
    except Forbidden:
        raise Business(f'The user with "{uid}" is invalid to cancel the Case.') from None
    except WrongState:
        raise Business(CLOSED) from None
    except Conflict:
        raise Business(
            "To cancel a case, no parallel threads must be active. Only cases with one active thread can be canceled."
        ) from None


@endpoints(
    "pauseCase",
    "PUT",
    "/cases/{app_uid}/pause",
    "/case/{app_uid}/pause",
    needs=[PM_CASES],
    takes=[_ANY_CASE, *texts("unpaused_date")],
)
async def pause_case(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    await pause(call, case, who.username, who.uid, call.values.get("unpaused_date"))
    return EMPTY


async def pause(call: Call, case: Case, username: str, uid: str, unpaused_date: Any) -> None:
    """Raises Business."""
    if case.status == "CANCELLED":
        raise Business(f"The case '{case.instance.uid}' is canceled")
    delegation = case.of(username)
    if delegation is not None and delegation.is_paused(call.engine.clock()):
        raise Business("**ID_CASE_PAUSED**")
    if delegation is None:
        raise Business(f'The user with "{uid}" is invalid to pause the case.')
    until = _midnight(call, str(unpaused_date)) if unpaused_date not in (None, "", [], {}) else None
    try:
        await call.do(PauseTask(delegation.task.key, until, holder=username))
    except Forbidden:
        raise Business(f'The user with "{uid}" is invalid to pause the case.') from None
    except WrongState:
        raise Business(CLOSED) from None
    except Conflict:
        raise Business("**ID_CASE_PAUSED**") from None


def _midnight(call: Call, day: str) -> int:
    """The server's own, with which that day begins; if that has gone by, as for the vendor's, the next one to come.
    Raises Business."""
    if not is_date(day):
        raise Business(f"The value '{day}' is not a valid date for the format 'Y-m-d'.")
    today = f"{datetime.fromtimestamp(call.engine.clock() / 1000):%Y-%m-%d}"
    return max(midnight(day), midnight(today, 1))


@endpoints(
    "unpauseCase",
    "PUT",
    "/cases/{app_uid}/unpause",
    "/case/{app_uid}/unpause",
    needs=[PM_CASES],
    takes=[_ANY_CASE],
)
async def unpause_case(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    await unpause(call, case, who.username, who.uid)
    return EMPTY


async def unpause(call: Call, case: Case, username: str, uid: str) -> None:
    """Raises Business."""
    now = call.engine.clock()
    paused = [d for d in case.open if d.is_paused(now)]
    if not paused:
        raise Business(f'Case with "{case.instance.uid}" not paused.')
    delegation = next((d for d in reversed(paused) if d.user == username), None)
    if delegation is None:
        raise Business(f'The user with "{uid}" is invalid to Unpause the Case.')
    try:
        await call.do(ResumeTask(delegation.task.key, holder=username))
    except (Conflict, Forbidden):
        raise Business(f'Case with "{case.instance.uid}" not paused.') from None


@endpoints("deleteCase", "DELETE", "/cases/{app_uid}", "/case/{app_uid}", needs=[PM_CASES], takes=[_ANY_CASE])
async def delete_case(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    routed = "You can't delete the case because it's not in Draft status and was already derivated."
    if case.status != "DRAFT":
        raise Business(routed)
    if (case.initiator_uid or case.instance.creator) not in (who.uid, who.username):
        raise Business("You can't delete the case because you didn't create the case.")
    try:
        await call.do(DeleteInstance(case.instance.key))
    except Conflict:
        raise Business(routed) from None
    except NotFound:
        raise Business(f"The application with $app_uid: '{call.params['app_uid']}' does not exist.") from None
    return EMPTY


# passing on


async def pool(call: Call, delegation: Delegation) -> dict[str, AssigneeView]:
    """To whom a delegation may be passed, by uid: ordinary and ad hoc assignees of its task."""
    return await assignees(call, delegation.task.activity_key, (AssignmentKind.ORDINARY, AssignmentKind.AD_HOC))


async def assignees(call: Call, activity_key: int, kinds: tuple[AssignmentKind, ...]) -> dict[str, AssigneeView]:
    """Active users (by uid) who are assigned in one of these ways, groups expanded."""
    active_users: dict[str, AssigneeView] = {}
    for kind in kinds:
        direct = await call.ask(Assigned(activity_key, kind))
        members = await call.ask(AssignedMembers(activity_key, kind))
        for view in (*(v for v in direct if v.kind is AssigneeKind.USER), *members):
            if view.status == UserStatus.ACTIVE:
                active_users[view.uid] = view
    return active_users


def may_reassign(call: Call) -> None:
    """Raises Refused."""
    call.refuse_unless(may(call.principal, PM_REASSIGNCASE, PM_REASSIGNCASE_SUPERVISOR))


_REASSIGNMENT = (_CASE, by_uid("usr_uid_source"), by_uid("usr_uid_target"), DEL_INDEX)


async def _reassign(call: Call) -> Any:
    """Who may comes before what is sent: the rule stands beside the token."""
    may_reassign(call)
    call.check(_REASSIGNMENT)
    source_uid, target_uid = call.uid("usr_uid_source"), call.uid("usr_uid_target")
    index = _index(call)
    if source_uid == target_uid:
        raise Business("Target and Origin user are the same")
    try:
        source = await call.ask(UserByUid(source_uid))
    except NotFound:
        raise Business("Invalid origin user") from None
    case = await load_case(call, call.params["app_uid"])
    if case is None:
        raise Business(f"Incorrect or unavailable information about this case: {call.params['app_uid']}")
    delegation = case.at(index)
    if delegation is None or not delegation.is_open or delegation.user != source.username:
        raise Business("Invalid Case Delegation index for this user")
    if target_uid not in await pool(call, delegation):
        raise Business("The target user does not have rights to execute the task")
    try:
        target = await call.ask(UserByUid(target_uid))
        await call.do(AssignTask(delegation.task.key, target.username, holder=source.username))
    except NotFound:
        raise Business("The target user destination is invalid") from None
    except (Forbidden, WrongState):
        raise Business("Invalid Case Delegation index for this user") from None
    return EMPTY


_REASSIGN = ("/cases/{app_uid}/reassign-case", "/case/{app_uid}/reassign-case")


@endpoints("reassignCase", "PUT", *_REASSIGN, right=MANAGER)
async def reassign_case(call: Call) -> Any:
    return await _reassign(call)


@endpoints(
    "reassignCaseByPost",
    "POST",
    *_REASSIGN,
    right=MANAGER,
    source="documented",
    profile="reassign_by_post",
)
async def reassign_by_post(call: Call) -> Any:
    """The page's example posts; servers know only PUT."""
    return await _reassign(call)


_REASSIGNMENTS = (by_uid("usr_uid_target"), Parameter("cases", "list", required=True))


@endpoints("reassignCases", "POST", "/cases/reassign", "/case/reassign", right=MANAGER)
async def reassign_cases(call: Call) -> Any:
    """The reply is a JSON string that holds JSON (dossier 3.5)."""
    may_reassign(call)
    call.check(_REASSIGNMENTS)
    target_uid = call.uid("usr_uid_target")
    results = []
    for entry in named(call.values["cases"]).values():
        reassignment = entry if isinstance(entry, dict) else {}
        result, status = await _reassign_one(call, reassignment, target_uid)
        results.append({**reassignment, "RESULT": result, "STATUS": status})
    return orjson.dumps({"cases": results}).decode()


async def _reassign_one(call: Call, reassignment: dict[str, Any], target_uid: str) -> tuple[int, str]:
    case = await load_case(call, str(reassignment.get("APP_UID") or ""))
    try:
        index = integer(reassignment, "DEL_INDEX")
    except BadRequest:
        index = 0
    delegation = case.at(index) if case is not None else None
    if delegation is None:
        return 0, "DELEGATION_NOT_EXISTS"
    if not delegation.is_open:
        return 0, ROUTED
    if delegation.is_paused(call.engine.clock()):
        return 0, PAUSED
    users = await pool(call, delegation)
    if target_uid not in users:
        return 0, "USER_NOT_ASSIGNED_TO_TASK"
    if delegation.user == users[target_uid].username:
        return 1, "SUCCESS"
    source = str(reassignment.get("USR_UID") or "")
    if source and not await _holds(call, source, delegation.user):
        return 0, ROUTED
    try:
        await call.do(AssignTask(delegation.task.key, users[target_uid].username, holder=delegation.user or ""))
    except (Conflict, Forbidden, NotFound, Invalid):
        return 0, ROUTED
    return 1, "SUCCESS"


async def _holds(call: Call, uid: str, username: str | None) -> bool:
    try:
        return (await call.ask(UserByUid(uid.lower()))).username == username
    except NotFound:
        return False
