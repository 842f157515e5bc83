"""Processes from BPMN files: those that the settings name, and those that are imported."""

import logging
import re
from pathlib import Path

from adapters.common.bpmn import NotDeployable, graph
from core.engine import Engine
from core.graph.graph import ElementKind, Graph
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
from schemas.bpmn.reader import BadBpmn, read

#: what the XML parser adds to its complaint
_PARSER = re.compile(r" \(<string>, line \d+\)$")

#: a process, its version tag, the text of its file
Model = tuple[Graph, str, str]

log = logging.getLogger("dragoman.processes")


class CannotDeploy(Failed):
    """The text says which file, and what is wrong with it."""


async def deploy_all(engine: Engine, settings: Settings) -> None:
    """Those of the settings, in their order. Raises CannotDeploy."""
    for wanted in settings.processes:
        deployed = await deploy(engine, system(engine.default_tenant), wanted, read_file(wanted))
        if deployed.changed:
            log.info("deployed version %d of %s", deployed.version, wanted.file)


async def deploy(engine: Engine, who: Principal, wanted: ProcessSettings, model: Model) -> Deployed:
    """A new version, if the file is not the newest one already; then what the settings say of its activities, which is
    put back each time. Raises CannotDeploy."""
    process, version_tag, text = model
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


def read_file(wanted: ProcessSettings) -> Model:
    """Raises CannotDeploy, as does `read_document`."""
    try:
        document = Path(wanted.file).read_bytes()
    except FileNotFoundError:
        raise CannotDeploy(f"there is no file {wanted.file}") from None
    except OSError as error:
        raise CannotDeploy(f"{wanted.file} cannot be read: {error.strerror}") from None
    return read_document(wanted, document)


def read_document(wanted: ProcessSettings, document: bytes) -> Model:
    """Of a file that somebody else has read."""
    try:
        read_from_it = [(graph(record), record.version_tag) for record in read(document, loose=True)]
        text = document.decode()
    except UnicodeDecodeError:
        raise CannotDeploy(f"{wanted.file}: a BPMN file is kept as UTF-8 here") from None
    except (BadBpmn, NotDeployable) as error:
        raise CannotDeploy(f"{wanted.file}: {_PARSER.sub('', str(error))}") from None
    chosen = [one for one in read_from_it if one[0].id == wanted.process_id] if wanted.process_id else read_from_it
    if len(chosen) != 1:
        there = ", ".join(one.id for one, _ in read_from_it) or "none"
        raise CannotDeploy(f"{wanted.file}: which process? There are: {there}")
    return (*chosen[0], text)


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
