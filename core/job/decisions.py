"""Jobs of listeners and of tasks, and timers that are due."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, bindparam, select

from core.flow import adhoc, errors, incidents, listeners, mappings
from core.flow.plans import plan_element, plan_held_instance, plan_loss, plan_occurrence
from core.flow.run import Run
from core.graph.durations import next_due
from core.instance.commands import StartInstance
from core.instance.decisions import begin
from core.job.commands import ActivateJobs, CompleteJob, FailJob, FireTimer, ThrowError, UpdateJob
from core.principal import Principal
from core.process.versions import plan_process
from core.rejections import ExecutionFailed, Forbidden, Invalid, NotFound, Uncaught, WrongState
from core.states import CONSENT
from core.storage.record import load_all
from core.storage.statements import Flavour, Statement, any_of, bulk_update, table_of
from core.tables.instance import ElementInstance, Instance
from core.tables.job import Job, Timer
from core.tables.process import Definition, Process
from core.tables.task import Task
from core.task.decisions import consent_to, end_with, plan_completion
from core.turn.command import Done
from core.turn.commits import commit_once
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.sets import SetTurn, handles_set
from core.turn.workingset import Load, Read, WorkingSet
from core.types import (
    NEVER,
    Action,
    ElementState,
    InstanceState,
    JobKind,
    JobState,
    Permission,
    ProcessStatus,
    TaskState,
    Trouble,
)

jobs, definitions = table_of(Job), table_of(Definition)


# Activation: a set, so that two workers never get the same job


@lru_cache(maxsize=4)
def _available(lock: bool, limited: bool) -> Statement:
    """`limited` to those of certain processes."""
    statement = (
        select(*jobs.columns)
        .where(
            jobs.c.tenant_key == bindparam("tenant", type_=BigInteger),
            jobs.c.type == bindparam("type", type_=Text),
            jobs.c.available_at <= bindparam("now", type_=BigInteger),
            jobs.c.retries > 0,
        )
        .order_by(jobs.c.available_at, jobs.c.key)
        .limit(bindparam("limit", type_=Integer))
    )
    if limited:
        of_processes = select(definitions.c.key).where(any_of(definitions.c.process_id, "processes"))
        statement = statement.where(jobs.c.definition_key.in_(of_processes))
    return Statement(statement.with_for_update(skip_locked=True) if lock else statement)


@handles_set(ActivateJobs)
def activate_jobs(cmd: ActivateJobs, turn: SetTurn) -> tuple[Job, ...]:
    who, connection, now = turn.who, turn.connection, turn.now
    if not who.may(Permission.WORK):
        raise Forbidden(Permission.WORK, kind="job")
    connection.begin()
    locks = connection.flavour is Flavour.POSTGRESQL
    params: dict[str, Any] = {"tenant": who.tenant_key, "type": cmd.type, "now": now, "limit": cmd.limit}
    extent = None if who.reach is None else who.reach.extents.get(Action.UPDATE_INSTANCE)
    limited = extent is not None and not extent.everything
    if extent is not None and limited:
        params["processes"] = sorted(extent.processes)
    activated = load_all(Job, connection.fetch(_available(locks, limited), params))
    for job in activated:
        job.worker, job.available_at = cmd.worker, now + cmd.timeout
    if activated:
        changes = bulk_update(Job, ("worker", "available_at"))
        connection.bulk(changes, [(job.worker, job.available_at, job.key) for job in activated])
    commit_once(connection, None)  # jobs that nobody got are free again in a while
    return tuple(activated)


# One job


def _plan_job(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Job, "key", (cmd.key,))]


def _job(ctx: Context, key: int) -> Job:
    job = ctx.ws.get(Job, key)
    if job is None or job.tenant_key != ctx.principal.tenant_key:
        raise NotFound("job", key)
    ctx.require_reach(Action.UPDATE_INSTANCE, kind="job", id=key, definition_key=job.definition_key)
    return job


def _is_stuck(ctx: Context, job: Job) -> bool:
    """It has an incident, which is to be resolved first."""
    return job.available_at == NEVER and ctx.definitions[job.definition_key].program.graph.incidents


def _plan_failure(cmd: FailJob, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Job, "key", (cmd.key,))]
    job = ws.get(Job, cmd.key)
    if job is not None and (cmd.variables or (cmd.retries < 1 and known[job.definition_key].program.graph.incidents)):
        yield from plan_element(job.instance_key, job.element_instance_key, ws, known)
    yield [Load(Job, "key", (cmd.key,))]


@handles(FailJob, _plan_failure)
def fail_job(cmd: FailJob, ctx: Context) -> Done:
    job = _job(ctx, cmd.key)
    if _is_stuck(ctx, job):
        raise WrongState("job", job.key, JobState.FAILED.value)
    gone = cmd.retries < 1
    available_at = NEVER if gone else ctx.now + cmd.back_off
    ctx.ws.change(job, retries=max(cmd.retries, 0), error=cmd.error, available_at=available_at)
    ctx.ws.change(job, state=JobState.FAILED.value, changed_at=ctx.now)
    after_it = {"retries": job.retries, "error": cmd.error}
    ctx.emit("job.failed", "job", job.key, instance_key=job.instance_key, after=after_it)
    known = ctx.definitions[job.definition_key]
    if not cmd.variables and not (gone and known.program.graph.incidents):
        return Done()
    instance, waiting = ctx.ws.get(Instance, job.instance_key), ctx.ws.get(ElementInstance, job.element_instance_key)
    if instance is not None and waiting is not None:
        run = Run(ctx, known, instance)
        if cmd.variables:
            run.put(waiting.key, cmd.variables)
        if gone and known.program.graph.incidents:
            failure = ExecutionFailed(job.element_id, cmd.error, _TROUBLES.get(JobKind(job.kind), Trouble.JOB))
            incidents.stand_still(run, waiting, failure, step={}, job_key=job.key)
    return Done()


_TROUBLES = {
    JobKind.OF_ELEMENT: Trouble.LISTENER,
    JobKind.OF_TASK: Trouble.TASK_LISTENER,
    JobKind.AD_HOC: Trouble.AD_HOC_JOB,
}


@handles(UpdateJob, _plan_job)
def update_job(cmd: UpdateJob, ctx: Context) -> Done:
    job = _job(ctx, cmd.key)
    new: dict[str, int] = {}
    if cmd.retries is not None:
        new["retries"] = cmd.retries
        if job.available_at == NEVER and cmd.retries > 0 and not _is_stuck(ctx, job):
            new["available_at"] = ctx.now
    if cmd.timeout is not None and job.available_at != NEVER:
        new["available_at"] = ctx.now + cmd.timeout
    before = {name: getattr(job, name) for name in new}
    ctx.ws.change(job, **new, changed_at=ctx.now)
    if cmd.retries is not None:
        ctx.ws.change(job, state=JobState.RETRIES_UPDATED.value)
    ctx.emit("job.updated", "job", job.key, instance_key=job.instance_key, before=before, after=new)
    return Done()


def _plan_completion(cmd: CompleteJob, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Job, "key", (cmd.key,))]
    job = ws.get(Job, cmd.key)
    if job is None:
        return
    if job.task_key:
        yield from plan_completion(job.task_key, ws, known, sets_variables=True, consents=True)
    yield from plan_element(job.instance_key, job.element_instance_key, ws, known)
    yield [Load(Job, "key", (cmd.key,))]


@handles(CompleteJob, _plan_completion)
def complete_job(cmd: CompleteJob, ctx: Context) -> Done:
    job = _job(ctx, cmd.key)
    if _is_stuck(ctx, job):
        raise WrongState("job", job.key, JobState.FAILED.value)
    ctx.ws.remove(job)
    if cmd.led is not None and job.kind != JobKind.AD_HOC:
        raise Invalid("led", "kind", job)
    done = {"type": job.type, "event": job.event, "denied": cmd.denied}
    ctx.emit("job.completed", "job", job.key, instance_key=job.instance_key, after=done)
    if job.kind == JobKind.TASK:
        _done_by_worker(cmd, ctx, job)
    elif job.task_key:
        _done_for_task(cmd, ctx, job)
    elif job.kind in (JobKind.ELEMENT, JobKind.AD_HOC):
        _element_done(cmd, ctx, job)
    else:
        _done_for_element(cmd, ctx, job)
    return Done()


def _done_by_worker(cmd: CompleteJob, ctx: Context, job: Job) -> None:
    """The task itself is done; there is nothing to deny or to correct."""
    task = ctx.ws.get(Task, job.task_key)
    if task is None:
        raise NotFound("job", cmd.key)
    end_with(ctx, task, cmd.variables)


def _done_for_task(cmd: CompleteJob, ctx: Context, job: Job) -> None:
    """Whoever does the job need not be one who may work on the task."""
    task = ctx.ws.get(Task, job.task_key)
    if task is None:
        raise NotFound("job", cmd.key)
    _check_result(cmd, task, job)
    if cmd.denied:
        consent_to(ctx, task, False, cmd.reason)
        return
    if cmd.corrections:
        corrections = {**task.pending.get("corrections", {}), **cmd.corrections}
        ctx.ws.change(task, pending={**task.pending, "corrections": corrections})
    template = ctx.definitions[task.definition_key].program.elements[task.element_id].task
    asked = template.heard(job.event) if template is not None else ()
    if job.position + 1 < len(asked):
        listeners.ask_of_task(ctx, task, asked, job.position + 1)
    else:
        consent_to(ctx, task, True, "")


def _check_result(cmd: CompleteJob, task: Task, job: Job) -> None:
    """Raises Invalid with the job as its value."""
    if cmd.variables:
        raise Invalid("variables", "task", job)
    if cmd.denied and (TaskState(task.state), False) not in CONSENT:
        raise Invalid("denied", "event", job)
    if cmd.denied and cmd.corrections:
        raise Invalid("corrections", "denied", job)
    if "assignee" in cmd.corrections and task.state == TaskState.CREATING and task.pending.get("assignee"):
        raise Invalid("assignee", "named", job)


def _element_done(cmd: CompleteJob, ctx: Context, job: Job) -> None:
    """What a worker had to do at an element is done; there is nothing to deny or to correct."""
    instance, waiting = ctx.ws.get(Instance, job.instance_key), ctx.ws.get(ElementInstance, job.element_instance_key)
    if instance is None or waiting is None or waiting.state != ElementState.ACTIVE:
        raise NotFound("job", cmd.key)
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    element = run.known.program.elements[waiting.element_id]
    if cmd.variables:
        mappings.result(run, element, waiting, cmd.variables)
    if job.kind != JobKind.AD_HOC:
        run.later(element, waiting)
    elif cmd.led is not None:
        adhoc.lead(run, element, waiting, cmd.led)
    run.settle()


def _done_for_element(cmd: CompleteJob, ctx: Context, job: Job) -> None:
    instance, waiting = ctx.ws.get(Instance, job.instance_key), ctx.ws.get(ElementInstance, job.element_instance_key)
    if instance is None or waiting is None or waiting.state != ElementState.ACTIVE:
        raise NotFound("job", cmd.key)
    if cmd.denied or cmd.corrections:
        raise Invalid("result", "element", job)
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    if cmd.variables:
        if job.event == "start" or not waiting.scope_key:
            run.put(waiting.key, cmd.variables)
        else:
            run.merge(waiting.scope_key, cmd.variables)
    run.heard(waiting, job.event, job.position)


# Errors


def _plan_error(cmd: ThrowError, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Job, "key", (cmd.key,))]
    job = ws.get(Job, cmd.key)
    if job is None:
        return
    yield from plan_held_instance(job.instance_key, ws)
    yield from plan_loss(job.instance_key, job.element_instance_key, ws)
    yield from plan_element(job.instance_key, job.element_instance_key, ws, known)
    yield [Load(Job, "key", (cmd.key,))]


@handles(ThrowError, _plan_error)
def throw_error(cmd: ThrowError, ctx: Context) -> Done:
    job = _job(ctx, cmd.key)
    if job.kind == JobKind.OF_TASK:
        raise Invalid("code", "task", job)
    instance, waiting = ctx.ws.get(Instance, job.instance_key), ctx.ws.get(ElementInstance, job.element_instance_key)
    if instance is None or waiting is None or waiting.state != ElementState.ACTIVE:
        raise NotFound("job", cmd.key)
    if _is_stuck(ctx, job):
        raise WrongState("job", job.key, JobState.FAILED.value)
    start = ctx.mark()
    thrown = {"type": job.type, "code": cmd.code, "message": cmd.message}
    ctx.emit("job.thrown", "job", job.key, instance_key=job.instance_key, after=thrown)
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    try:
        ctx.ws.remove(job)
        errors.throw(run, waiting, cmd.code, cmd.message, cmd.variables)
    except Uncaught as failure:
        if not run.known.program.graph.incidents:
            raise
        ctx.undo(start)
        ctx.ws.change(job, available_at=NEVER, state=JobState.ERROR_THROWN.value, changed_at=ctx.now)
        incidents.stand_still(run, waiting, failure, step={}, job_key=job.key)
        return Done()
    run.settle()
    return Done()


# Timers


def _plan_timer(cmd: FireTimer, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Timer, "key", (cmd.key,))]
    timer = ws.get(Timer, cmd.key)
    if timer is None:
        return
    if timer.instance_key:
        yield from plan_occurrence(timer.instance_key, timer.element_instance_key, ws, known)
    else:
        yield [Read(Definition, "key", (timer.definition_key,))]
        definition = ws.get(Definition, timer.definition_key)
        if definition is not None:
            yield from plan_process(definition.process_key, ws, known, definition_key=definition.key)
    yield [Load(Timer, "key", (cmd.key,))]


@handles(FireTimer, _plan_timer)
def fire_timer(cmd: FireTimer, ctx: Context) -> Done:
    timer = ctx.ws.get(Timer, cmd.key)
    if timer is None or timer.due_at > ctx.now:
        return Done()
    if cmd.postpone:
        ctx.ws.change(timer, due_at=ctx.now + cmd.postpone)
        return Done()
    if not timer.instance_key:
        _start_in_time(ctx, timer)
        return Done()
    instance, waiting = (
        ctx.ws.get(Instance, timer.instance_key),
        ctx.ws.get(ElementInstance, timer.element_instance_key),
    )
    gone = instance is None or instance.state != InstanceState.ACTIVE
    if gone or waiting is None or waiting.state != ElementState.ACTIVE:
        ctx.ws.remove(timer)
        return Done()
    assert instance is not None
    run = Run(ctx, ctx.definitions[instance.definition_key], instance)
    event = run.known.program.elements[timer.element_id]
    _next(ctx, timer)
    ctx.emit("timer.fired", "timer", timer.key, instance_key=instance.key, after={"element": timer.element_id})
    run.occur(event, waiting)
    return Done()


def _start_in_time(ctx: Context, timer: Timer) -> None:
    """A timer of a start event: an instance begins there."""
    definition = ctx.ws.get(Definition, timer.definition_key)
    process = ctx.ws.get(Process, definition.process_key) if definition is not None else None
    if process is None or process.status != ProcessStatus.ACTIVE:
        ctx.ws.remove(timer)
        return
    run = begin(ctx, process.key, StartInstance(process.key, definition_key=timer.definition_key))
    _next(ctx, timer)
    after_it = {"element": timer.element_id}
    ctx.emit("timer.fired", "timer", timer.key, instance_key=run.instance.key, after=after_it)
    run.begin(run.known.program.elements[timer.element_id])


def _next(ctx: Context, timer: Timer) -> None:
    """A cycle goes on from when it was due, not from when somebody noticed."""
    remaining = timer.remaining - 1 if timer.remaining > 0 else timer.remaining
    if not timer.cycle or remaining == 0:
        ctx.ws.remove(timer)
        return
    ctx.ws.change(timer, due_at=max(next_due(timer.due_at, timer.cycle), ctx.now), remaining=remaining)
