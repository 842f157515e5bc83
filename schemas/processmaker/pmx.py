"""Projects as ProcessMaker 3 exports them: files whose names end with `.pmx`.

They are tables, row by row, of the drawing (class BPMN) and of what the server runs (class workflow). Here they become
a process, with what belongs to its tasks; what has no counterpart is named.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from schemas.bpmn.records import ProcessRecord
from schemas.common.numbers import whole
from schemas.common.xml import BadXml, parse
from schemas.processmaker.pmx_flow import Flow, Row
from schemas.processmaker.project import PROPERTIES

CONTAINER = "ProcessMaker-Project"
#: what the XML parser adds to its complaint
_PARSER = re.compile(r" \(<string>, line [0-9]+\)$")
_UID = re.compile("[0-9a-f]{32}")
#: of a task: how its rows name who is assigned, and in what way
_ASSIGNEES = {"1": "user", "2": "group"}
_ASSIGNMENTS = {"1": "ordinary", "2": "adhoc"}
#: of what a file may have and nothing is made of, by the name of its table
_LEFT_OUT = {
    "triggers": "triggers: scripts are not run",
    "inputs": "kinds of input documents",
    "outputs": "templates of output documents",
    "processvariables": "declarations of variables: a case takes any",
    "reporttables": "report tables",
    "objectpermissions": "permissions",
    "dbconnections": "connections to databases",
    "webentry": "forms for anybody",
    "webentryevent": "forms for anybody",
    "processuser": "supervisors",
    "stepsupervisor": "steps of supervisors",
    "filesmanager": "files",
    "abeconfiguration": "answers by mail",
    "emailevent": "mails of events",
    "casescheduler": "plans by which cases begin",
}


class BadProject(ValueError):
    """Not a project file, or one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Assignee:
    """`assignment` is ordinary or adhoc, `kind` user or group."""

    assignment: str
    kind: str
    uid: str


@dataclass(frozen=True, slots=True)
class TaskFile:
    """`properties` are those that an activity shows, `steps` its rows of forms and documents."""

    uid: str
    properties: Mapping[str, str]
    assignees: tuple[Assignee, ...]
    steps: tuple[Mapping[str, str | int], ...]

    @property
    def is_balanced(self) -> bool:
        return self.properties.get("tas_assign_type") == "BALANCED"


@dataclass(frozen=True, slots=True)
class FormFile:
    uid: str
    title: str
    content: str


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """`groups` are titles by id; `left_out` says, a line each, what the process does not have. The activities of a copy
    have ids of their own."""

    uid: str
    name: str
    process: ProcessRecord
    tasks: tuple[TaskFile, ...]
    groups: Mapping[str, str]
    forms: tuple[FormFile, ...]
    left_out: tuple[str, ...]
    is_copy: bool = False


def is_project(document: bytes) -> bool:
    """Does a file say of itself that it is one?"""
    return f"<{CONTAINER}".encode() in document[:1000]


def read_project(document: bytes, *, loose: bool = False) -> ProjectFile:
    """`loose` takes what changes the flow in a way that can be told: a start that waits for something is a plain one, a
    condition that cannot be read is a variable. Raises BadProject."""
    try:
        root = parse(document)
    except BadXml as error:
        raise BadProject(_PARSER.sub("", str(error))) from None
    if root.tag != CONTAINER:
        raise BadProject(f"the root element is not {CONTAINER}")
    if not root.get("version"):
        raise BadProject("ProcessMaker Project version is missing on file source.")
    drawing, running = (dict(_tables(root, name)) for name in ("bpmn", "workflow"))
    projects = drawing.get("project", [])
    if len(projects) != 1:
        raise BadProject('BPMN table: "Project", definition is missing or has multiple definition.')
    uid, name = projects[0].get("prj_uid", "").lower(), projects[0].get("prj_name", "")
    if not _UID.fullmatch(uid):
        raise BadProject(f"the id of the project is not 32 hexadecimal digits: {uid!r}")
    flow = Flow(ProcessRecord(uid, name), drawing, running, loose=loose)
    process, notes = flow.read()
    forms = tuple(
        FormFile(row.get("dyn_uid", "").lower(), row.get("dyn_title", ""), row.get("dyn_content", ""))
        for row in running.get("dynaforms", [])
    )
    titles = {form.uid: form.title for form in forms}
    for table, member in (("inputs", "inp_doc"), ("outputs", "out_doc")):
        titles |= {r.get(f"{member}_uid", ""): r.get(f"{member}_title", "") for r in running.get(table, [])}
    assigned, stepped = (_by_task(running.get(table, [])) for table in ("taskusers", "steps"))
    tasks = tuple(
        _task(row, assigned[row.get("tas_uid", "")], stepped[row.get("tas_uid", "")], titles)
        for row in running.get("tasks", [])
    )
    drawn = {node.id: node for node in process.nodes if node.task is not None}
    for task in tasks:
        node = drawn.get(task.uid)
        form = next((step for step in task.steps if step["step_type_obj"] == "DYNAFORM"), None)
        if node is not None and node.task is not None and form is not None:
            node.task.form_id = str(form["step_uid_obj"])
    return ProjectFile(
        uid=uid,
        name=name,
        process=process,
        tasks=tuple(task for task in tasks if task.uid in drawn),
        groups={row.get("grp_uid", "").lower(): row.get("grp_title", "") for row in running.get("groupwfs", [])},
        forms=tuple(form for form in forms if form.uid and form.content),
        left_out=(*notes, *_counted(running)),
    )


def _tables(root: etree._Element, kind: str) -> Iterator[tuple[str, list[Row]]]:
    """By name; names of tables and members are in lower case."""
    for definition in root.iterchildren("definition"):
        if (definition.get("class") or "").lower() == kind:
            for table in definition.iterchildren("table"):
                rows = [{str(m.tag).lower(): (m.text or "").strip() for m in r.iterchildren("*")} for r in table]
                yield (table.get("name") or "").lower(), [row for row in rows if row]


def _by_task(rows: list[Row]) -> Mapping[str, list[Row]]:
    by_task = defaultdict[str, list[Row]](list)
    for row in rows:
        by_task[row.get("tas_uid", "")].append(row)
    return by_task


def _task(row: Row, assigned: list[Row], stepped: list[Row], titles: Mapping[str, str]) -> TaskFile:
    assignees = [
        Assignee(_ASSIGNMENTS[r["tu_type"]], _ASSIGNEES[r["tu_relation"]], r.get("usr_uid", "").lower())
        for r in assigned
        if r.get("tu_type") in _ASSIGNMENTS and r.get("tu_relation") in _ASSIGNEES
    ]
    steps = [_step(r, titles) for r in stepped]
    steps.sort(key=lambda step: step["step_position"])
    properties = {name: row[name] for name in PROPERTIES if row.get(name)}
    return TaskFile(row.get("tas_uid", ""), properties, tuple(dict.fromkeys(assignees)), tuple(steps))


def _step(row: Row, titles: Mapping[str, str]) -> dict[str, str | int]:
    return {
        "step_uid": row.get("step_uid", ""),
        "step_type_obj": row.get("step_type_obj", ""),
        "step_uid_obj": row.get("step_uid_obj", ""),
        "step_condition": row.get("step_condition", ""),
        "step_position": whole(row.get("step_position", ""), 9) or 0,
        "step_mode": row.get("step_mode", "EDIT"),
        "obj_title": titles.get(row.get("step_uid_obj", ""), ""),
    }


def _counted(running: Mapping[str, list[Row]]) -> Iterator[str]:
    for table, what in _LEFT_OUT.items():
        if rows := running.get(table):
            yield f"{len(rows)} {what}"
