"""One case: what it is, where it stands, what it holds. Source: dossier processmaker.md, sections 3.4 and 3.6."""

from hashlib import md5
from typing import Any

from adapters.common.rights import SIGNED_IN
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import Case, Delegation, Names, as_array, find_case, load_case, names_of
from adapters.processmaker.errors import Business
from adapters.processmaker.projects import activities_of, kept
from adapters.processmaker.rights import PM_CASES
from core.graph.elements import ElementKind
from core.instance.commands import SetVariables
from core.instance.queries import Variables
from core.rejections import WrongState
from core.tables.process import Activity
from schemas.processmaker.case import SYSTEM_VARIABLES, spelled
from schemas.processmaker.parameters import WHOLE_BODY, by_uid, integer, integers, texts
from schemas.processmaker.wire import local_time, named

endpoints = Endpoints()

NOT_INVOLVED = (
    "You cannot open this case because on the reason below: <br> You do not have permission to see this case. <br> "
    "You have not participated in this case. <br> Case is already claimed."
)


async def _allowed(call: Call) -> Case:
    """The case, if it concerns the caller. Raises Refused, for an unknown one too."""
    case = await load_case(call, call.path_uid("app_uid"))
    call.refuse_unless(case is not None and (not call.principal.user_key or case.concerns(call.principal)))
    assert case is not None
    return case


def _current(case: Case, delegation: Delegation, names: Names, now: int) -> dict[str, Any]:
    task = delegation.task
    init, due = local_time(delegation.init_at), local_time(delegation.due_at)
    return {
        "usr_uid": names.user_uid(delegation.user),
        "usr_name": names.full_name(delegation.user),
        "tas_uid": names.task_uid(task),
        "tas_title": task.name,
        "del_index": str(delegation.index),
        "del_thread": str(delegation.thread),
        "del_thread_status": "OPEN",
        "del_init_date": init,
        "del_task_due_date": due,
        "delStatus": "PAUSED" if delegation.is_paused(now) else "OPEN",
        "delInitDate": init,
        "delTaskDueDate": due,
    }


_CASE = by_uid("app_uid")
#: of what may be any id up to 32 bytes
_ANY_CASE = by_uid("app_uid", exact=False)


@endpoints("getCase", "GET", "/cases/{app_uid}", "/case/{app_uid}", takes=[_CASE])
async def get_case(call: Call) -> Any:
    case = await _allowed(call)
    names = await names_of(call, case)
    instance = case.instance
    creator_uid, creator_name = names.user_uid(instance.creator), names.full_name(instance.creator)
    if case.initiator_uid:
        first = case.delegations[0].user if case.delegations else None
        creator_uid, creator_name = case.initiator_uid, names.full_name(first)
    return {
        "app_uid": instance.uid,
        "app_number": instance.number,
        "app_name": case.title,
        "app_status": case.status,
        "app_init_usr_uid": creator_uid,
        "app_init_usr_username": creator_name,
        "pro_uid": case.process.uid,
        "pro_name": case.process.name,
        "app_create_date": local_time(instance.created_at),
        "app_update_date": local_time(case.updated_at),
        "current_task": [_current(case, d, names, call.engine.clock()) for d in case.open],
    }


@endpoints("getCurrentTask", "GET", "/cases/{app_uid}/current-task", "/case/{app_uid}/current-task", takes=[_CASE])
async def current_task(call: Call) -> Any:
    uid = call.path_uid("app_uid")
    who = call.person()
    case = await load_case(call, uid)
    uid_as_sent = call.params["app_uid"]
    if case is None:
        raise Business(f"The case with app_uid: {uid_as_sent} does not exist.")
    if case.status == "COMPLETED":
        raise Business(f"There are no current tasks because case app_uid: {uid_as_sent} has COMPLETED status")
    delegation = case.of(who.username)
    if delegation is None:
        raise Business(f"Incorrect or unavailable information about this case: {uid_as_sent}")
    names = await names_of(call, case)
    return {
        "tas_uid": names.task_uid(delegation.task),
        "tas_title": delegation.task.name,
        "del_index": str(delegation.index),
        "del_init_date": local_time(delegation.init_at),
        "del_task_due_date": local_time(delegation.due_at),
    }


@endpoints("listCaseTasks", "GET", "/cases/{app_uid}/tasks", "/case/{app_uid}/tasks", takes=[_CASE], right=SIGNED_IN)
async def list_tasks(call: Call) -> Any:
    uid = call.path_uid("app_uid")
    case = await load_case(call, uid)
    if case is None:
        raise Business(f"The case with app_uid: {call.params['app_uid']} does not exist.")
    names = await names_of(call, case)
    activities = [a for a in await activities_of(call, case.process) if a.kind == ElementKind.USER_TASK]
    uids = {a.element_id: a.uid for a in activities}
    return [_task(case, activity, uids, names) for activity in activities]


def _task(case: Case, activity: Activity, uids: dict[str, str], names: Names) -> dict[str, Any]:
    delegations = [d for d in case.delegations if d.task.activity_key == activity.key]
    program = case.view.known.program
    following = program.following(activity.element_id) if activity.element_id in program.elements else ()
    route: dict[str, Any] | list[Any] = []
    if following:
        conditions = any(flow.condition for _, flow in following)
        kind = "SEQUENTIAL" if len(following) == 1 else "EVALUATE" if conditions else "PARALLEL"
        targets = [
            {"rou_number": str(n), "rou_condition": flow.condition, "tas_uid": uids.get(element.id, "")}
            for n, (element, flow) in enumerate(following, 1)
        ]
        route = {"type": kind, "to": targets}
    status = "TASK_PENDING_NOT_EXECUTED"
    if delegations:
        status = "TASK_IN_PROGRESS" if any(d.is_open for d in delegations) else "TASK_COMPLETED"
    last = delegations[-1].user if delegations else None
    settings = kept(activity)
    return {
        "tas_uid": activity.uid,
        "tas_title": activity.name,
        "tas_description": settings.get("tas_description", ""),
        "tas_start": int(any(e.id == activity.element_id for e in program.first_tasks)),
        "tas_type": "NORMAL",
        "tas_derivation": "NORMAL",
        "tas_assign_type": settings.get("tas_assign_type", "SELF_SERVICE"),
        **_person(names, last),
        "route": route,
        "delegations": [_delegation(d, names) for d in delegations],
        "status": status,
    }


def _person(names: Names, username: str | None) -> dict[str, str]:
    user = names.user(username)
    return {
        "usr_uid": user.uid if user is not None else "",
        "usr_username": username or "",
        "usr_firstname": user.first_name if user is not None else "",
        "usr_lastname": user.last_name if user is not None else "",
    }


def _delegation(delegation: Delegation, names: Names) -> dict[str, Any]:
    ended = delegation.ended_at
    begun = delegation.init_at if delegation.init_at is not None else delegation.began_at
    return {
        "del_index": delegation.index,
        "del_init_date": local_time(delegation.init_at) or "Case not started yet",
        "del_task_due_date": local_time(delegation.due_at),
        "del_finish_date": local_time(ended) or "Not finished",
        "del_duration": spelled(ended - begun) if ended is not None else "Not finished",
        **_person(names, delegation.user),
    }


# variables


READING = (_ANY_CASE, *texts("dyn_uid pro_uid act_uid"), *integers("app_index"))
WRITING = (_ANY_CASE, WHOLE_BODY, *texts("dyn_uid"), *integers("del_index"))


@endpoints(
    "getVariables",
    "GET",
    "/cases/{app_uid}/variables",
    "/case/{app_uid}/variables",
    takes=READING,
)
async def get_variables(call: Call) -> Any:
    case = await _allowed(call)
    names = await names_of(call, case)
    variables = await call.ask(Variables(case.instance.key))
    index = integer(call.values, "app_index")
    delegation = case.at(index) if index is not None else case.of(call.principal.username) or case.last
    answer: dict[str, Any] = {
        "SYS_LANG": "en",
        "SYS_SKIN": "neoclassic",
        "SYS_SYS": "workflow",
        "APPLICATION": case.instance.uid,
        "PROCESS": case.process.uid,
        "TASK": names.task_uid(delegation.task) if delegation is not None else "",
        "INDEX": str(delegation.index) if delegation is not None else "",
        "USER_LOGGED": call.principal.uid,
        "USR_USERNAME": call.principal.username,
        "PIN": pin(case.instance.uid),
        **{name: as_array(value) for name, value in variables.items() if name not in SYSTEM_VARIABLES},
    }
    if all(call.values.get(name) not in (None, "") for name in ("pro_uid", "act_uid", "app_index")):
        answer["SYS_VAR_UPDATE_DATE"] = local_time(case.updated_at)
    return answer


def pin(uid: str) -> str:
    """The four characters that go with a case, always the same ones."""
    return md5(f"pin {uid}".encode(), usedforsecurity=False).hexdigest()[:4].upper()


@endpoints(
    "setVariables", "PUT", "/cases/{app_uid}/variable", "/case/{app_uid}/variable", needs=[PM_CASES], takes=WRITING
)
async def set_variables(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    uid = call.params["app_uid"]
    check_running(case.status, uid)
    if not case.concerns(who):
        raise Business(NOT_INVOLVED)
    new = {name: value for name, value in named(call.body).items() if name not in SYSTEM_VARIABLES}
    try:
        if new:
            await call.do(SetVariables(case.instance.key, new))
    except WrongState as error:
        check_running("COMPLETED" if error.state == "COMPLETED" else "CANCELLED", uid)
    return EMPTY


def check_running(status: str, uid: str) -> None:
    """Raises Business."""
    if status == "CANCELLED":
        raise Business(f"The case {uid} was cancelled!")
    if status == "COMPLETED":
        raise Business(f'The case "{uid}" is completed.')


# triggers, of which the engine has none

_TRIGGER = ("/cases/{app_uid}/execute-trigger/{tri_uid}", "/case/{app_uid}/execute-trigger/{tri_uid}")
_TRIGGERS_TAKE = (by_uid("app_uid", "cas_uid", exact=False), by_uid("tri_uid", exact=False))


@endpoints("executeTrigger", "PUT", *_TRIGGER, needs=[PM_CASES], takes=_TRIGGERS_TAKE)
async def execute_trigger(call: Call) -> Any:
    """Whatever is named is none that there is."""
    uid, trigger = call.params["app_uid"], call.params["tri_uid"]
    if await load_case(call, uid) is None:
        raise Business(f"The application with $appUid: '{uid}' does not exist.")
    raise Business(f"The trigger with $triUid: '{trigger}' does not exist.")
