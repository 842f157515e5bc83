"""Lists of cases, each also as a page, and what may be started. Source: dossier processmaker.md, section 3.2."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

from adapters.common.slices import Rows
from adapters.processmaker.calls import Call, Endpoints
from adapters.processmaker.case import Case, Delegation, Names, case_of, names_in
from adapters.processmaker.errors import Business
from adapters.processmaker.projects import first_activities, may_start
from core.clock import MINUTE
from core.instance.fields import InstanceColumn, InstanceFact, InstanceWhere
from core.instance.queries import InstancesByKey, SearchInstances
from core.process.queries import ListProcesses, ProcessByUid
from core.rejections import NotFound
from core.search.query import Is, Isnt, PageRequest, Sort, Where
from core.tables.task import Task
from core.task.fields import TaskColumn, TaskWhere
from core.task.queries import HoldingsOf, SearchTasks
from core.types import InstanceState, ProcessStatus
from schemas.processmaker.case import Listing, Person, Row, read_listing, row
from schemas.processmaker.parameters import LISTED, texts
from schemas.processmaker.wire import is_date, midnight

endpoints = Endpoints()

Condition = TypeVar("Condition")
Column = TypeVar("Column", bound=str)
#: what is asked of tasks and of instances alike
_Common: TypeAlias = Where[Literal["process_key"]] | Is[Literal["mentions"]]

#: columns by which delegations are sorted
TASK_COLUMNS: Mapping[str, TaskColumn] = {
    "APP_NUMBER": "instance_number",
    "APP_UID": "instance_uid",
    "APP_TITLE": "instance_title",
    "APP_PRO_TITLE": "process_name",
    "APP_TAS_TITLE": "name",
    "APP_CURRENT_USER": "assignee",
    "APP_UPDATE_DATE": "changed_at",
    "DEL_DELEGATE_DATE": "held_since",
    "DEL_TASK_DUE_DATE": "due_at",
    "DEL_PRIORITY": "priority",
}
#: and cases
CASE_COLUMNS: Mapping[str, InstanceColumn] = {
    "APP_NUMBER": "number",
    "APP_UID": "uid",
    "APP_TITLE": "title",
    "APP_PRO_TITLE": "process_name",
    "APP_CREATE_DATE": "created_at",
    "APP_UPDATE_DATE": "changed_at",
    "APP_FINISH_DATE": "ended_at",
    "APP_STATUS": "state",
}


async def _where(
    call: Call, listing: Listing, conditions: tuple[Condition, ...]
) -> tuple[Condition | _Common, ...] | None:
    """The conditions and what the listing adds to them; None if nothing can be in it."""
    if listing.category:
        return None
    more: list[_Common] = []
    if listing.process:
        try:
            process = await call.ask(ProcessByUid(listing.process))
        except NotFound:
            return None
        more.append(Where("process_key", "eq", process.key))
    if listing.search:
        more.append(Is("mentions", listing.search))
    return (*conditions, *more)


def _sort(listing: Listing, columns: Mapping[str, Column], number: Column) -> tuple[Sort[Column], ...]:
    """The column that was asked for, then the number of the case."""
    column = columns.get(listing.sort, number)
    return tuple(Sort(name, listing.descending) for name in dict.fromkeys((column, number)))


def window(call: Call, listing: Listing) -> PageRequest:
    most = call.engine.max_list_rows
    return PageRequest(listing.limit, listing.start, cap=None, counted=call.paged, most=most)


def this_minute(call: Call) -> int:
    """Pauses end at midnight, so this is exact; and a question that is the same again may have an answer already."""
    now = call.engine.clock()
    return now - now % MINUTE


async def cases_of(call: Call, keys: Iterable[int]) -> dict[int, Case]:
    unique_keys = tuple(dict.fromkeys(keys))
    views = await call.ask(InstancesByKey(unique_keys))
    held = await call.ask(HoldingsOf(unique_keys))
    return {key: case_of(view, held[key]) for key, view in views.items()}


# delegations

#: a row of a list: a case and which of its delegations
Pair = tuple[Case, Delegation]


async def find_delegations(
    call: Call, listing: Listing, conditions: tuple[TaskWhere, ...]
) -> tuple[Rows[Task, Pair], int]:
    """(the delegations to show with their cases, how many there are)"""
    where = await _where(call, listing, conditions)
    if where is None:
        return Rows((), _none), 0
    sort = _sort(listing, TASK_COLUMNS, "instance_number")
    matches = await call.ask(SearchTasks(where, sort, window(call, listing)))
    cases: dict[int, Case] = {}

    async def pairs(tasks: Sequence[Task]) -> list[Pair]:
        """Without cases that went away between the two questions."""
        keys = {task.instance_key for task in tasks}
        # a case that goes on from the rows before is not read again
        there = {key: cases[key] for key in keys if key in cases}
        more = await cases_of(call, keys - there.keys()) if len(there) < len(keys) else {}
        cases.clear()
        cases.update(there)
        cases.update(more)
        cases_and_keys = ((cases.get(task.instance_key), task.key) for task in tasks)
        return [(c, c.last_of_tasks[key]) for c, key in cases_and_keys if c is not None and key in c.last_of_tasks]

    return Rows([view.task for view in matches.items], pairs), matches.total


async def _none(keys: Sequence[Any]) -> list[Pair]:
    return []


def _is_open(username: str) -> tuple[TaskWhere, ...]:
    return Where("assignee", "eq", username), Where("ended_at", "exists", False)


def inbox(call: Call) -> tuple[TaskWhere, ...]:
    who = call.person()
    awake: TaskWhere = Isnt("paused", this_minute(call))
    return (*_is_open(who.username), awake, Where("draft", "eq", 0))


def drafts(call: Call) -> tuple[TaskWhere, ...]:
    who = call.person()
    awake: TaskWhere = Isnt("paused", this_minute(call))
    return (*_is_open(who.username), awake, Where("draft", "eq", 1))


def paused(call: Call) -> tuple[TaskWhere, ...]:
    who = call.person()
    return (*_is_open(who.username), Where("draft", "in", (0, 1)), Is("paused", this_minute(call)))


def unassigned(call: Call) -> tuple[TaskWhere, ...]:
    who = call.person()
    return (
        Is("visible_to", (who.username, list(who.groups))),
        Where("assignee", "exists", False),
        Where("ended_at", "exists", False),
        Where("draft", "eq", 0),
    )


async def _delegation_list(call: Call, conditions: tuple[TaskWhere, ...], *, with_previous: bool = True) -> Any:
    listing = read_listing(call.values, TASK_COLUMNS)
    pairs, total = await find_delegations(call, listing, conditions)
    return _reply(call, listing, pairs, total, with_previous=with_previous)


def _reply(call: Call, listing: Listing, pairs: Rows[Any, Pair], total: int, *, with_previous: bool = True) -> Any:
    rows = shown(call, pairs, row, with_previous=with_previous)
    return listing.page(rows, total) if call.paged else rows


def shown(
    call: Call, pairs: Rows[Any, Pair], spelled: Callable[[Row], Any], *, with_previous: bool = True
) -> Rows[Any, Any]:
    """The rows of a list, as this list spells them."""
    now = call.engine.clock()

    async def make(items: Sequence[Any]) -> list[Any]:
        some = list(await pairs.make(items))
        named = [d for case, delegation in some for d in (delegation, case.last) if d is not None]
        names = await names_in(call, named)
        return [spelled(list_row(case, d, names, now, with_previous=with_previous)) for case, d in some]

    return Rows(pairs.items, make)


def person(names: Names, username: str | None) -> Person:
    user = names.user(username)
    if user is None:
        return Person(display_name=username or "")
    return Person(user.uid, user.username, user.first_name, user.last_name, names.display_name(username))


def list_row(case: Case, delegation: Delegation, names: Names, now: int, *, with_previous: bool = True) -> Row:
    task, last = delegation.task, case.last or delegation
    return Row(
        case_uid=case.instance.uid,
        number=case.instance.number,
        title=case.title,
        status=case.status,
        process_uid=case.process.uid,
        process_name=case.process.name,
        index=delegation.index,
        is_last=delegation is last,
        task_uid=names.task_uid(task),
        task_name=task.name,
        user=person(names, delegation.user),
        previous=person(names, delegation.previous_user),
        current_task_name=last.task.name,
        current=person(names, last.user),
        created_at=case.instance.created_at,
        updated_at=case.updated_at,
        finished_at=case.instance.ended_at,
        delegated_at=delegation.began_at,
        init_at=delegation.init_at,
        ended_at=delegation.ended_at,
        due_at=delegation.due_at,
        risk_at=delegation.risk_at,
        priority=task.priority,
        now=now,
        with_previous=with_previous,
    )


@endpoints("listCases", "GET", "/cases", "/case", "/cases/paged", "/case/paged", takes=LISTED)
async def list_inbox(call: Call) -> Any:
    return await _delegation_list(call, inbox(call))


@endpoints(
    "listDraftCases", "GET", "/cases/draft", "/case/draft", "/cases/draft/paged", "/case/draft/paged", takes=LISTED
)
async def list_drafts(call: Call) -> Any:
    return await _delegation_list(call, drafts(call), with_previous=False)


@endpoints(
    "listPausedCases", "GET", "/cases/paused", "/case/paused", "/cases/paused/paged", "/case/paused/paged", takes=LISTED
)
async def list_paused(call: Call) -> Any:
    return await _delegation_list(call, paused(call))


_UNASSIGNED = ("/cases/unassigned", "/case/unassigned", "/cases/unassigned/paged", "/case/unassigned/paged")


@endpoints("listUnassignedCases", "GET", *_UNASSIGNED, takes=LISTED)
async def list_unassigned(call: Call) -> Any:
    return await _delegation_list(call, unassigned(call))


# cases, one row each


async def find_cases(
    call: Call, listing: Listing, conditions: tuple[InstanceWhere, ...]
) -> tuple[Rows[int, Pair], int]:
    """Each with its last delegation."""
    where = await _where(call, listing, conditions)
    if where is None:
        return Rows((), _none), 0
    sort = _sort(listing, CASE_COLUMNS, "number")
    matches = await call.ask(SearchInstances(where, sort, window(call, listing)))

    async def pairs(keys: Sequence[int]) -> list[Pair]:
        cases = await cases_of(call, keys)
        rows = [cases[key] for key in keys if key in cases]
        return [(case, case.last) for case in rows if case.last is not None]

    return Rows([view.instance.key for view in matches.items], pairs), matches.total


def participated(call: Call) -> tuple[InstanceWhere, ...]:
    return (Is("participant", call.person().username),)


_PARTICIPATED = ("/cases/participated", "/case/participated", "/cases/participated/paged", "/case/participated/paged")


@endpoints("listParticipatedCases", "GET", *_PARTICIPATED, takes=LISTED)
async def list_participated(call: Call) -> Any:
    conditions = participated(call)
    listing = read_listing(call.values, CASE_COLUMNS)
    pairs, total = await find_cases(call, listing, conditions)
    return _reply(call, listing, pairs, total)


def _status(call: Call, status: str) -> tuple[InstanceWhere, ...]:
    """Any other word is no condition."""
    now = this_minute(call)
    active: InstanceWhere = Where("state", "eq", InstanceState.ACTIVE.value)
    awake: InstanceWhere = Isnt("paused", now)
    conditions: dict[str, tuple[InstanceWhere, ...]] = {
        "TO_DO": (active, Isnt("drafted"), awake),
        "DRAFT": (active, Is("drafted"), awake),
        "PAUSED": (active, Is("paused", now)),
        "CANCELLED": (Where("state", "eq", InstanceState.TERMINATED.value),),
        "COMPLETED": (Where("state", "eq", InstanceState.COMPLETED.value),),
    }
    return conditions.get(status, ())


#: which day, what it says of a delegation, and by how many days it is put off
_DAYS: tuple[tuple[str, InstanceFact, int], ...] = (
    ("date_from", "holding_since", 0),
    ("date_to", "holding_before", 1),
)


def _since(call: Call) -> tuple[InstanceWhere, ...]:
    """Days, both inclusive, on which a delegation was made."""
    conditions: list[InstanceWhere] = []
    for name, fact, more in _DAYS:
        text = str(call.values.get(name) or "")
        if not text:
            continue
        if not is_date(text):
            raise Business(f"The value '{text}' is not a valid date for the format 'Y-m-d'.")
        conditions.append(Is(fact, midnight(text, more)))
    return tuple(conditions)


_SEARCH = (
    *("/cases/advanced-search", "/case/advanced-search"),
    *("/cases/advanced-search/paged", "/case/advanced-search/paged"),
)


_SEARCH_TAKES = (*LISTED[:-1], *texts("app_status usr_uid date_from date_to"), LISTED[-1])


@endpoints("searchCases", "GET", *_SEARCH, takes=_SEARCH_TAKES)
async def search(call: Call) -> Any:
    """Only cases in which the caller has a delegation; `usr_uid` is read and ignored, as 3.3 does."""
    participation = participated(call)
    listing = read_listing(call.values, CASE_COLUMNS)
    status = str(call.values.get("app_status") or "")
    more = (*_status(call, status), *_since(call))
    pairs, total = await find_cases(call, listing, (*participation, *more))
    reply = _reply(call, listing, pairs, total, with_previous=bool(more or listing.process or listing.search))
    if not call.paged:
        return reply
    echoed = {name: str(call.values.get(name) or "") for name in ("usr_uid", "date_from", "date_to")}
    return {**reply, "app_status": status.lower(), **echoed}


# what may be started


@endpoints("listStartCases", "GET", "/cases/start-cases", "/case/start-cases", takes=texts("type_view"))
async def start_cases(call: Call) -> Any:
    """None at all is told by an object, with status 200."""
    who = call.person()
    by_category = call.values.get("type_view") == "category"
    rows: list[dict[str, str]] = []
    for process in await call.ask(ListProcesses()):
        if process.status != ProcessStatus.ACTIVE:
            continue
        for activity in await may_start(call, who.user_key, await first_activities(call, process)):
            title = f"{process.name} ({activity.name})"
            members = {"tas_uid": activity.uid, "pro_title": title, "pro_uid": process.uid}
            rows.append({**members, "pro_category": "", "category_name": ""} if by_category else members)
    if not rows:
        return {"success": "failure", "message": "You don't have processes to start..."}
    return rows
