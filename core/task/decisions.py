"""What users do with tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from core.flow import holdings, listeners, mappings
from core.flow.plans import plan_activities, plan_flow, plan_held_task, plan_scopes, plan_tree
from core.flow.run import Run
from core.flow.termination import settle_termination
from core.flow.usertasks import add_candidates, end_task
from core.instance.comments import put_comment
from core.principal import Principal
from core.rejections import Conflict, Forbidden, Invalid, NotFound, WrongState
from core.states import CONSENT, Trigger, transition
from core.tables.instance import Comment, ElementInstance, Instance, Variable
from core.tables.task import Candidate, Task
from core.task.commands import AssignTask, ClaimTask, CompleteTask, UnassignTask, UpdateTask
from core.turn.command import KEEP, Done
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.known import KnownDefinition
from core.turn.reaching import Planner, reaching
from core.turn.workingset import Load, Read, WorkingSet
from core.types import ENDED_TASK_STATES, Action, ElementState, Permission, TaskState


def with_task(plan: Planner, action: Action = Action.UPDATE_TASK) -> Planner:
    """A plan, and what `find_task` looks at besides."""
    return reaching(plan, lambda cmd, ws: ((action, ws.get(Task, cmd.task_key)),))


def find_task(
    ctx: Context,
    task_key: int,
    holder: str = "",
    action: Action = Action.UPDATE_TASK,
    *,
    unoffered: bool = False,
) -> Task:
    """The task, if the principal may do this with it and, with a holder, if it is theirs; `unoffered`: if it is nothing
    for workers."""
    task = ctx.ws.get(Task, task_key)
    if task is None or task.tenant_key != ctx.principal.tenant_key or (unoffered and task.offered):
        raise NotFound("task", task_key)
    ended = task.state in ENDED_TASK_STATES
    ctx.require_reach(action, task, kind="task", id=task.key, definition_key=task.definition_key, ended=ended)
    if holder and task.assignee != holder:
        raise Forbidden(Permission.WORK, kind="task", id=str(task.key))
    return task


def _begin(ctx: Context, task: Task, trigger: Trigger, pending: Mapping[str, Any]) -> bool:
    """Check that the state allows it; True if a listener holds the task in the transient state now. Nobody listens to a
    task that is only planned."""
    step = transition(TaskState(task.state), trigger)
    if step is None:
        raise WrongState("task", task.key, task.state)
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    asked = template.heard(trigger.value) if template is not None and template.listeners else ()
    if not asked or task.state == TaskState.PLANNED:
        return False
    before = task.state
    ctx.ws.change(task, state=step.transient.value, pending={"trigger": trigger.value, **pending})
    ctx.emit(
        f"task.{trigger.value}",
        "task",
        task.key,
        instance_key=task.instance_key,
        before={"state": before},
        after={"state": task.state},
    )
    listeners.ask_of_task(ctx, task, asked, 0)
    return True


def _plan_task(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.task_key,)
    passes_on = isinstance(cmd, AssignTask | UnassignTask)
    yield [Read(Task, "key", keys) if passes_on else Load(Task, "key", keys)]
    if isinstance(cmd, UpdateTask):
        yield [Load(Candidate, "task_key", keys)]
    task = ws.get(Task, cmd.task_key)
    if task is None:
        return
    if passes_on:
        yield from plan_held_task(task)
    if known[task.definition_key].program.has_listeners:
        keys = (task.instance_key,)
        yield [Read(Instance, "key", keys), Read(Variable, "instance_key", keys)]


def plan_completion(
    task_key: int,
    ws: WorkingSet,
    known: Mapping[int, KnownDefinition],
    *,
    sets_variables: bool,
    comments: bool = False,
    consents: bool = False,
) -> Plan:
    """`consents`: a listener's job, which may end in any transition."""
    keys = (task_key,)
    yield [Read(Task, "key", keys)]
    task = ws.get(Task, task_key)
    if task is None:
        return
    if task.state in (TaskState.COMPLETED, TaskState.CANCELED):
        yield from plan_held_task(task)
        return
    definition = known[task.definition_key]
    wishes = [Load(ElementInstance, "key", (task.element_instance_key, task.instance_key))]
    if sets_variables or definition.program.reads_variables:
        wishes.append(Load(Variable, "instance_key", (task.instance_key,)))
    if not task.ordinal:
        wishes.append(Load(Task, "instance_key", (task.instance_key,)))
    if consents:
        wishes.append(Load(Candidate, "task_key", keys))
    if comments:
        wishes.append(Load(Comment, "task_key", keys))
    yield from plan_held_task(task, *wishes)
    if task.state == TaskState.CANCELING:
        yield from plan_tree((task.root_key or task.instance_key,), ws)
    instance = ws.get(Instance, task.instance_key)
    if instance is not None:
        yield from plan_flow(instance, ws, known)
    yield from plan_scopes(ws.get(ElementInstance, task.element_instance_key), ws)
    if task.element_id in definition.program.leading:
        yield from plan_activities(definition, ws)


def instance_of(ctx: Context, task: Task) -> Instance:
    instance = ctx.ws.get(Instance, task.instance_key)
    if instance is None:
        raise NotFound("instance", task.instance_key)
    return instance


def run_of(ctx: Context, task: Task) -> Run:
    return Run(ctx, ctx.definitions[task.definition_key], instance_of(ctx, task))


def go_on(run: Run, task: Task) -> None:
    """The task is over: the flow goes on, unless no token has reached the task's element yet."""
    waiting = run.ctx.ws.get(ElementInstance, task.element_instance_key)
    if waiting is not None and waiting.state == ElementState.ACTIVE:
        run.behind = task if task.ordinal else None
        run.leave(waiting)


def end_with(ctx: Context, task: Task, variables: Mapping[str, Any]) -> None:
    """The task is completed, and the flow goes on behind it."""
    run = run_of(ctx, task)
    waiting = ctx.ws.get(ElementInstance, task.element_instance_key)
    before: dict[str, Any] = {}
    if variables and waiting is not None:
        before = mappings.result(run, run.known.program.elements[task.element_id], waiting, dict(variables))
    elif variables:
        before = run.merge(run.instance.key, variables)
    end_task(ctx, task, Trigger.COMPLETE, variables, before)
    go_on(run, task)


def _plan_complete(cmd: CompleteTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    return plan_completion(
        cmd.task_key, ws, known, sets_variables=bool(cmd.variables), comments=cmd.comment is not None
    )


@handles(CompleteTask, with_task(_plan_complete, Action.COMPLETE_TASK))
def complete_task(cmd: CompleteTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder, Action.COMPLETE_TASK, unoffered=cmd.unoffered)
    if cmd.comment is not None and transition(TaskState(task.state), Trigger.COMPLETE) is not None:
        put_comment(ctx, task, cmd.comment)
    if _begin(ctx, task, Trigger.COMPLETE, {"variables": dict(cmd.variables), "action": cmd.label}):
        return Done(pending=True)
    end_with(ctx, task, cmd.variables)
    return Done()


def _assign(ctx: Context, task: Task, assignee: str | None, kind: str) -> None:
    before: dict[str, Any] = {"assignee": task.assignee}
    paused = task.paused_at
    holdings.give(ctx, task, assignee)
    if task.paused_at != paused:
        before["paused_at"] = paused
    after = {"assignee": assignee}
    ctx.emit(kind, "task", task.key, instance_key=task.instance_key, before=before, after=after)


@handles(AssignTask, with_task(_plan_task, Action.REDEFINE_TASK))
def assign_task(cmd: AssignTask, ctx: Context) -> Done:
    if not cmd.assignee:
        raise Invalid("assignee", "required")
    task = find_task(ctx, cmd.task_key, cmd.holder, Action.REDEFINE_TASK, unoffered=cmd.unoffered)
    if _begin(ctx, task, Trigger.ASSIGN, {"assignee": cmd.assignee, "action": cmd.label}):
        return Done(pending=True)
    _assign(ctx, task, cmd.assignee, "task.assigned")
    return Done()


@handles(ClaimTask, with_task(_plan_task, Action.CLAIM_TASK))
def claim_task(cmd: ClaimTask, ctx: Context) -> Done:
    if not cmd.assignee:
        raise Invalid("assignee", "required")
    task = find_task(ctx, cmd.task_key, action=Action.CLAIM_TASK, unoffered=cmd.unoffered)
    if transition(TaskState(task.state), Trigger.ASSIGN) is None:
        raise WrongState("task", task.key, task.state)
    if task.assignee is not None and (cmd.unclaimed or task.assignee != cmd.assignee):
        raise Conflict("task", task.key, "claimed")
    if _begin(ctx, task, Trigger.ASSIGN, {"assignee": cmd.assignee, "action": cmd.label}):
        return Done(pending=True)
    _assign(ctx, task, cmd.assignee, "task.claimed")
    return Done()


@handles(UnassignTask, with_task(_plan_task))
def unassign_task(cmd: UnassignTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, unoffered=cmd.unoffered)
    if _begin(ctx, task, Trigger.ASSIGN, {"assignee": None, "action": cmd.label}):
        return Done(pending=True)
    _assign(ctx, task, None, "task.unassigned")
    return Done()


def _update(ctx: Context, task: Task, new: Mapping[str, Any]) -> None:
    """`new` maps column names to values; candidate lists are lists."""
    columns: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for name, value in new.items():
        if name == "ext":
            before[name] = {d: {k: task.ext.get(d, {}).get(k) for k in values} for d, values in value.items()}
            columns[name] = merge_ext(task.ext, value)
        else:
            before[name] = getattr(task, name)
            columns[name] = value
    ctx.ws.change(task, changed_at=ctx.now, **columns)
    for name, kind in (("candidate_users", "user"), ("candidate_groups", "group")):
        if name not in new:
            continue
        for row in list(ctx.ws.find(Candidate, "task_key", task.key)):
            if row.kind == kind:
                ctx.ws.remove(row)
        names = list(dict.fromkeys(new[name]))
        add_candidates(ctx.ws, task.key, names if kind == "user" else [], names if kind == "group" else [])
    ctx.emit("task.updated", "task", task.key, instance_key=task.instance_key, before=before, after=dict(new))


def _correct_end(ctx: Context, task: Task, ended_at: int) -> None:
    if task.state != TaskState.COMPLETED:
        raise WrongState("task", task.key, task.state)
    before = {"ended_at": task.ended_at}
    ctx.ws.change(task, ended_at=ended_at, changed_at=ctx.now)
    after = {"ended_at": ended_at}
    ctx.emit("task.updated", "task", task.key, instance_key=task.instance_key, before=before, after=after)


def _updating(cmd: UpdateTask) -> Action:
    """Whoever says what has to be done, and who watches over it, does more than to keep a task up to date."""
    redefines = any(value is not KEEP for value in (cmd.name, cmd.description, cmd.supervisor))
    return Action.REDEFINE_TASK if redefines else Action.UPDATE_TASK


@handles(UpdateTask, reaching(_plan_task, lambda cmd, ws: ((_updating(cmd), ws.get(Task, cmd.task_key)),)))
def update_task(cmd: UpdateTask, ctx: Context) -> Done:
    task = find_task(ctx, cmd.task_key, cmd.holder, _updating(cmd), unoffered=cmd.unoffered)
    if task.state == TaskState.PLANNED and not cmd.planned:
        raise WrongState("task", task.key, task.state)
    if isinstance(cmd.ended_at, int):
        _correct_end(ctx, task, cmd.ended_at)
        return Done()
    if cmd.priority is not KEEP and not 0 <= int(cmd.priority) <= 100:  # type: ignore[arg-type]
        raise Invalid("priority", "range", cmd.priority)
    names = (
        *("due_at", "follow_up_at", "priority", "candidate_users", "candidate_groups"),
        *("name", "description", "supervisor"),
    )
    new = {name: getattr(cmd, name) for name in names if getattr(cmd, name) is not KEEP}
    new = {name: list(value) if isinstance(value, tuple) else value for name, value in new.items()}
    if cmd.ext:
        new["ext"] = {dialect: dict(values) for dialect, values in cmd.ext.items()}
    ended = task.state in ENDED_TASK_STATES
    only_kept = ended and set(new) == {"ext"}
    if not only_kept and _begin(ctx, task, Trigger.UPDATE, {"changes": new, "action": cmd.label}):
        return Done(pending=True)
    _update(ctx, task, new)
    return Done()


def _consent_create(ctx: Context, task: Task, pending: Mapping[str, Any]) -> None:
    """Then the task is given to whom the model names, which others may listen to."""
    corrections = dict(pending.get("corrections", {}))
    assignee = corrections.pop("assignee", pending["assignee"]) or None
    _correct(ctx, task, corrections)
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    asked = template.heard(Trigger.ASSIGN.value) if template is not None and assignee else ()
    if asked:
        waits = {"trigger": Trigger.ASSIGN.value, "assignee": assignee}
        ctx.ws.change(task, state=TaskState.ASSIGNING.value, pending=waits)
        listeners.ask_of_task(ctx, task, asked, 0)
    elif assignee:
        _assign(ctx, task, assignee, "task.assigned")


def _consent_assign(ctx: Context, task: Task, pending: Mapping[str, Any]) -> None:
    corrections = dict(pending.get("corrections", {}))
    assignee = corrections.pop("assignee", pending["assignee"]) or None
    _assign(ctx, task, assignee, "task.assigned" if assignee else "task.unassigned")
    _correct(ctx, task, corrections)


def _correct(ctx: Context, task: Task, corrections: Mapping[str, Any]) -> None:
    """What a listener puts right."""
    new = dict(corrections)
    if "assignee" in new:
        assignee = new.pop("assignee") or None
        _assign(ctx, task, assignee, "task.assigned" if assignee else "task.unassigned")
    if new:
        _update(ctx, task, new)


def _consent_update(ctx: Context, task: Task, pending: Mapping[str, Any]) -> None:
    corrections = pending.get("corrections", {})
    changes = {**pending["changes"], **{n: v for n, v in corrections.items() if n != "assignee"}}
    _update(ctx, task, changes)
    _correct(ctx, task, {n: v for n, v in corrections.items() if n == "assignee"})


def _consent_complete(ctx: Context, task: Task, pending: Mapping[str, Any]) -> None:
    _correct(ctx, task, pending.get("corrections", {}))
    end_with(ctx, task, pending["variables"])


def _consent_cancel(ctx: Context, task: Task, pending: Mapping[str, Any]) -> None:
    """If all of the instance is to end, it may have waited for this."""
    end_task(ctx, task, Trigger.CANCEL, {}, {})
    settle_termination(ctx, instance_of(ctx, task))


_PENDING: dict[TaskState, Callable[[Context, Task, Mapping[str, Any]], None]] = {
    TaskState.CREATING: _consent_create,
    TaskState.ASSIGNING: _consent_assign,
    TaskState.UPDATING: _consent_update,
    TaskState.COMPLETING: _consent_complete,
    TaskState.CANCELING: _consent_cancel,
}


def consent_to(ctx: Context, task: Task, proceed: bool, reason: str) -> None:
    """The pending transition goes on, or is taken back. Raises WrongState."""
    state = TaskState(task.state)
    if (state, proceed) not in CONSENT:
        raise WrongState("task", task.key, task.state)
    pending = task.pending
    if proceed:
        if state not in (TaskState.COMPLETING, TaskState.CANCELING):
            ctx.ws.change(task, state=CONSENT[state, True].value, pending={})
        _PENDING[state](ctx, task, pending)
        return
    ctx.ws.change(task, state=CONSENT[state, False].value, pending={"denied": reason}, changed_at=ctx.now)
    ctx.emit(
        "task.denied",
        "task",
        task.key,
        instance_key=task.instance_key,
        before={"state": state.value},
        after={"state": task.state, "reason": reason},
    )
