"""User tasks of a run: making, planning, opening and ending them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from core.flow import holdings, listeners
from core.flow.offers import offer_task
from core.flow.state import State
from core.graph.elements import Completion, Element, Participants, TaskTemplate, computed_texts
from core.graph.expressions import ExpressionError, attribute, moment, whole
from core.ids import new_uid
from core.rejections import ExecutionFailed
from core.states import Trigger
from core.tables.instance import ElementInstance, Instance
from core.tables.library import Document
from core.tables.people import Group, Membership, Redirection, User
from core.tables.process import Activity, Assignment
from core.tables.task import Candidate, Task
from core.turn.context import Context
from core.turn.workingset import WorkingSet
from core.types import (
    ENDED_TASK_STATES,
    AssigneeKind,
    AssignmentKind,
    Distribution,
    GroupStatus,
    TaskState,
    UserStatus,
)


def enter(run: State, element: Element, entered: ElementInstance) -> bool:
    """A token reached a user task. False if there is nothing to wait for: all was done ahead of time."""
    template = cast(TaskTemplate, element.task)
    if template.participants is None:
        make(run, element, TaskState.CREATED, entered)
        return True
    waiting = [t for t in run.ctx.ws.find(Task, "instance_key", run.instance.key) if _waits_for(t, element)]
    if not waiting:
        _for_participants(run, element, template.participants, TaskState.CREATED, entered)
    for task in waiting:
        run.ctx.ws.change(task, element_instance_key=entered.key)
        if task.state == TaskState.PLANNED:
            open_task(run.ctx, run.instance, task=task, template=template, behind=run.behind, beside=run.opened)
            run.opened.append(task)
            run.started.append(task)
    return still_open(run, element, entered)


def _waits_for(task: Task, element: Element) -> bool:
    return task.element_id == element.id and task.element_instance_key == 0


def plan_ahead(run: State) -> None:
    """Make the tasks of the elements that no token has reached yet."""
    made = {t.element_id for t in run.ctx.ws.find(Task, "instance_key", run.instance.key)}
    for element in run.known.program.graph.elements:
        if element.task is not None and element.task.participants is not None and element.id not in made:
            _for_participants(run, element, element.task.participants, TaskState.PLANNED, None)


def still_open(run: State, element: Element, waiting: ElementInstance) -> bool:
    """Does the element wait for further tasks? Where one is enough, the others are canceled."""
    participants = element.task.participants if element.task is not None else None
    if participants is None:
        return False
    tasks = [
        t for t in run.ctx.ws.find(Task, "instance_key", run.instance.key) if t.element_instance_key == waiting.key
    ]
    open_tasks = [t for t in tasks if t.state not in ENDED_TASK_STATES]
    if participants.completion is Completion.FIRST and any(t.state == TaskState.COMPLETED for t in tasks):
        for task in open_tasks:
            end_task(run.ctx, task, Trigger.CANCEL, {}, {})
        return False
    return bool(open_tasks)


def all_removed(run: State, entered: ElementInstance) -> bool:
    """Nobody passes an approval by deleting it beforehand."""
    tasks = [
        t for t in run.ctx.ws.find(Task, "instance_key", run.instance.key) if t.element_instance_key == entered.key
    ]
    return bool(tasks) and all(t.removed for t in tasks)


def open_task(
    ctx: Context,
    instance: Instance,
    task: Task,
    template: TaskTemplate,
    behind: Task | None = None,
    beside: Iterable[Task] = (),
) -> None:
    """A planned task begins: now its due date counts."""
    new: dict[str, Any] = {"state": TaskState.CREATED.value, "started_at": ctx.now, "changed_at": ctx.now}
    if template.due_after and task.due_at is None:
        new["due_at"] = ctx.now + template.due_after
    ctx.ws.change(task, **new)
    holdings.open_first(ctx, instance, task, behind, beside)
    _emit(ctx, task, "task.created", TaskState.PLANNED)


def _for_participants(
    run: State, element: Element, participants: Participants, state: TaskState, entered: ElementInstance | None
) -> None:
    """A task for each participant; one for nobody in particular if there is none."""
    users = _users(run, element, participants)
    if participants.completion is Completion.PICK and users:
        users = [users[run.instance.number % len(users)]]
    for user in users:
        assignee, redirected_from = redirect(run.ctx, user)
        make(run, element, state, entered, assignee=assignee, redirected_from=redirected_from)
    if not users:
        make(run, element, state, entered)


def _users(run: State, element: Element, participants: Participants) -> list[User]:
    ws, tenant = run.ctx.ws, run.instance.tenant_key
    users: dict[int, User] = {}

    def add(user: User | None) -> None:
        if user is not None and user.tenant_key == tenant and user.status == UserStatus.ACTIVE:
            users[user.key] = user

    chosen = run.participants.get(element.id)
    for key in chosen if chosen is not None else participants.users:
        add(ws.get(User, key))
    for group_key in participants.groups if chosen is None else ():
        for member in ws.find(Membership, "group_key", group_key):
            add(ws.get(User, member.user_key))
    if participants.owner and chosen is None:
        key = run.instance.document_key
        document = ws.get(Document, key) if key else None
        for user in ws.find(User, "username_folded", document.owner.casefold()) if document and document.owner else ():
            add(user)
    return list(users.values())


def redirect(ctx: Context, user: User) -> tuple[str, str]:
    """(who gets a task for this user, who should have got it or an empty text)"""
    for row in ctx.ws.find(Redirection, "user_key", user.key):
        if row.starts_at <= ctx.now and (row.ends_at is None or ctx.now < row.ends_at):
            target = ctx.ws.get(User, row.target_key)
            if target is not None and target.status == UserStatus.ACTIVE:
                return target.username, user.username
    return user.username, ""


def make(
    run: State,
    element: Element,
    state: TaskState,
    entered: ElementInstance | None,
    *,
    assignee: str = "",
    redirected_from: str = "",
) -> Task:
    """A task that is open or, before a token has reached its element, planned."""
    ctx, instance = run.ctx, run.instance
    template = cast(TaskTemplate, element.task)
    computed = _compute(run, element, template, entered.key if entered is not None else instance.key)
    activity_key = run.known.activities[element.id]
    _add_assigned(ctx.ws, activity_key, computed)
    opened = state is TaskState.CREATED
    due = computed.due
    if due is None and template.due_after and opened:
        due = ctx.now + template.due_after
    task = Task(
        key=ctx.key(),
        uid=new_uid(),
        number=ctx.number("task"),
        tenant_key=instance.tenant_key,
        instance_key=instance.key,
        instance_uid=instance.uid,
        instance_number=instance.number,
        element_instance_key=entered.key if entered is not None else 0,
        process_key=instance.process_key,
        definition_key=instance.definition_key,
        activity_key=activity_key,
        element_id=element.id,
        name=element.name or element.id,
        description=template.description,
        state=state.value,
        assignee=assignee or run.assignee or computed.assignee or _in_turn(run, activity_key) or None,
        redirected_from=redirected_from,
        assigned_by=run.assigned_by or (instance.creator if template.participants is not None else ""),
        supervisor=_username(ctx, template.supervisor_key),
        priority=computed.priority,
        due_at=due,
        follow_up_at=computed.follow_up,
        created_at=ctx.now,
        started_at=ctx.now if opened else None,
        changed_at=ctx.now,
        candidate_users=tuple(computed.users),
        candidate_groups=tuple(computed.groups),
        form_id=computed.form_id,
        form_reference=computed.form_reference,
        headers=template.headers,
        draft=int(run.draft),
        offered=int(template.offer is not None),
        tags=instance.tags,
        business_id=instance.business_id,
        root_key=instance.root_key,
        ext={**template.ext, **run.task_ext},
        held_since=ctx.now,
    )
    ctx.ws.add(task)
    add_candidates(ctx.ws, task.key, computed.users, computed.groups)
    if template.offer is not None:
        offer_task(ctx.ws, task, template.offer)
    if opened:
        holdings.open_first(ctx, instance, task, run.behind, run.opened)
        run.opened.append(task)
        run.started.append(task)
        if template.listeners:
            hold_new(ctx, task, template)
    _emit(ctx, task, "task.created" if opened else "task.planned", None)
    return task


def _add_assigned(ws: WorkingSet, activity_key: int, computed: "Computed") -> None:
    """Who is assigned to an activity is a candidate for its tasks."""
    for row in ws.find(Assignment, "activity_key", activity_key):
        if row.kind != AssignmentKind.ORDINARY:
            continue
        if row.assignee_kind == AssigneeKind.USER:
            user = ws.get(User, row.assignee_key)
            if user is not None and user.username not in computed.users:
                computed.users.append(user.username)
        else:
            group = ws.get(Group, row.assignee_key)
            if group is not None and group.name not in computed.groups:
                computed.groups.append(group.name)


def hold_new(ctx: Context, task: Task, template: TaskTemplate) -> None:
    """Who listens to the creation is asked first, then who listens to the assignment."""
    holder = task.assignee
    for trigger, state in ((Trigger.CREATE, TaskState.CREATING), (Trigger.ASSIGN, TaskState.ASSIGNING)):
        asked = template.heard(trigger.value)
        if asked and (holder or trigger is Trigger.CREATE):
            pending = {"trigger": trigger.value, "assignee": holder}
            ctx.ws.change(task, state=state.value, assignee=None, pending=pending)
            listeners.ask_of_task(ctx, task, asked, 0)
            return


def cancel(ctx: Context, task: Task) -> None:
    """End an open task without a result; if somebody listens to that, as soon as they are done."""
    listeners.forget(ctx, task)
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    asked = template.heard(Trigger.CANCEL.value) if template is not None and task.state != TaskState.PLANNED else ()
    if not asked or task.state == TaskState.CANCELING:
        end_task(ctx, task, Trigger.CANCEL, {}, {})
        return
    before = task.state
    ctx.ws.change(task, state=TaskState.CANCELING.value, pending={"trigger": Trigger.CANCEL.value})
    listeners.ask_of_task(ctx, task, asked, 0)
    ctx.emit(
        "task.canceling",
        "task",
        task.key,
        instance_key=task.instance_key,
        before={"state": before},
        after={"state": task.state},
    )


def _in_turn(run: State, activity_key: int) -> str:
    """Whose turn it is, if the tasks of the activity go round among its active ordinary assignees."""
    ws = run.ctx.ws
    activity = ws.get(Activity, activity_key)
    if activity is None or activity.distribution != Distribution.BALANCE:
        return ""
    keys: list[int] = []
    for row in sorted(ws.find(Assignment, "activity_key", activity_key), key=lambda a: a.key):
        if row.kind != AssignmentKind.ORDINARY:
            continue
        if row.assignee_kind == AssigneeKind.USER:
            keys.append(row.assignee_key)
        else:
            group = ws.get(Group, row.assignee_key)
            members = ws.find(Membership, "group_key", row.assignee_key)
            keys += [m.user_key for m in members if group is not None and group.status == GroupStatus.ACTIVE]
    users = [ws.get(User, key) for key in dict.fromkeys(keys)]
    names = [u.username for u in users if u is not None and u.status == UserStatus.ACTIVE]
    return names[run.instance.number % len(names)] if names else ""


def _username(ctx: Context, key: int) -> str:
    user = ctx.ws.get(User, key) if key else None
    return user.username if user is not None else ""


def _emit(ctx: Context, task: Task, kind: str, before: TaskState | None) -> None:
    ctx.emit(
        kind,
        "task",
        task.key,
        instance_key=task.instance_key,
        before={"state": before.value} if before is not None else None,
        after={"state": task.state, "assignee": task.assignee, "name": task.name},
    )


@dataclass(slots=True)
class Computed:
    """What an element says of its tasks. `due` and `follow_up` are milliseconds."""

    assignee: str
    users: list[str]
    groups: list[str]
    priority: int
    due: int | None
    follow_up: int | None
    form_id: str
    form_reference: str


def _compute(run: State, element: Element, template: TaskTemplate, scope_key: int) -> Computed:
    needs = any(text.startswith("=") for text in computed_texts(element))
    variables = run.variables(scope_key) if needs else {}
    now, budget = run.ctx.now, run.ctx.effort.budget
    try:
        return Computed(
            assignee=_text(attribute(template.assignee, variables, now, budget), "user name"),
            users=_names(attribute(template.candidate_users, variables, now, budget)),
            groups=_names(attribute(template.candidate_groups, variables, now, budget)),
            priority=_priority(attribute(template.priority, variables, now, budget)),
            due=_time(attribute(template.due, variables, now, budget)),
            follow_up=_time(attribute(template.follow_up, variables, now, budget)),
            form_id=_text(attribute(template.form_id, variables, now, budget), "form id"),
            form_reference=_text(attribute(template.form_reference, variables, now, budget), "form reference"),
        )
    except (ExpressionError, ValueError) as error:
        raise ExecutionFailed(element.id, str(error)) from error


def _text(value: Any, what: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError(f"{_shown(value)} is not a {what}")


def _shown(value: Any) -> str:
    """As JSON has it."""
    return orjson.dumps(value, default=str).decode()


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        value = value.split(",")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"{_shown(value)} is not a list of names")
    return list(dict.fromkeys(v.strip() for v in value if v.strip()))


def _priority(value: Any) -> int:
    if value in ("", None):
        return 50
    number = whole(value)
    if number is None:
        raise ValueError(f"priority {_shown(value)} is not a number")
    if not 0 <= number <= 100:
        raise ValueError(f"priority {number} is not within [0,100]")
    return number


def _time(value: Any) -> int | None:
    if value in ("", None):
        return None
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a date and time")
    return moment(value)


def add_candidates(ws: WorkingSet, task_key: int, users: Sequence[str], groups: Sequence[str]) -> None:
    for name in users:
        ws.add(Candidate(task_key=task_key, kind=AssigneeKind.USER.value, name=name))
    for name in groups:
        ws.add(Candidate(task_key=task_key, kind=AssigneeKind.GROUP.value, name=name))


def end_task(
    ctx: Context, task: Task, trigger: Trigger, variables: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Give a task its final state, with its one event."""
    listeners.forget(ctx, task)
    state = TaskState.COMPLETED if trigger is Trigger.COMPLETE else TaskState.CANCELED
    old: dict[str, Any] = {"state": task.state}
    new: dict[str, Any] = {"state": state.value}
    if variables:
        new["variables"] = dict(variables)
        old["variables"] = dict(before)
    ctx.ws.change(task, state=state.value, ended_at=ctx.now, changed_at=ctx.now, pending={})
    ctx.emit(f"task.{state.value.lower()}", "task", task.key, instance_key=task.instance_key, before=old, after=new)
