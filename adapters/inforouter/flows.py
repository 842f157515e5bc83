"""Workflow definitions: what is kept of them while they are built, and the process that they become.

A definition is a draft: steps with task definitions. Activating it deploys a graph in which each step is a parallel
gateway, its tasks, and another gateway that waits for all of them.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.paths import folder_path
from adapters.inforouter.people import NAMESPACE, full_name, short_name
from adapters.inforouter.priorities import to_core
from core.clock import HOUR
from core.graph.elements import Completion, Element, ElementKind, Flow, Participants, TaskTemplate
from core.graph.graph import Graph
from core.library.queries import FoldersByKey
from core.people.queries import GroupsByNumber, UsersByNumber
from core.principal import Principal
from core.process.commands import ReviseProcess, Supervisors
from core.process.queries import Drafted, ProcessView
from core.rejections import Conflict, NotFound
from core.tables.library import Library
from core.types import Action, ProcessStatus
from schemas.inforouter import flow, words
from schemas.inforouter.element import Element as Xml

ATTEMPTS = 5
#: task definitions of one workflow; their ids are made of its number and theirs
MAX_TASKS = 999

_COMPLETION = {
    words.ALL_OF_THEM: Completion.ALL,
    words.PICKED_ONE: Completion.PICK,
    words.ANY_ONE: Completion.FIRST,
}


@dataclass
class DraftTask:
    id: int
    task: flow.TaskDef


@dataclass
class DraftStep:
    """`folder` is the key of the folder to which the document moves when the step begins, 0 for none."""

    number: int
    name: str
    folder: int = 0
    tasks: list[DraftTask] = field(default_factory=list)

    def task(self, id: int) -> DraftTask:
        for task in self.tasks:
            if task.id == id:
                return task
        raise Failure("Task definition not found")


@dataclass
class Draft:
    """Folders are keys, supervisors the vendor's numbers."""

    active_folder: int
    end_folder: int = 0
    end_url: str = ""
    hide: bool = False
    users: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    last_task: int = 0
    steps: list[DraftStep] = field(default_factory=list)

    @classmethod
    def of(cls, view: ProcessView) -> "Draft":
        content = view.draft.content
        supervisors = {kind: list(numbers) for kind, numbers in view.process.supervisors.items()}
        steps = [
            DraftStep(
                s["number"], s["name"], s["folder"], [DraftTask(t["id"], _task_def(t["task"])) for t in s["tasks"]]
            )
            for s in content["steps"]
        ]
        return cls(**{**content, **supervisors, "steps": steps})

    @property
    def content(self) -> dict[str, Any]:
        """As it is kept, but for the supervisors."""
        return {name: value for name, value in asdict(self).items() if name not in ("users", "groups")}

    @property
    def supervisors(self) -> Supervisors:
        return Supervisors(tuple(self.users), tuple(self.groups))

    def step(self, number: int) -> DraftStep:
        for step in self.steps:
            if step.number == number:
                return step
        raise Failure("Step not found", 4041)

    def numbers(self) -> tuple[set[int], set[int]]:
        """(users, groups) that are named anywhere."""
        tasks = [t.task for s in self.steps for t in s.tasks]
        users = {*self.users, *(n for t in tasks for n in (*t.users, t.supervisor))}
        return users, {*self.groups, *(n for t in tasks for n in t.groups)}

    def check(self) -> None:
        """Can it be activated? Raises Failure with the vendor's text."""
        if not self.active_folder:
            raise Failure("Active folder path is not valid")
        if not self.steps:
            raise Failure("Workflow must have at least one step defined")
        for step in self.steps:
            if not step.tasks:
                raise Failure(f"Step [{step.number}] must have at least one task")
            for n, task in enumerate(step.tasks, 1):
                if not (task.task.users or task.task.groups or task.task.roles):
                    raise Failure(f"Task [{n}] in step [{step.number}] must have at least one player")


def _task_def(data: dict[str, Any]) -> flow.TaskDef:
    lists = {name: tuple(data[name]) for name in ("permissions", "users", "groups", "roles")}
    requirements = tuple(flow.Requirement(**r) for r in data["requirements"])
    return flow.TaskDef(**{**data, **lists, "requirements": requirements})


def task_ext(step: DraftStep, task: DraftTask) -> dict[str, Any]:
    """What each task keeps of its definition."""
    definition = task.task
    return {
        "task_def": task.id,
        "step": step.number,
        "step_name": step.name,
        "deadline": definition.deadline,
        "notify": definition.notify,
        "start_span": definition.start_span,
        "remind": definition.remind,
        "right": definition.right,
        "permissions": list(definition.permissions),
        "requirements": [asdict(r) for r in definition.requirements],
        "notice": definition.notice,
    }


async def compiled(call: Call, who: Principal, view: ProcessView, draft: Draft, *, name: str = "") -> Graph:
    """The process of a definition, perhaps under a new name."""
    user_numbers, group_numbers = draft.numbers()
    users = await call.ask(UsersByNumber(tuple(user_numbers)), who)
    groups = await call.ask(GroupsByNumber(tuple(group_numbers)), who)
    user_keys = {number: user.key for number, user in users.items()}
    group_keys = {number: group.key for number, group in groups.items()}
    return graph(view.process.process_id, name or view.process.name, draft, user_keys, group_keys)


def graph(id: str, name: str, draft: Draft, users: Mapping[int, int], groups: Mapping[int, int]) -> Graph:
    """The process of a draft; `users` and `groups` map numbers to keys."""
    elements = [Element("start", ElementKind.START_EVENT)]
    flows: list[Flow] = []
    last = "start"

    def connect(source: str, target: str) -> None:
        flows.append(Flow(f"flow{len(flows) + 1}", source, target))

    for step in sorted(draft.steps, key=lambda s: s.number):
        begin, end = f"step{step.number}", f"step{step.number}-end"
        elements.append(Element(begin, ElementKind.PARALLEL_GATEWAY, step.name, folder_key=step.folder))
        connect(last, begin)
        for task in step.tasks:
            definition = task.task
            template = TaskTemplate(
                priority=str(to_core(definition.priority)),
                description=definition.instruction,
                supervisor_key=users.get(definition.supervisor, 0),
                due_after=definition.deadline * HOUR,
                participants=Participants(
                    tuple(users[n] for n in definition.users if n in users),
                    tuple(groups[n] for n in definition.groups if n in groups),
                    words.DOCUMENT_OWNER in definition.roles,
                    _COMPLETION[definition.required],
                ),
                ext={NAMESPACE: task_ext(step, task)},
            )
            elements.append(Element(element_id(task.id), ElementKind.USER_TASK, definition.name, task=template))
            connect(begin, element_id(task.id))
            connect(element_id(task.id), end)
        elements.append(Element(end, ElementKind.PARALLEL_GATEWAY))
        last = end
    elements.append(Element("end", ElementKind.END_EVENT, folder_key=draft.end_folder))
    connect(last, "end")
    return Graph(id, name, tuple(elements), tuple(flows))


def element_id(task_def: int) -> str:
    return f"task{task_def}"


# Finding and changing


async def find_flow(call: Call, who: Principal, library: Library, name: str) -> ProcessView:
    """The definition of a library with a name, whatever the case. Raises NotFound."""
    for view in await call.ask(Drafted(library.key), who):
        if view.process.name.casefold() == name.strip().casefold():
            return view
    raise NotFound("process", name)


async def check_designer(call: Call, who: Principal, view: ProcessView) -> None:
    """Raises Denied for who may not change a definition."""
    if not await call.may(who, Action.REVISE_PROCESS, view.process):
        raise Denied


async def change(
    call: Call,
    who: Principal,
    view: ProcessView,
    edit: Callable[[Draft], None],
    *,
    name: str | None = None,
    inactive: bool = True,
) -> None:
    """Edit a definition, again if somebody else was quicker. Raises Failure for an active one."""

    async def nothing_more(view: ProcessView, draft: Draft) -> dict[str, Any]:
        if inactive and view.process.status == ProcessStatus.ACTIVE:
            raise Failure("Workflow is active. Deactivate it first.")
        edit(draft)
        return {"content": draft.content, "name": name}

    await revise(call, who, view, nothing_more)


async def revise(
    call: Call,
    who: Principal,
    view: ProcessView,
    decide: Callable[[ProcessView, Draft], Awaitable[dict[str, Any]]],
) -> None:
    """`decide` says what to change of the newest state: the fields of ReviseProcess."""
    for attempt in range(ATTEMPTS):
        new = await decide(view, Draft.of(view))
        try:
            await call.execute(ReviseProcess(view.process.key, view.draft.revision, **new), who)
            return
        except Conflict as conflict:
            if conflict.reason != "changed" or attempt == ATTEMPTS - 1:
                raise
        views = await call.ask(Drafted(keys=(view.process.key,)), who)
        if not views:
            raise NotFound("process", view.process.name)
        view = views[0]


# Showing


async def headers(call: Call, who: Principal, views: Iterable[ProcessView]) -> tuple[Xml, ...]:
    """FlowDef elements without their steps."""
    process_views = list(views)
    drafts = [Draft.of(view) for view in process_views]
    folders = await call.ask(FoldersByKey(tuple({k for d in drafts for k in (d.active_folder, d.end_folder)})), who)
    return tuple(flow.flow_def(_shape(v, d, folders, ())) for v, d in zip(process_views, drafts, strict=True))


def _shape(view: ProcessView, draft: Draft, folders: Any, steps: tuple[Xml, ...]) -> flow.FlowShape:
    def path(key: int) -> str:
        return folder_path(*folders[key]) if key in folders else ""

    library = view.library
    supervisors = (*(("User", n) for n in draft.users), *(("Group", n) for n in draft.groups))
    return flow.FlowShape(
        number=view.process.number,
        name=view.process.name,
        domain_number=library.number if library is not None else 0,
        domain_name=library.name if library is not None else "",
        active_folder=path(draft.active_folder),
        requires_players=False,
        active=view.process.status == ProcessStatus.ACTIVE,
        end_folder=path(draft.end_folder),
        end_url=draft.end_url,
        hide=draft.hide,
        supervisors=tuple(supervisors),
        steps=steps,
    )


async def whole(call: Call, who: Principal, view: ProcessView) -> Xml:
    """A FlowDef element with all steps and task definitions."""
    draft = Draft.of(view)
    folders = await call.ask(FoldersByKey((draft.active_folder, draft.end_folder)), who)
    user_numbers, group_numbers = draft.numbers()
    users = await call.ask(UsersByNumber(tuple(user_numbers)), who)
    groups = await call.ask(GroupsByNumber(tuple(group_numbers)), who)
    names = flow.Names(
        {n: (u.username, full_name(u)) for n, u in users.items()}, {n: short_name(g) for n, g in groups.items()}
    )
    steps = tuple(
        flow.step_def(s.number, s.name, tuple(flow.task_def(t.id, t.task, names) for t in s.tasks))
        for s in sorted(draft.steps, key=lambda s: s.number)
    )
    return flow.flow_def(_shape(view, draft, folders, steps))
