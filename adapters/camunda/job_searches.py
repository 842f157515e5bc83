"""Jobs that are not done yet, as they are searched. Source: the public contract of the API."""

from typing import Any, Literal

from starlette.responses import Response

from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import DEFAULT_TENANT, SEARCH, Call, Endpoints
from adapters.camunda.jobs import KINDS
from adapters.camunda.process_instances import root_key
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Always, Filter, Flag, Means, Searchable, found, page_of
from core.job.fields import JobField, JobWhere
from core.job.queries import JobView, SearchJobs
from core.search.query import Where
from core.times import iso_utc
from core.types import NEVER, JobState
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member

endpoints = Endpoints()

_TEXT, _KEYS, _DATE = Member("text", STRING), Member("key", KEY), Member("date", ORDERED)
_STATES = (*("CREATED", "COMPLETED", "FAILED", "RETRIES_UPDATED", "TIMED_OUT", "CANCELED", "ERROR_THROWN", "MIGRATED"),)
_EVENTS = ("UNSPECIFIED", "START", "END", "CREATING", "ASSIGNING", "UPDATING", "COMPLETING", "CANCELING")
_BY_KIND = {shown: tuple(kind for kind, name in KINDS.items() if name == shown) for shown in KINDS.values()}
_TRIED: Flag[Where[Literal["tried"]]] = Flag(Where("tried", "eq", 1), Where("tried", "eq", 0))

_MEMBERS: Filter[JobField, Where[Literal["tried"]]] = {
    "deadline": (_DATE, "deadline"),
    "deniedReason": (_TEXT, Always(None)),
    "elementId": (_TEXT, "element_id"),
    "elementInstanceKey": (_KEYS, "element_instance_key"),
    "endTime": (_DATE, Always(None)),
    "errorCode": (_TEXT, Always(None)),
    "errorMessage": (_TEXT, "error"),
    "hasFailedWithRetriesLeft": (Member("boolean"), _TRIED),
    "isDenied": (Member("boolean"), Always(None)),
    "jobKey": (_KEYS, "key"),
    "kind": (Member("enum", ENUM, tuple(_BY_KIND)), Means("kind", _BY_KIND)),
    "listenerEventType": (
        Member("enum", ENUM, _EVENTS),
        Means("event", {e: ("" if e == "UNSPECIFIED" else e.lower(),) for e in _EVENTS}),
    ),
    "processDefinitionId": (_TEXT, "process_id"),
    "processDefinitionKey": (_KEYS, "definition_key"),
    "processInstanceKey": (_KEYS, "instance_key"),
    "retries": (Member("integer", ORDERED), "retries"),
    "state": (
        Member("enum", ENUM, _STATES),
        Means("state", {s: (s,) if s in list(JobState) else () for s in _STATES}),
    ),
    "tenantId": TENANT,
    "type": (_TEXT, "type"),
    "worker": (_TEXT, "worker"),
}
_NEWER: Filter[JobField, Where[Literal["tried"]]] = {
    "creationTime": (_DATE, "created_at"),
    "lastUpdateTime": (_DATE, "changed_at"),
}
_SORT: dict[str, JobField | None] = {
    "deadline": "deadline",
    "deniedReason": None,
    "elementId": "element_id",
    "elementInstanceKey": "element_instance_key",
    "endTime": None,
    "errorCode": None,
    "errorMessage": "error",
    "hasFailedWithRetriesLeft": "tried",
    "isDenied": None,
    "jobKey": "key",
    "kind": "kind",
    "listenerEventType": "event",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "definition_key",
    "processInstanceKey": "instance_key",
    "retries": "retries",
    "state": "state",
    "tenantId": None,
    "type": "type",
    "worker": "worker",
}
JOBS: Searchable[JobField, JobField, Where[Literal["tried"]]] = Searchable({**_MEMBERS, **_NEWER}, _SORT)
_OLDER: Searchable[JobField, JobField, Where[Literal["tried"]]] = Searchable(_MEMBERS, _SORT)


def searchable(profile: Profile) -> Searchable[JobField, JobField, Where[Literal["tried"]]]:
    return JOBS if profile.has_root else _OLDER


def record(view: JobView, call: Call) -> dict[str, Any]:
    job, definition = view.job, view.known.definition
    taken = bool(job.worker) and job.available_at != NEVER
    members: dict[str, Any] = {
        "customHeaders": job.headers,
        "deadline": iso_utc(job.available_at) if taken else None,
        "deniedReason": None,
        "elementId": job.element_id,
        "elementInstanceKey": str(job.element_instance_key),
        "endTime": None,
        "errorCode": None,
        "errorMessage": job.error or None,
        "hasFailedWithRetriesLeft": job.state == JobState.FAILED and job.retries > 0,
        "isDenied": None,
        "jobKey": str(job.key),
        "kind": KINDS[job.kind],
        "listenerEventType": job.event.upper() or "UNSPECIFIED",
        "processDefinitionId": definition.process_id,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(job.instance_key),
        "retries": job.retries,
        "state": job.state,
        "tenantId": DEFAULT_TENANT,
        "type": job.type,
        "worker": job.worker,
    }
    if call.profile.has_root:
        members["rootProcessInstanceKey"] = root_key(view.instance)
        members["creationTime"], members["lastUpdateTime"] = iso_utc(job.created_at), iso_utc(job.changed_at)
    return members


@endpoints("searchJobs", "POST", "/jobs/search", SEARCH, source="documented")
async def search(call: Call) -> Response:
    jobs = searchable(call.profile)
    wanted = await jobs.read(call)
    readable: tuple[JobWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *jobs.where(wanted))
    page = await call.ask(SearchJobs(where, jobs.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))
