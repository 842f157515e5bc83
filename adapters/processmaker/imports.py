"""Projects that come as files: a process, with its groups, who is assigned, and the forms of its tasks."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.common.bpmn import NotDeployable, graph
from adapters.processmaker.calls import Call, Endpoints
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import PM_FACTORY
from core.gate import Gate
from core.ids import new_uid
from core.people.commands import CreateGroup
from core.people.queries import GroupByName, GroupByUid
from core.principal import Principal
from core.process.commands import ActivityIds, AddAssignee, Deploy, DeployProcess, NewResource, UpdateActivity
from core.process.queries import ActivitiesOf, ProcessByUid
from core.rejections import Conflict, Invalid, NotFound
from core.tables.process import Activity
from core.turn.command import Deployed
from core.types import AssigneeKind, AssignmentKind, Distribution, ResourceKind
from schemas.processmaker.pmx import BadProject, ProjectFile, TaskFile, read_project
from schemas.processmaker.wire import local_time

_UID = re.compile("[0-9a-f]{32}")
_ASSIGNMENTS = {"ordinary": AssignmentKind.ORDINARY, "adhoc": AssignmentKind.AD_HOC}
#: what becomes of a project, or of a group, that is there already
OPTIONS = ("create", "overwrite", "disable", "keep")
GROUP_OPTIONS = ("create", "rename", "merge")
#: under what an activity keeps its forms and documents
STEPS = "processmaker-steps"


log = logging.getLogger("dragoman.processmaker")
endpoints = Endpoints()


@dataclass(frozen=True, slots=True)
class Imported:
    """`left_out` says, a line each, what was not taken."""

    deployed: Deployed
    left_out: tuple[str, ...]


async def import_project(engine: Gate, who: Principal, project: ProjectFile) -> Imported:
    """A new version of the process, if it differs from the newest; who is assigned already stays so. Groups that are
    not there are made. Raises NotDeployable, BadProject and what the commands raise."""
    ids = tuple(
        ActivityIds(t.uid, uid="" if project.is_copy else t.uid) for t in project.tasks if _UID.fullmatch(t.uid)
    )
    process = DeployProcess(graph(project.process), uid=project.uid, activities=ids)
    forms = tuple(NewResource(ResourceKind.FORM, f.uid, f.title, f.content) for f in project.forms)
    groups = {uid: await _group(engine, who, uid, title) for uid, title in project.groups.items() if title}
    try:
        (deployed,) = (await engine.execute(Deploy((process,), forms), who)).processes
    except Conflict:
        raise BadProject("the id of the project, or of one of its activities, belongs to something else here") from None
    activities = {a.element_id: a for a in await engine.ask(ActivitiesOf(deployed.process_key), who)}
    absent: list[str] = []
    for task in project.tasks:
        activity = activities[task.uid]
        await _shape(engine, who, activity, task)
        for assignee in task.assignees:
            kind, uid = AssigneeKind(assignee.kind), groups.get(assignee.uid, assignee.uid)
            try:
                await engine.execute(AddAssignee(activity.key, _ASSIGNMENTS[assignee.assignment], kind, uid), who)
            except Conflict:  # is there already
                continue
            except Invalid:  # unknown here
                absent.append(f"{activity.name}: the {assignee.kind} {assignee.uid} is not here")
    return Imported(deployed, (*project.left_out, *absent))


async def _group(engine: Gate, who: Principal, uid: str, title: str) -> str:
    """The id of the group that is meant: the one with this id, else the one of this name, else a new one."""
    for query in (GroupByUid(uid), GroupByName(title)):
        try:
            return (await engine.ask(query, who)).uid
        except NotFound:
            continue
    return (await engine.execute(CreateGroup(title, uid=uid if _UID.fullmatch(uid) else ""), who)).uid


async def _shape(engine: Gate, who: Principal, activity: Activity, task: TaskFile) -> None:
    """What the file says of an activity, unless it is so."""
    distribution = Distribution.BALANCE if task.is_balanced else Distribution.OFFER
    ext: Mapping[str, Mapping[str, Any]] = {
        "processmaker": dict(task.properties),
        STEPS: {"steps": [dict(step) for step in task.steps]},
    }
    if activity.distribution != distribution or any(activity.ext.get(name) != kept for name, kept in ext.items()):
        await engine.execute(UpdateActivity(activity.key, distribution, ext=ext), who)


#: about one project, in the log
_MOST_LINES = 50
_INVALID = 'Invalid value for "{}". It only accepts values: "{}".'
_EXISTS = "{}. {} an action to continue. Available actions: [{}]."


@endpoints("importProject", "POST", "/project/import", "/projects/import", needs=[PM_FACTORY], success=201)
async def import_file(call: Call) -> Any:
    """The file is in the field `project_file` of a form; what was left out of it is in the log."""
    option, groups = (
        _chosen(call, name, among) for name, among in (("option", OPTIONS), ("option_group", GROUP_OPTIONS))
    )
    upload = call.files.get("project_file")
    if upload is None:
        raise Business('Undefined value for "project_file", it is required.')
    if upload.name.rpartition(".")[2] != "pmx":
        raise Business('The file extension is not "pmx".')
    if option == "disable":
        raise Business(_INVALID.format("option", "create|overwrite|keep"))
    try:
        project = await call.engine.in_thread(read_project, upload.content)
        if option == "keep":
            project = _copy(project, call.engine.clock())
        elif option == "create" and await _is_there(call, project.uid):
            raise Business(_EXISTS.format("Project already exists", "Set", "|".join(OPTIONS)))
        if groups != "merge":
            project = await _own_groups(call, project, rename=groups == "rename")
        imported = await import_project(call.engine, call.principal, project)
    except (BadProject, NotDeployable) as error:
        raise Business(str(error)) from None
    for line in imported.left_out[:_MOST_LINES]:
        log.info("project %s: left out: %s", project.uid, line)
    if (more := len(imported.left_out) - _MOST_LINES) > 0:
        log.info("project %s: left out: %d more, which `dragoman process import` tells", project.uid, more)
    return {"prj_uid": project.uid, "project_file": upload.name}


def _chosen(call: Call, name: str, among: tuple[str, ...]) -> str:
    """In upper or in lower case; the first one if none is said. Raises Business."""
    text = call.values.get(name) or among[0]
    if not isinstance(text, str) or text.lower() not in among:
        choice = "|".join(among)
        upper = isinstance(text, str) and text == text.upper()
        raise Business(_INVALID.format(name, choice.upper() if upper else choice))
    return text.lower()


async def _is_there(call: Call, uid: str) -> bool:
    try:
        await call.ask(ProcessByUid(uid))
    except NotFound:
        return False
    return True


def _copy(project: ProjectFile, now: int) -> ProjectFile:
    """With ids of its own."""
    uid, name = new_uid(), f"Copy of - {project.name} - {local_time(now)}"
    return replace(project, uid=uid, name=name, process=replace(project.process, id=uid, name=name), is_copy=True)


async def _own_groups(call: Call, project: ProjectFile, *, rename: bool) -> ProjectFile:
    """Groups of the file whose names are taken by others get another name, or are refused. Raises Business."""
    titles = dict(project.groups)
    for uid, title in project.groups.items():
        try:
            taken = (await call.ask(GroupByName(title))).uid != uid
        except NotFound:
            continue
        if taken and not rename:
            raise Business(_EXISTS.format("Group already exists", "You need set", "|".join(GROUP_OPTIONS)))
        if taken:
            titles[uid] = f"{title} {local_time(call.engine.clock())}"
    return replace(project, groups=titles)
