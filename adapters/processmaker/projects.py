"""Projects and their activities. Source: dossier processmaker.md, section 3.1.

A project is a process of the engine; its activities are the user tasks and sub-processes of the newest version.
"""

from typing import Any

from adapters.common.rights import SIGNED_IN
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.errors import Business
from adapters.processmaker.imports import STEPS
from adapters.processmaker.rights import PM_CASES, PM_FACTORY
from adapters.processmaker.users import find_user
from core.graph.elements import ElementKind
from core.people.queries import GroupsOf
from core.process.commands import UpdateActivity
from core.process.queries import (
    ActivitiesOf,
    ActivityByUid,
    Assigned,
    AssignmentsTo,
    LatestDefinition,
    LatestResources,
    ListProcesses,
    ProcessByUid,
    VersionTimes,
)
from core.rejections import NotFound
from core.tables.process import Activity, Process
from core.turn.known import KnownDefinition
from core.types import AssigneeKind, AssignmentKind, Distribution, GroupStatus, ProcessStatus, ResourceKind, UserStatus
from schemas.processmaker.parameters import Parameter, by_uid
from schemas.processmaker.project import activity_row, properties, read_properties
from schemas.processmaker.wire import local_time

endpoints = Endpoints()


@endpoints("listProjects", "GET", "/project", "/projects", needs=[PM_FACTORY])
async def list_projects(call: Call) -> Any:
    processes = await call.ask(ListProcesses())
    times = await call.ask(VersionTimes(tuple(p.key for p in processes)))
    return [
        {
            "prj_uid": process.uid,
            "prj_name": process.name,
            "prj_description": "",
            "prj_category": "",
            "prj_type": "bpmn",
            "prj_create_date": local_time(process.created_at),
            "prj_update_date": local_time(times.get(process.key, process.created_at)),
            "prj_status": "ACTIVE" if process.status == ProcessStatus.ACTIVE else "INACTIVE",
        }
        for process in processes
    ]


async def _newest(call: Call, process: Process) -> KnownDefinition | None:
    try:
        return await call.ask(LatestDefinition(process.key))
    except NotFound:
        return None


async def activities_of(call: Call, process: Process) -> list[Activity]:
    """Those of the newest version, in the order of its graph."""
    known = await _newest(call, process)
    if known is None:
        return []
    rows = {a.element_id: a for a in await call.ask(ActivitiesOf(process.key))}
    return [rows[e.id] for e in known.program.graph.elements if e.id in rows]


async def first_activities(call: Call, process: Process) -> list[Activity]:
    """Where a case can start."""
    known = await _newest(call, process)
    if known is None:
        return []
    rows = {a.element_id: a for a in await call.ask(ActivitiesOf(process.key))}
    return [rows[e.id] for e in known.program.first_tasks if e.id in rows]


@endpoints(
    "getProject",
    "GET",
    "/project/{prj_uid}",
    "/projects/{prj_uid}",
    needs=[PM_FACTORY, PM_CASES],
    takes=[by_uid("prj_uid")],
    right=SIGNED_IN,
)
async def get_project(call: Call) -> Any:
    uid = call.path_uid("prj_uid")
    try:
        process = await call.ask(ProcessByUid(uid))
    except NotFound:
        raise Business(f'Project "ProcessMaker\\Project\\Bpmn" with UID: {uid}, does not exist.') from None
    times = await call.ask(VersionTimes((process.key,)))
    activities = await activities_of(call, process)
    rows = [
        activity_row(a.uid, a.name, is_sub_process=a.kind == ElementKind.SUB_PROCESS, diagram=process.uid, place=n)
        for n, a in enumerate(activities)
    ]
    diagram = {
        "dia_uid": process.uid,
        "prj_uid": process.uid,
        "dia_name": process.name,
        "dia_is_closable": "0",
        "pro_uid": process.uid,
        "activities": rows,
        "events": [],
        "gateways": [],
        "flows": [],
        "artifacts": [],
        "laneset": [],
        "lanes": [],
        "data": [],
        "participants": [],
    }
    return {
        "prj_uid": process.uid,
        "prj_name": process.name,
        "prj_description": "",
        "prj_target_namespace": process.process_id,
        "prj_expresion_language": "",
        "prj_type_language": "",
        "prj_exporter": "",
        "prj_exporter_version": "",
        "prj_create_date": local_time(process.created_at),
        "prj_update_date": local_time(times.get(process.key, process.created_at)),
        "prj_author": "",
        "prj_author_version": "",
        "prj_original_source": "",
        "diagrams": [diagram],
        "usr_setting_designer": None,
    }


async def find_process(call: Call, uid: str) -> Process:
    """Raises Business."""
    try:
        return await call.ask(ProcessByUid(uid))
    except NotFound:
        raise Business(f"The project with prj_uid: '{uid}', does not exist.") from None


async def may_start(call: Call, user_key: int, activities: list[Activity]) -> list[Activity]:
    """Those to which a user is an ordinary assignee, themselves or through an active group."""
    groups = [g.key for g in await call.ask(GroupsOf(user_key)) if g.status == GroupStatus.ACTIVE]
    assignments = await call.ask(AssignmentsTo((user_key, *groups), AssignmentKind.ORDINARY))
    keys = {key for several in assignments.values() for key in several}
    return [a for a in activities if a.key in keys]


@endpoints("listStartingTasks", "GET", "/project/{prj_uid}/starting-tasks", takes=[by_uid("prj_uid")], right=SIGNED_IN)
async def starting_tasks(call: Call) -> Any:
    process = await find_process(call, call.path_uid("prj_uid"))
    return [{"act_name": a.name, "act_uid": a.uid} for a in await first_activities(call, process)]


@endpoints(
    "listStartingTasksOfUser",
    "GET",
    "/project/{prj_uid}/user/{usr_uid}/starting-tasks",
    takes=[by_uid("prj_uid"), by_uid("usr_uid")],
    right=SIGNED_IN,
)
async def starting_tasks_of(call: Call) -> Any:
    uid, usr_uid = call.path_uid("prj_uid"), call.path_uid("usr_uid")
    process = await find_process(call, uid)
    user = await find_user(call, usr_uid)
    activities = await may_start(call, user.key, await first_activities(call, process))
    if not activities:
        text = f"This user usr_uid: {call.params['usr_uid']} does not have initial activities assigned in this project"
        raise Business(text)
    return [{"act_uid": a.uid, "act_name": a.name} for a in activities]


@endpoints("listProjectUsers", "GET", "/project/{prj_uid}/users", takes=[by_uid("prj_uid")], right=SIGNED_IN)
async def project_users(call: Call) -> Any:
    """Users who are ordinary assignees themselves, each once."""
    process = await find_process(call, call.path_uid("prj_uid"))
    rows: dict[str, dict[str, str]] = {}
    for activity in await activities_of(call, process):
        for view in await call.ask(Assigned(activity.key, AssignmentKind.ORDINARY)):
            if view.kind is AssigneeKind.USER and view.status == UserStatus.ACTIVE:
                rows[view.uid] = {
                    "usr_uid": view.uid,
                    "usr_username": view.username,
                    "usr_firstname": view.first_name,
                    "usr_lastname": view.last_name,
                }
    return list(rows.values())


# one activity

_ONE = "/project/{prj_uid}/activity/{act_uid}"


async def find_activity(call: Call, uid: str) -> Activity:
    """Any known one, of whatever project. Raises Business."""
    try:
        return await call.ask(ActivityByUid(uid))
    except NotFound:
        raise Business(f"The activity with act_uid: '{uid}', does not exist.") from None


async def task_type(call: Call, activity: Activity) -> str:
    """ADHOC as long as an ad hoc assignee is to be seen, whatever it is otherwise (dossier 2.7 and 2.8)."""
    views = await call.ask(Assigned(activity.key, AssignmentKind.AD_HOC))
    if any(view.status == UserStatus.ACTIVE for view in views):
        return "ADHOC"
    return "SUBPROCESS" if activity.kind == ElementKind.SUB_PROCESS else "NORMAL"


def kept(activity: Activity) -> dict[str, Any]:
    """The properties of an activity that somebody set."""
    balanced = {"tas_assign_type": "BALANCED"} if activity.distribution == Distribution.BALANCE else {}
    return {**activity.ext.get("processmaker", {}), **balanced}


_IDS = (by_uid("prj_uid"), by_uid("act_uid"))
_PART = Parameter("filter", choice=("definition", "", "properties"))


@endpoints("getActivity", "GET", _ONE, takes=[*_IDS, _PART], right=SIGNED_IN)
async def get_activity(call: Call) -> Any:
    uid, act_uid = call.path_uid("prj_uid"), call.path_uid("act_uid")
    part = call.values.get("filter") or ""
    await find_process(call, uid)
    activity = await find_activity(call, act_uid)
    answer: dict[str, Any] = {}
    if part in ("", "definition"):
        answer["definition"] = []
    if part in ("", "properties"):
        answer["properties"] = properties(activity.name, await task_type(call, activity), kept(activity))
    return answer


_PROPERTIES = Parameter("properties", "list", required=True)


@endpoints("updateActivity", "PUT", _ONE, needs=[PM_FACTORY], takes=[*_IDS, _PROPERTIES])
async def update_activity(call: Call) -> Any:
    """`tas_assign_type` BALANCED lets tasks go round among the assignees; the other properties are kept and shown."""
    uid, act_uid = call.path_uid("prj_uid"), call.path_uid("act_uid")
    new = read_properties(call.values["properties"])
    await find_process(call, uid)
    activity = await find_activity(call, act_uid)
    if not new:
        return EMPTY
    changes: dict[str, Any] = {"ext": {"processmaker": new}}
    if "tas_assign_type" in new:
        balanced = new["tas_assign_type"] == "BALANCED"
        changes["distribution"] = Distribution.BALANCE if balanced else Distribution.OFFER
    await call.do(UpdateActivity(activity.key, **changes))
    return EMPTY


@endpoints(
    "getDynaform",
    "GET",
    "/project/{prj_uid}/dynaform/{dyn_uid}",
    "/projects/{prj_uid}/dynaform/{dyn_uid}",
    takes=[by_uid("dyn_uid"), by_uid("prj_uid")],
    right=SIGNED_IN,
)
async def get_dynaform(call: Call) -> Any:
    """A form as the project that was imported had it, whatever project is named."""
    uid = call.path_uid("dyn_uid")
    form = (await call.ask(LatestResources(ResourceKind.FORM, (uid,)))).get(uid)
    if form is None:
        raise Business(f"The DynaForm with dyn_uid: {call.params['dyn_uid']} does not exist.")
    return {
        "dyn_uid": uid,
        "dyn_title": form.name,
        "dyn_description": "",
        "dyn_type": "xmlform",
        "dyn_content": form.content,
        "dyn_version": 2,
        "dyn_update_date": local_time(form.created_at),
    }


@endpoints("listSteps", "GET", f"{_ONE}/steps", takes=reversed(_IDS), right=SIGNED_IN)
async def steps(call: Call) -> Any:
    """The forms and documents of a task, as the project that was imported told them."""
    uid = call.path_uid("act_uid")
    try:
        activity = await call.ask(ActivityByUid(uid))
    except NotFound:
        raise Business(f"The activity with act_uid: {uid} does not exist.") from None
    return [{**step, "obj_description": "", "triggers": []} for step in activity.ext.get(STEPS, {}).get("steps", ())]
