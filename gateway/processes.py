"""Processes from BPMN files: those that the settings name, and those that are imported."""

import logging
import re
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from adapters.common.bpmn import NotDeployable, graph
from adapters.common.foreign import foreign_graph
from core.engine import Engine
from core.graph.elements import ElementKind
from core.graph.graph import Graph
from core.people.queries import ListGroups, UserByName
from core.principal import Principal, system
from core.process.commands import ActivityIds, AddAssignee, DeployProcess, UpdateActivity
from core.process.queries import ActivitiesOf
from core.rejections import Conflict, Invalid, NotFound
from core.tables.process import Activity
from core.turn.command import Deployed
from core.types import AssigneeKind, AssignmentKind
from gateway.exits import Failed
from gateway.settings import ActivitySettings, ProcessSettings, Settings
from gateway.words import words
from schemas.bpmn.foreign import read_foreign
from schemas.bpmn.reader import BadBpmn
from schemas.processmaker.pmx import BadProject, ProjectFile, read_project

#: of a file, in bytes
LONGEST = 32 * 1024 * 1024
HINT = "; --loose takes some of this"
#: what the XML parser adds to its complaint
_PARSER = re.compile(r" \(<string>, line \d+\)$")

log = logging.getLogger("dragoman.processes")


class CannotDeploy(Failed):
    """The text says which file, and what is wrong with it."""


class ProcessFile(NamedTuple):
    """One process of a file; `left_out` says, a line each, what it does not have."""

    graph: Graph
    version_tag: str
    text: str
    left_out: tuple[str, ...]


async def deploy_all(engine: Engine, settings: Settings) -> None:
    """Those of the settings, in their order. Raises CannotDeploy."""
    for wanted in settings.processes:
        deployed = await deploy(engine, system(engine.default_tenant), wanted, read_file(wanted))
        if deployed.changed:
            log.info("deployed version %d of %s", deployed.version, wanted.file)


async def deploy(engine: Engine, who: Principal, wanted: ProcessSettings, model: ProcessFile) -> Deployed:
    """A new version, if the file is not the newest one already; then what the settings say of its activities, which is
    put back each time. Raises CannotDeploy."""
    process, version_tag, text, _ = model
    known = {e.id for e in process.elements if e.kind in (ElementKind.USER_TASK, ElementKind.SUB_PROCESS)}
    for name in wanted.activities:
        if name not in known:
            raise CannotDeploy(f"{wanted.file}: there is no user task {name}")
    ids = tuple(ActivityIds(name, uid=activity.uid) for name, activity in wanted.activities.items())
    name = Path(wanted.file).name
    command = DeployProcess(process, name, text, version_tag=version_tag, uid=wanted.uid, activities=ids)
    try:
        try:
            deployed = await engine.execute(command, who)
        except Conflict:  # another process on this database was quicker
            deployed = await engine.execute(command, who)
        rows = {a.element_id: a for a in await engine.ask(ActivitiesOf(deployed.process_key), who)}
        for name, activity in wanted.activities.items():
            await _assign(engine, who, rows[name], activity)
    except (NotFound, Invalid, Conflict) as error:
        raise CannotDeploy(f"{wanted.file}: {words(error)}") from None
    return deployed


def wanted_process(file: str, uid: str, process_id: str) -> ProcessSettings:
    """One that no settings name. Raises Failed."""
    try:
        return ProcessSettings(file=file, uid=uid, process_id=process_id)
    except ValidationError:
        raise Failed(f"{uid}: a uid has 32 hexadecimal digits, in lower case") from None


def read_document(file: str) -> bytes:
    """Raises CannotDeploy."""
    try:
        with Path(file).open("rb") as document:
            content = document.read(LONGEST + 1)
    except FileNotFoundError:
        raise CannotDeploy(f"there is no file {file}") from None
    except OSError as error:
        raise CannotDeploy(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > LONGEST:
        raise CannotDeploy(f"{file} is longer than {LONGEST} bytes")
    return content


def read_project_file(file: str, document: bytes, *, loose: bool) -> ProjectFile:
    """One that can be deployed. Raises CannotDeploy."""
    try:
        project = read_project(document, loose=loose)
        graph(project.process)
    except BadProject as error:
        raise CannotDeploy(f"{file}: {error}") from None
    except NotDeployable as error:
        raise CannotDeploy(f"{file}: {error}{'' if loose else HINT}") from None
    return project


def read_file(wanted: ProcessSettings) -> ProcessFile:
    """Raises CannotDeploy."""
    return read_process(wanted, read_document(wanted.file), loose=False)


def read_process(wanted: ProcessSettings, document: bytes, *, loose: bool) -> ProcessFile:
    """Of a file that was read already, maybe by somebody else. Raises CannotDeploy."""
    try:
        processes = read_foreign(document, loose=loose)
        text = document.decode()
    except UnicodeDecodeError:
        raise CannotDeploy(f"{wanted.file}: a BPMN file is kept as UTF-8 here") from None
    except BadBpmn as error:
        raise CannotDeploy(f"{wanted.file}: {_PARSER.sub('', str(error))}") from None
    chosen = [p for p in processes if p.process.id == wanted.process_id] if wanted.process_id else processes
    if len(chosen) != 1:
        there = ", ".join(p.process.id for p in processes) or "none"
        raise CannotDeploy(f"{wanted.file}: which process? There are: {there}")
    try:
        read = foreign_graph(chosen[0], loose=loose)
    except NotDeployable as error:
        raise CannotDeploy(f"{wanted.file}: {error}{'' if loose else HINT}") from None
    return ProcessFile(read.graph, read.version_tag, text, read.left_out)


async def _assign(engine: Engine, who: Principal, activity: Activity, wanted: ActivitySettings) -> None:
    groups = (
        {g.name: g.uid for g in await engine.ask(ListGroups(), who)} if wanted.groups or wanted.adhoc_groups else {}
    )

    async def add(kind: AssignmentKind, users: tuple[str, ...], group_names: tuple[str, ...]) -> None:
        uids = [(AssigneeKind.USER, (await engine.ask(UserByName(u, exact=False), who)).uid) for u in users]
        for name in group_names:
            if name not in groups:
                raise NotFound("group", name)
            uids.append((AssigneeKind.GROUP, groups[name]))
        for assignee, uid in uids:
            try:
                await engine.execute(AddAssignee(activity.key, kind, assignee, uid), who)
            except Conflict:  # is there already
                continue

    await add(AssignmentKind.ORDINARY, wanted.assignees, wanted.groups)
    await add(AssignmentKind.AD_HOC, wanted.adhoc_assignees, wanted.adhoc_groups)
    if wanted.distribution is not None and wanted.distribution != activity.distribution:
        await engine.execute(UpdateActivity(activity.key, wanted.distribution), who)
