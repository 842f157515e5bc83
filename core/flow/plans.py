"""Which rows a run needs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.graph.elements import BindingKind, Call
from core.tables.incident import Incident
from core.tables.instance import ElementInstance, Instance, Variable
from core.tables.job import Job, Timer
from core.tables.library import Document
from core.tables.message import EventSubscription, MessageStart
from core.tables.people import Group, Membership, Redirection, User
from core.tables.process import Activity, Assignment, Definition, Process
from core.tables.task import Task
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import AssigneeKind, AssignmentKind, Distribution, InstanceState, ProcessStatus


def plan_activities(known: KnownDefinition, ws: WorkingSet) -> Iterator[list[Load]]:
    """What creating any task of the process needs: its ordinary assignees, the members of groups among which a task
    goes round, and supervisors."""
    keys = tuple(known.activities.values())
    yield [Read(Assignment, "activity_key", keys), Read(Activity, "key", keys)]
    users = [*known.program.supervisors]
    groups: list[int] = []
    for key in keys:
        for row in ws.find(Assignment, "activity_key", key):
            if row.kind == AssignmentKind.ORDINARY:
                (users if row.assignee_kind == AssigneeKind.USER else groups).append(row.assignee_key)
    wishes: list[Load] = []
    if users:
        wishes.append(Read(User, "key", tuple(users)))
    balanced = any(a.distribution == Distribution.BALANCE for key in keys for a in ws.find(Activity, "key", key))
    if groups:
        wishes.append(Read(Group, "key", tuple(groups)))
        if balanced:
            wishes.append(Read(Membership, "group_key", tuple(groups)))
    if wishes:
        yield wishes
    if balanced:
        yield [Read(User, "key", tuple(m.user_key for key in groups for m in ws.find(Membership, "group_key", key)))]


def plan_participants(
    known: KnownDefinition,
    ws: WorkingSet,
    document_key: int,
    chosen: Mapping[str, tuple[int, ...]] | None = None,
) -> Iterator[list[Load]]:
    """What making or opening the tasks of several people needs, if there are such: who they are and to whom their tasks
    go meanwhile."""
    participants = known.program.participants
    if not participants:
        return
    yield from plan_document(document_key)
    keys = [key for p in participants for key in p.users]
    keys += [key for several in (chosen or {}).values() for key in several]
    groups = tuple({key for p in participants for key in p.groups})
    document = ws.get(Document, document_key) if document_key else None
    owners = (document.owner.casefold(),) if document is not None and document.owner else ()
    yield [
        Read(Group, "key", groups),
        Read(Membership, "group_key", groups),
        Read(User, "username_folded", owners),
    ]
    keys += [m.user_key for key in groups for m in ws.find(Membership, "group_key", key)]
    keys += [u.key for owner in owners for u in ws.find(User, "username_folded", owner)]
    yield from plan_redirections(keys, ws)


def plan_redirections(keys: list[int], ws: WorkingSet) -> Iterator[list[Load]]:
    """The users with these keys, and those to whom their tasks are redirected."""
    yield [Read(User, "key", tuple(keys)), Read(Redirection, "user_key", tuple(keys))]
    targets = [r.target_key for key in keys for r in ws.find(Redirection, "user_key", key)]
    yield [Read(User, "key", tuple(targets))]


def plan_held_instance(key: int, ws: WorkingSet) -> Iterator[list[Load]]:
    """An instance that is to go on: behind the outermost one around it, where whoever ends all of it begins, too."""
    yield [Read(Instance, "key", (key,))]
    instance = ws.get(Instance, key)
    if instance is not None and instance.root_key:
        yield [Load(Instance, "key", (instance.root_key,))]
    yield [Load(Instance, "key", (key,))]


def plan_held_task(task: Task, *more: Load) -> Iterator[list[Load]]:
    """A task that is to end or to go to others, and was only read until now: behind its instance, and that behind the
    outermost one. `more` is what these guard."""
    if task.root_key:
        yield [Load(Instance, "key", (task.root_key,))]
    yield [Load(Instance, "key", (task.instance_key,)), Load(Task, "key", (task.key,)), *more]


def plan_document(document_key: int) -> Iterator[list[Load]]:
    if document_key:
        yield [Load(Document, "key", (document_key,))]


def plan_scopes(scope: ElementInstance | None, ws: WorkingSet) -> Iterator[list[Load]]:
    """The scopes around an element, but for that of the instance."""
    while scope is not None and scope.scope_key not in (0, scope.instance_key):
        yield [Load(ElementInstance, "key", (scope.scope_key,))]
        scope = ws.get(ElementInstance, scope.scope_key)


def version_of(ws: WorkingSet, call: Call, caller: Definition) -> Definition | None:
    """The version of a process that is meant by a call out of this version of another one."""
    for process in ws.find(Process, "process_id", call.process_id):
        if process.tenant_key != caller.tenant_key or process.status != ProcessStatus.ACTIVE:
            continue
        versions = [d for d in ws.find(Definition, "process_key", process.key) if d.status == ProcessStatus.ACTIVE]
        if call.binding.kind is BindingKind.DEPLOYMENT:
            versions = [d for d in versions if d.created_at <= caller.created_at]
        elif call.binding.kind is BindingKind.VERSION_TAG:
            versions = [d for d in versions if d.version_tag == call.binding.version_tag]
        return max(versions, key=lambda d: d.version, default=None)
    return None


def plan_calls(
    known: KnownDefinition, ws: WorkingSet, definitions: Mapping[int, KnownDefinition], document_key: int
) -> Iterator[list[Load]]:
    """The processes that a process may call about its document, and those that they may call."""

    def calls_of(caller: KnownDefinition) -> Iterator[tuple[Definition, Call]]:
        for call in caller.program.calls:
            ids = ws.called if call.process_id.startswith("=") else (call.process_id,)
            yield from ((caller.definition, replace(call, process_id=id)) for id in ids)

    seen: set[int] = set()
    todo = list(calls_of(known))
    while todo:
        yield [Read(Process, "process_id", tuple(dict.fromkeys(call.process_id for _, call in todo)))]
        keys = tuple(p.key for _, call in todo for p in ws.find(Process, "process_id", call.process_id))
        yield [Read(Definition, "process_key", tuple(dict.fromkeys(keys)))]
        called: list[tuple[Definition, Call]] = []
        for caller, call in todo:
            version = version_of(ws, call, caller)
            if version is not None and version.key not in seen:
                seen.add(version.key)
                found = definitions[version.key]
                yield from plan_activities(found, ws)
                yield from plan_participants(found, ws, document_key)
                called += calls_of(found)
        todo = called


def plan_start(
    known: KnownDefinition, ws: WorkingSet, definitions: Mapping[int, KnownDefinition]
) -> Iterator[list[Load]]:
    """What a new instance of this version needs that is about no document."""
    yield from plan_activities(known, ws)
    yield from plan_participants(known, ws, 0)
    yield from plan_calls(known, ws, definitions, 0)


def plan_flow(instance: Instance, ws: WorkingSet, definitions: Mapping[int, KnownDefinition]) -> Iterator[list[Load]]:
    """What going on behind an element of a running instance may need besides its scopes and activities: its document,
    timers and jobs, tasks side by side and who gets those, what it calls, and the instances that called it."""
    known = definitions[instance.definition_key]
    program, keys = known.program, (instance.key,)
    wishes: list[Load] = []
    if instance.incidents:
        wishes.append(Load(Incident, "instance_key", keys))
    if program.has_timers:
        wishes.append(Load(Timer, "instance_key", keys))
    if program.has_events:
        wishes.append(Load(EventSubscription, "instance_key", keys))
    if program.message_starts:
        wishes.append(Load(MessageStart, "instance_key", keys))
    if program.has_listeners:
        wishes += [Load(Job, "instance_key", keys), Load(Variable, "instance_key", keys)]
    elif program.has_offers:
        wishes.append(Load(Job, "instance_key", keys))
    if program.participants:
        wishes.append(Load(Task, "instance_key", keys))
    if wishes:
        yield wishes
    yield from plan_document(instance.document_key)
    yield from plan_participants(known, ws, instance.document_key)
    if program.participants:
        removed = (t for t in ws.find(Task, "instance_key", instance.key) if t.removed and not t.element_instance_key)
        if any(removed):
            yield from plan_loss(instance.key, 0, ws)
    if program.calls:
        yield from plan_calls(known, ws, definitions, instance.document_key)
    if program.merges:
        yield [Load(ElementInstance, "instance_key", keys)]
    if instance.end_after or program.ends_others:
        yield from plan_tree((instance.key,), ws)
    if instance.parent_key:
        yield [Load(Variable, "instance_key", keys)]
        yield from _plan_caller(instance, ws, definitions)


def _plan_caller(
    instance: Instance, ws: WorkingSet, definitions: Mapping[int, KnownDefinition]
) -> Iterator[list[Load]]:
    keys = (instance.parent_key,)
    yield [
        Load(Instance, "key", keys),
        Load(ElementInstance, "key", (instance.parent_element_key, instance.parent_key)),
        Load(Variable, "instance_key", keys),
        Load(Task, "instance_key", keys),
    ]
    caller, waiting = ws.get(Instance, instance.parent_key), ws.get(ElementInstance, instance.parent_element_key)
    if caller is not None:
        yield from plan_scopes(waiting, ws)
        yield from plan_activities(definitions[caller.definition_key], ws)
        yield from plan_flow(caller, ws, definitions)


def plan_tree(keys: tuple[int, ...], ws: WorkingSet) -> Iterator[list[Load]]:
    """All that ends with these instances: what they hold, and the instances that they called."""
    while keys:
        yield [
            *(Load(cls, "instance_key", keys) for cls in (ElementInstance, Task, Timer, Job, Variable)),
            Load(Instance, "parent_key", keys),
            Load(Instance, "key", keys),
        ]
        still = tuple(i.key for key in keys for i in ws.find(Instance, "key", key) if i.incidents)
        if still:
            yield [Load(Incident, "instance_key", still)]
        called = [i for key in keys for i in ws.find(Instance, "parent_key", key)]
        keys = tuple(i.key for i in called if i.state == InstanceState.ACTIVE)


def plan_whole(key: int, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Iterator[list[Load]]:
    """A running instance, anything of which may begin, go on or end."""
    yield from plan_held_instance(key, ws)
    instance = ws.get(Instance, key)
    if instance is None:
        return
    yield from plan_document(instance.document_key)
    yield from plan_tree((key,), ws)
    yield [Load(ElementInstance, "key", tuple(row.key for row in ws.find(ElementInstance, "instance_key", key)))]
    yield from plan_activities(known[instance.definition_key], ws)
    yield from plan_flow(instance, ws, known)


def plan_occurrence(
    instance_key: int, element_key: int, ws: WorkingSet, definitions: Mapping[int, KnownDefinition]
) -> Iterator[list[Load]]:
    """What may come of an event that an element, or its boundary, waits for."""
    yield from plan_held_instance(instance_key, ws)
    yield from plan_tree((instance_key,), ws)
    yield [Load(ElementInstance, "key", (instance_key, element_key))]
    instance = ws.get(Instance, instance_key)
    if instance is None:
        return
    yield from plan_scopes(ws.get(ElementInstance, element_key), ws)
    yield from plan_activities(definitions[instance.definition_key], ws)
    yield from plan_flow(instance, ws, definitions)


def plan_loss(instance_key: int, element_key: int, ws: WorkingSet) -> Iterator[list[Load]]:
    """All that may end with an element, up to the outermost caller, which is held before."""
    while instance_key:
        yield from plan_tree((instance_key,), ws)
        yield [Load(ElementInstance, "key", (element_key, instance_key))]
        yield from plan_scopes(ws.get(ElementInstance, element_key), ws)
        instance = ws.get(Instance, instance_key)
        if instance is None:
            return
        yield from plan_document(instance.document_key)
        instance_key, element_key = instance.parent_key, instance.parent_element_key


def plan_element(
    key: int, element_key: int, ws: WorkingSet, known: Mapping[int, KnownDefinition]
) -> Iterator[list[Load]]:
    """An element of an instance, that is to go on whatever it waits for."""
    yield from plan_held_instance(key, ws)
    yield [
        Load(ElementInstance, "key", (key, element_key)),
        *(Load(cls, "instance_key", (key,)) for cls in (Variable, Task, Timer, Job)),
    ]
    instance = ws.get(Instance, key)
    if instance is None:
        return
    yield from plan_scopes(ws.get(ElementInstance, element_key), ws)
    yield from plan_activities(known[instance.definition_key], ws)
    yield from plan_flow(instance, ws, known)
