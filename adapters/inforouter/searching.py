"""Task criteria and sorts as searches of the engine. Source: dossier inforouter.md, section 3.7; Q9, Q9b."""

from dataclasses import dataclass
from typing import Any

from adapters.inforouter.auth import Call
from adapters.inforouter.priorities import bounds
from core.library.queries import Libraries
from core.people.queries import UsersByNumber
from core.principal import Principal
from core.search.query import Comparison, Is, PageRequest, Sort, Where
from core.tables.task import Holding, Task
from core.task.fields import TaskColumn, TaskField, TaskSort, TaskWhere
from core.task.queries import SearchNumbered, SearchTasks
from core.types import OPEN_TASK_STATES, InstanceState, TaskState
from schemas.inforouter.criteria import Sorting
from schemas.inforouter.moments import Moment

_OPEN = [s.value for s in OPEN_TASK_STATES]
_ENDED = [TaskState.COMPLETED.value, TaskState.CANCELED.value]
DUE: TaskWhere = Where("state", "in", _OPEN)
#: what was deleted is not there any more
THERE: TaskWhere = Where("removed", "eq", 0)

#: TASKCOMPLETIONSTATUS -> conditions; OverDue needs the clock besides
STATUS: dict[str, tuple[TaskWhere, ...]] = {
    "NoCompletionStatus": (),
    "Due": (DUE,),
    "OverDue": (DUE,),
    "Completed": (Where("state", "eq", TaskState.COMPLETED.value),),
    "NotStarted": (Where("state", "eq", TaskState.PLANNED.value),),
    "Reassigned": (),
    "Dropped": (Where("state", "eq", TaskState.CANCELED.value),),
    "Archived": (Where("state", "in", _ENDED), Where("instance_state", "neq", InstanceState.ACTIVE.value)),
}
#: those in which a task is also there under the numbers that it went by before
_ALSO_PASSED = ("NoCompletionStatus", "Reassigned", "Archived")

#: SortBy -> fields of the engine
SORTS: dict[str, tuple[TaskColumn, ...]] = {
    "DefaultSort": ("key",),
    "DocumentID": ("document_number",),
    "Instruction": ("description",),
    "DateAssigned": ("held_since",),
    "RecurringEndBy": ("due_at",),
    "DueDate": ("due_at",),
    "ReminderDate": ("due_at",),
    "Priority": ("priority",),
    "TaskStatus": ("state",),
    "FinishDate": ("ended_at",),
    "Assignee": ("assignee",),
    "AssignedBy": ("assigned_by",),
    "WorkflowName": ("process_name",),
    "DocTypeName": ("document_type",),
    "DocumentLibrary": ("library_name",),
    "DocumentName": ("document_name",),
    "SuperVisor": ("supervisor",),
}

_PEOPLE: dict[str, TaskColumn] = {"ASSIGNEEID": "assignee", "ASSIGNEDBYID": "assigned_by", "SUPERVISORID": "supervisor"}
_NUMBERS: dict[str, TaskField] = {
    **{"WORKFLOWDEFID": "process_number", "DOCUMENTID": "document_number", "FLOWID": "instance_number"},
}
_BOUNDS: dict[str, Comparison] = {"STARTDATE": "gte", "ENDDATE": "lte"}


#: each task as it is, or with the holding that it was passed on with
Numbered = tuple[tuple[Task, Holding | None], ...]


@dataclass(frozen=True, slots=True)
class Found:
    tasks: Numbered
    total: int


async def find(
    call: Call, who: Principal, criteria: dict[str, Any], sorting: Sorting, *, start: int = 0, count: int | None = None
) -> Found:
    where = await _conditions(call, who, criteria)
    if where is None:
        return Found((), 0)
    order = tuple(Sort(name, not sorting.ascending) for name in SORTS[sorting.name])
    page = PageRequest(limit=count, offset=max(0, start), cap=None, most=call.mount.engine.max_list_rows)
    status = criteria.get("TASKCOMPLETIONSTATUS", "NoCompletionStatus")
    if status in _ALSO_PASSED:
        return await by_all_numbers(call, who, tuple(where), order, page, passed=status == "Reassigned")
    task_page = await call.ask(SearchTasks((*where, THERE), order, page, planned=True), who)
    return Found(tuple((view.task, None) for view in task_page.items), task_page.total)


async def by_all_numbers(
    call: Call,
    who: Principal,
    where: tuple[TaskWhere, ...],
    order: tuple[TaskSort, ...],
    page: PageRequest,
    *,
    passed: bool,
) -> Found:
    """Also as they went by the numbers before; `passed`: only so."""
    numbered_page = await call.ask(SearchNumbered(where, order, page, passed), who)
    return Found(tuple((item.task, item.passed) for item in numbered_page.items), numbered_page.total)


async def _conditions(call: Call, who: Principal, criteria: dict[str, Any]) -> list[TaskWhere] | None:
    """None if nothing can match: somebody or something is named that does not exist."""
    where: list[TaskWhere] = []
    status = criteria.get("TASKCOMPLETIONSTATUS", "NoCompletionStatus")
    where += STATUS[status]
    if status == "OverDue":
        where.append(Where("due_at", "lt", call.now))
    if "PRIORITY" in criteria:
        low, high = bounds(criteria["PRIORITY"])
        where += [Where("priority", "gte", low), Where("priority", "lte", high)]
    date: TaskColumn = "due_at" if call.profile.due_range and status in ("Due", "OverDue") else "started_at"
    for name, op in _BOUNDS.items():
        moment: Moment | None = criteria.get(name)
        if moment is not None:
            where.append(Where(date, op, moment.milliseconds() if moment.given else 0))
    for name, field in _NUMBERS.items():
        if name in criteria:
            where.append(Where(field, "eq", criteria[name]))
    if "DOCUMENTTYPE" in criteria:
        where.append(Where("document_type", "eq", criteria["DOCUMENTTYPE"]))
    if "DOMAINID" in criteria:
        libraries = {library.number: library.key for library in await call.ask(Libraries(), who)}
        if criteria["DOMAINID"] not in libraries:
            return None
        where.append(Where("document_library", "eq", libraries[criteria["DOMAINID"]]))
    return await _people(call, who, criteria, where)


async def _people(
    call: Call, who: Principal, criteria: dict[str, Any], where: list[TaskWhere]
) -> list[TaskWhere] | None:
    """Who is named; and, unless that is the caller, only what the caller may see."""
    numbers = tuple(criteria[name] for name in _PEOPLE if name in criteria)
    users = await call.ask(UsersByNumber(numbers), who) if numbers else {}
    for name, field in _PEOPLE.items():
        if name in criteria:
            if criteria[name] not in users:
                return None
            where.append(Where(field, "eq", users[criteria[name]].username))
    if not who.is_administrator and who.number not in numbers:
        where.append(Is("concerns", (who.username, who.user_key)))
    return where
