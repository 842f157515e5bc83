"""Jobs of elements, listeners and user tasks: workers take them, and do them. Source: dossier camunda.md, sections 2.13
and 3.11."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import COMMAND, DEFAULT_TENANT, SEARCH, UPDATE, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.forms import form_of
from adapters.camunda.process_instances import root_key
from adapters.common.http import Raw
from core.clock import SECOND
from core.graph.tokens import Led
from core.instance.queries import InstanceByKey, InstanceView, Variables
from core.job.commands import ActivateJobs, CompleteJob, FailJob, ThrowError, UpdateJob
from core.job.queries import PendingOf
from core.rejections import Invalid, NotFound, WrongState
from core.tables.job import Job
from core.task.queries import TaskByKey
from core.times import iso_utc, parse_timestamp
from core.types import JobKind
from schemas.camunda.body import InvalidArgument
from schemas.camunda.job import (
    Activation,
    Completion,
    parse_activation,
    parse_change,
    parse_completion,
    parse_error,
    parse_failure,
)

endpoints = Endpoints()

OF_JOB, CHANGE = COMMAND[:-1], (204, *UPDATE[1:])

KINDS: Mapping[str, str] = {
    JobKind.OF_TASK: "TASK_LISTENER",
    JobKind.OF_ELEMENT: "EXECUTION_LISTENER",
    JobKind.TASK: "BPMN_ELEMENT",
    JobKind.ELEMENT: "BPMN_ELEMENT",
    JobKind.AD_HOC: "AD_HOC_SUB_PROCESS",
}
_HEADER = "io.camunda.zeebe:"
#: what a correction is called in the engine
_COLUMNS = {
    "assignee": "assignee",
    "dueDate": "due_at",
    "followUpDate": "follow_up_at",
    "candidateUsers": "candidate_users",
    "candidateGroups": "candidate_groups",
    "priority": "priority",
}
_SHOWN = {column: name for name, column in _COLUMNS.items()}


@endpoints("activateJobs", "POST", "/jobs/activation", SEARCH)
async def activate(call: Call) -> Response:
    """Waits for jobs if there are none, as long as the request says."""
    call.means(errors.WORK)
    wanted = parse_activation(await call.body())
    _check_tenants(wanted.tenants)
    call.check_doing()
    wait = wanted.wait / SECOND if wanted.wait > 0 else call.timeout if wanted.wait == 0 else 0.0
    deadline = asyncio.get_running_loop().time() + wait
    jobs = await _take(call, wanted)
    while not jobs and (left := deadline - asyncio.get_running_loop().time()) > 0:
        if await call.waiting.wait(call.principal, wanted.type, left):
            if await call.request.is_disconnected():  # nobody would do them
                break
            jobs = await _take(call, wanted)
    return reply({"jobs": [await _record(call, job, wanted) for job in jobs]})


def _check_tenants(tenants: Sequence[str]) -> None:
    """Raises Problem."""
    if any(tenant != DEFAULT_TENANT for tenant in tenants):
        detail = (
            f"Expected to handle request Activate Jobs with tenant identifiers '[{', '.join(tenants)}]', but "
            "multi-tenancy is disabled"
        )
        raise Problem(400, "INVALID_ARGUMENT", detail)


async def _take(call: Call, wanted: Activation) -> tuple[Job, ...]:
    return await call.do(ActivateJobs(wanted.type, wanted.worker, wanted.timeout, wanted.limit))


async def _record(call: Call, job: Job, wanted: Activation) -> dict[str, Any]:
    view = await call.ask(InstanceByKey(job.instance_key))
    definition = view.known.definition
    variables = await call.ask(Variables(job.instance_key, job.element_instance_key))
    members: dict[str, Any] = {
        "jobKey": str(job.key),
        "type": job.type,
        "kind": KINDS[job.kind],
        "listenerEventType": job.event.upper() or "UNSPECIFIED",
        "worker": job.worker,
        "retries": job.retries,
        "deadline": job.available_at,
        "customHeaders": {**job.headers, **await _headers(call, job)},
        "variables": {n: v for n, v in variables.items() if not wanted.fetch or n in wanted.fetch},
        "tenantId": DEFAULT_TENANT,
        "elementId": job.element_id,
        "elementInstanceKey": str(job.element_instance_key),
        "processInstanceKey": str(job.instance_key),
        "processDefinitionId": definition.process_id,
        "processDefinitionVersion": definition.version,
        "processDefinitionKey": str(definition.key),
        "userTask": await _user_task(call, job, view) if job.kind == JobKind.OF_TASK else None,
        "tags": view.instance.tags,
    }
    return _newer(call, members, view)


def _newer(call: Call, members: dict[str, Any], view: InstanceView) -> dict[str, Any]:
    if call.profile.has_root:
        members["rootProcessInstanceKey"] = root_key(view.instance)
    if call.profile.has_business_id:
        members["businessId"] = view.instance.business_id or None
        members |= {"physicalTenantId": "default", "priority": 0, "jobLeaseToken": None}
    return members


async def _headers(call: Call, job: Job) -> dict[str, str]:
    """What a worker is told of a task that it may do: whose it is, and what is to be shown."""
    if job.kind != JobKind.TASK:
        return {}
    view = await call.ask(TaskByKey(job.task_key))
    task, form = view.task, await form_of(call, view.task, view.known)
    values = {
        "assignee": task.assignee,
        "candidateGroups": _names(task.candidate_groups),
        "candidateUsers": _names(task.candidate_users),
        "dueDate": None if task.due_at is None else iso_utc(task.due_at),
        "followUpDate": None if task.follow_up_at is None else iso_utc(task.follow_up_at),
        "formKey": str(form.key) if form is not None else task.form_reference,
    }
    return {f"{_HEADER}{name}": value for name, value in values.items() if value}


def _names(names: Sequence[str]) -> str:
    return orjson.dumps(list(names)).decode() if names else ""


async def _user_task(call: Call, job: Job, view: InstanceView) -> dict[str, Any]:
    """The task as it would be behind the transition, with what other listeners corrected."""
    pending = await call.ask(PendingOf(job.task_key))
    task, changes = pending.task, pending.changes
    values = {name: changes.get(column, getattr(task, column)) for name, column in _COLUMNS.items()}
    for name in ("dueDate", "followUpDate"):
        values[name] = iso_utc(values[name]) if values[name] is not None else None
    form = await form_of(call, task, view.known)
    return {
        **values,
        "assignee": values["assignee"] or None,
        "action": pending.label if pending.label is not None else "create" if job.event == "creating" else "",
        "changedAttributes": sorted(_SHOWN[column] for column in changes if column in _SHOWN),
        "formKey": str(form.key) if form is not None else None,
        "userTaskKey": str(task.key),
    }


def _absent(intent: str, verb: str, key: int) -> Problem:
    reason = f"Expected to {verb} job with key '{key}', but no such job was found"
    return Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


def _stuck(intent: str, verb: str, key: int, error: WrongState) -> Problem:
    """It failed, and waits until somebody resolves that; a task that has ended has no job, either."""
    if error.kind != "job":
        return _absent(intent, verb, key)
    reason = f"Expected to {verb} job with key '{key}', but it is in state '{error.state}'"
    return Problem(409, "INVALID_STATE", f"Command '{intent}' rejected with code 'INVALID_STATE': {reason}")


def _corrections(wanted: Completion) -> dict[str, Any]:
    """Raises InvalidArgument."""
    corrections: dict[str, Any] = {}
    for name, value in wanted.corrections.items():
        if name in ("dueDate", "followUpDate"):
            try:
                corrections[_COLUMNS[name]] = parse_timestamp(value) if value else None
            except ValueError:
                raise InvalidArgument(
                    f"The provided {name} '{value}' cannot be parsed as a date according to RFC 3339, section 5.6."
                ) from None
        elif name == "priority" and not 0 <= value <= 100:
            raise InvalidArgument(f"The value for priority is '{value}' but must be within the [0,100] range.")
        else:
            corrections[_COLUMNS[name]] = value
    return corrections


@endpoints("completeJob", "POST", "/jobs/{jobKey}/completion", OF_JOB)
async def complete(call: Call) -> Response:
    call.means(errors.WORK)
    key = call.key("jobKey")
    wanted = parse_completion(await call.body())
    command = CompleteJob(
        key, wanted.variables, wanted.denied, wanted.reason, corrections=_corrections(wanted), led=_led(wanted)
    )
    try:
        await call.do(command)
    except WrongState as error:
        raise _stuck("COMPLETE", "complete", key, error) from None
    except NotFound:
        raise _absent("COMPLETE", "complete", key) from None
    except Invalid as error:
        refusal = _refusal(error) if error.field != "led" else _ill_led(key, error)
        detail = f"Command 'COMPLETE' rejected with code 'INVALID_ARGUMENT': {refusal}"
        raise Problem(400, "INVALID_ARGUMENT", detail) from None
    return Raw(204)


def _ill_led(key: int, error: Invalid) -> str:
    expected = f"Expected to complete job with key '{key}', but"
    match error.reason:
        case "kind":
            return f"{expected} it is none of an ad-hoc sub-process"
        case "both":
            return f"{expected} the completion condition is fulfilled, and no elements can be activated"
        case _:
            return f"{expected} the given elements [{error.value}] do not exist."


def _led(wanted: Completion) -> Led | None:
    return None if wanted.ad_hoc is None else Led(*wanted.ad_hoc)


def _refusal(error: Invalid) -> str:
    """What a listener may not do. The vendor ends these with a line break."""
    job = error.value
    assert isinstance(job, Job)
    its = f"(job key '{job.key}', type '{job.type}', processInstanceKey '{job.instance_key}')"
    texts = {
        "variables": f"Task Listener job completion with variables payload provided is not yet supported {its}. "
        "Support will be enabled with the resolution of issue #23702.\n",
        "denied": f"Denying result is not supported for '{job.event.upper()}' task listener jobs {its}. "
        "Only the following listener event types support denying: [ASSIGNING, UPDATING, COMPLETING].\n",
        "corrections": f"Expected to complete task listener job with corrections, but the job result is denied {its}. "
        "The corrections would be reverted by the denial. Either complete the job with corrections without setting "
        "denied, or complete the job with a denied result but no corrections.\n",
        "assignee": "Expected to complete task listener job, but correcting the assignee on 'CREATING' event is not "
        f"supported when the user task has an assignee defined in the model {its}. Use the 'CREATING' event to set an "
        "assignee only if it was not defined. Use the 'ASSIGNING' event to correct an assignee that is already "
        "defined.\n",
    }
    other = f"Expected to complete job with key '{job.key}', but a listener of '{job.event}' cannot deny or correct"
    return texts.get(error.field, other)


@endpoints("failJob", "POST", "/jobs/{jobKey}/failure", OF_JOB)
async def fail(call: Call) -> Response:
    """Without retries it is an incident."""
    call.means(errors.WORK)
    key = call.key("jobKey")
    wanted = parse_failure(await call.body())
    try:
        await call.do(FailJob(key, wanted.retries, wanted.error, wanted.back_off, wanted.variables))
    except WrongState as error:
        raise _stuck("FAIL", "fail", key, error) from None
    except NotFound:
        raise _absent("FAIL", "fail", key) from None
    return Raw(204)


@endpoints("throwJobError", "POST", "/jobs/{jobKey}/error", OF_JOB)
async def throw(call: Call) -> Response:
    """It goes on where the error is caught."""
    call.means(errors.WORK)
    key = call.key("jobKey")
    wanted = parse_error(await call.body())
    try:
        await call.do(ThrowError(key, wanted.code, wanted.message, wanted.variables))
    except WrongState as error:
        raise _stuck("THROW_ERROR", "throw an error for", key, error) from None
    except NotFound:
        raise _absent("THROW_ERROR", "throw an error for", key) from None
    except Invalid as error:
        job = error.value
        assert isinstance(job, Job)
        detail = (
            f"Cannot throw BPMN error from {KINDS[job.kind]} job with key '{key}', type '{job.type}' and "
            f"processInstanceKey '{job.instance_key}'"
        )
        detail = f"Command 'THROW_ERROR' rejected with code 'INVALID_STATE': {detail}"
        raise Problem(409, "INVALID_STATE", detail) from None
    return Raw(204)


@endpoints("updateJob", "PATCH", "/jobs/{jobKey}", CHANGE)
async def update(call: Call) -> Response:
    call.means(errors.WORK)
    key = call.key("jobKey")
    wanted = parse_change(await call.body())
    try:
        await call.do(UpdateJob(key, wanted.retries, wanted.timeout))
    except NotFound:
        raise _absent("UPDATE", "update", key) from None
    return Raw(204)
