"""The bodies of the old Tasklist API. Source: dossier camunda.md, section 5.3."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.camunda.body import BadRequest, boolean, closed, integer, read_object, text, texts, unparsable

PAGE = 50
MAX_PAGE = 10_000
SORTS = ("completionTime", "creationTime", "followUpDate", "dueDate", "name", "priority")
ANCHORS = ("searchAfter", "searchAfterOrEqual", "searchBefore", "searchBeforeOrEqual")
_TEXTS = (
    *("state", "assignee", "taskDefinitionId", "candidateGroup", "candidateUser", "processDefinitionKey"),
    *("processInstanceKey", "implementation"),
)
_LISTS = ("assignees", "candidateGroups", "candidateUsers", "tenantIds")
_RANGES = {"followUpDate": ("from", "to"), "dueDate": ("from", "to")}
_COMPARISONS = ("eq", "gt", "gte", "lt", "lte")


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Included:
    name: str
    whole: bool


@dataclass(frozen=True, slots=True)
class TaskSearch:
    """`texts` and `lists` by their members, `ranges` and `priority` by (member, bound), `variables` are (name, JSON
    text). `anchor` is (member, sort values) or None."""

    texts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assigned: bool | None = None
    ranges: Mapping[tuple[str, str], str] = field(default_factory=dict)
    priority: Mapping[str, int] = field(default_factory=dict)
    variables: tuple[tuple[str, str], ...] = ()
    page: int = PAGE
    sort: tuple[Order, ...] = ()
    anchor: tuple[str, tuple[str, ...]] | None = None
    included: tuple[Included, ...] = ()


def _objects(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    sent = value.get(name)
    if sent is None:
        return []
    if not isinstance(sent, list) or not all(isinstance(item, dict) for item in sent):
        raise unparsable(name)
    return sent


def _members(value: Mapping[str, Any], name: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    sent = value.get(name)
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise unparsable(name)
    closed(sent, known, f"{name}.")
    return sent


def parse_task_search(body: bytes) -> TaskSearch:
    """Raises BadRequest."""
    value = read_object(body) or {}
    more = ("assigned", "pageSize", "taskVariables", "sort", "includeVariables", "priority")
    closed(value, (*_TEXTS, *_LISTS, *_RANGES, *ANCHORS, *more))
    anchors = [name for name in ANCHORS if value.get(name) is not None]
    if len(anchors) > 1:
        raise BadRequest(f"Only one of [{', '.join(ANCHORS)}] must be present in request.")
    size = integer(value, "pageSize", 31)
    if size is not None and size < 1:
        raise BadRequest("pageSize should be a positive number")
    given = {name: text(value, name) for name in _TEXTS}
    return TaskSearch(
        texts={name: found for name, found in given.items() if found is not None},
        lists={name: texts(value, name) for name in _LISTS if value.get(name) is not None},
        assigned=None if value.get("assigned") is None else boolean(value, "assigned", False),
        ranges=_ranges(value),
        priority=_priority(value),
        variables=tuple(_variable(item) for item in _objects(value, "taskVariables")),
        page=min(size or PAGE, MAX_PAGE),
        sort=tuple(_order(item) for item in _objects(value, "sort")),
        anchor=(anchors[0], _values(value, anchors[0])) if anchors else None,
        included=tuple(_included(item) for item in _objects(value, "includeVariables")),
    )


def _ranges(value: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    ranges: dict[tuple[str, str], str] = {}
    for name, bounds in _RANGES.items():
        members = _members(value, name, bounds)
        for bound in bounds:
            sent = text(members, bound, f"{name}.")
            if sent is not None:
                ranges[name, bound] = sent
    return ranges


def _priority(value: Mapping[str, Any]) -> dict[str, int]:
    members = _members(value, "priority", _COMPARISONS)
    given = {op: integer(members, op, 31, "priority.") for op in _COMPARISONS}
    return {op: number for op, number in given.items() if number is not None}


def _variable(item: Mapping[str, Any]) -> tuple[str, str]:
    path = "taskVariables.null."
    closed(item, ("name", "value", "operator"), path)
    name, value = text(item, "name", path), text(item, "value", path)
    if not name or value is None:
        raise BadRequest("Field 'taskVariables.name' and 'taskVariables.value' can't be null")
    if text(item, "operator", path) not in (None, "eq"):
        raise BadRequest(f"Operator '{item['operator']}' is not supported")
    return name, value


def _order(item: Mapping[str, Any]) -> Order:
    closed(item, ("field", "order"), "sort.null.")
    name, order = text(item, "field", "sort.null."), text(item, "order", "sort.null.") or "ASC"
    if name not in SORTS or order not in ("ASC", "DESC"):
        raise unparsable("sort")
    return Order(name, order == "DESC")


def _included(item: Mapping[str, Any]) -> Included:
    path = "includeVariables.null."
    closed(item, ("name", "alwaysReturnFullValue"), path)
    return Included(text(item, "name", path) or "", boolean(item, "alwaysReturnFullValue", False, path))


def _values(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    sent = value[name]
    if not isinstance(sent, list) or not all(
        isinstance(item, str | int) and not isinstance(item, bool) for item in sent
    ):
        raise unparsable(name)
    return tuple(str(item) for item in sent)


def parse_task_assignment(body: bytes) -> tuple[str, bool]:
    """(the assignee or an empty text, may somebody else lose it?)"""
    value = read_object(body) or {}
    closed(value, ("assignee", "allowOverrideAssignment"))
    return text(value, "assignee") or "", boolean(value, "allowOverrideAssignment", True)


def parse_named_values(body: bytes) -> dict[str, str]:
    """Variables by name, each as JSON text."""
    value = read_object(body) or {}
    closed(value, ("variables",))
    variables: dict[str, str] = {}
    for item in _objects(value, "variables"):
        closed(item, ("name", "value"), "variables.null.")
        name, sent = text(item, "name", "variables.null."), text(item, "value", "variables.null.")
        if not name or sent is None:
            raise BadRequest("Variable name and value must be given")
        variables[name] = sent
    return variables


def parse_variable_search(body: bytes) -> tuple[tuple[str, ...], tuple[Included, ...]]:
    """(names, empty for all; what is to be shown whole)"""
    value = read_object(body) or {}
    closed(value, ("variableNames", "includeVariables"))
    return texts(value, "variableNames"), tuple(_included(item) for item in _objects(value, "includeVariables"))
