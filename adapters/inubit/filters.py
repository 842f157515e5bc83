"""What a task list is filtered and sorted by, as conditions of the engine. Source: dossier inubit.md, sections 3.2 and
3.11; what a filter means is our choice."""

from collections.abc import Iterable, Mapping

from core.principal import Principal
from core.search.kept import Kept, can_name, kept_at
from core.search.patterns import literally, matches
from core.search.query import Comparison, Is, Sort, Where, either
from core.task.fields import TaskColumn, TaskField, TaskSort, TaskWhere
from core.types import OPEN_TASK_STATES
from schemas.common.numbers import whole
from schemas.common.uuids import undashed
from schemas.inubit.tasklist import UNIT_NAME, UNIT_TYPE, UNIT_TYPES, BadQuery, Filter, ListRequest, Order

#: built-in field -> field of the engine
FIELDS: Mapping[str, TaskColumn | Kept] = {
    "name": "name",
    "description": "description",
    "creation": "created_at",
    "expiration": "due_at",
    "id": "uid",
    "process": "instance_number",
    "user": kept_at("inubit/user"),
    "locked": "assignee",
}
#: what all tasks of a list have in common
SAME: Mapping[str, str] = {"action": "Form", "inactive": "false"}
NEWEST_FIRST: tuple[TaskSort, ...] = (Sort("created_at", True), Sort("key", True))
_NUMBERS = ("creation", "expiration", "process")
_TEXTS = ("name", "description", "user", "locked")
_OPS: Mapping[str, Comparison] = {"=": "eq", "<": "lt", ">": "gt", "<=": "lte", ">=": "gte", "!=": "neq"}
_FOLDED: Mapping[str, Comparison] = {"<": "ilt", ">": "igt", "<=": "ilte", ">=": "igte"}
#: whole values, as patterns
_ALIKE: Mapping[str, Comparison] = {"=": "ilike", "!=": "notilike"}
_NEVER: TaskWhere = either()
#: others could have it, too
_POOLED: tuple[tuple[TaskWhere, ...], ...] = (
    (Where("candidate_user", "exists", True),),
    (Where("candidate_group", "exists", True),),
)
#: the fields in which such units of a task are
_UNITS: Mapping[str, tuple[TaskField, ...]] = {
    "Role": ("candidate_group",),
    "User": ("candidate_user", "assignee"),
    "Unit": (),
}


def visible(who: Principal) -> TaskWhere:
    """Theirs, or such that they could have it, whoever has it."""
    return Is("open_to", (who.username, who.groups))


def still_open(now: int) -> tuple[TaskWhere, ...]:
    """Tasks that lists show: not ended, and not past their expiration."""
    return Where("state", "in", [s.value for s in OPEN_TASK_STATES]), Is("unexpired", now)


def conditions(listing: ListRequest) -> tuple[TaskWhere, ...]:
    """Raises BadQuery."""
    tests: list[TaskWhere] = []
    for column, entry in listing.filters.items():
        if column in SAME:
            tests += [] if _holds(SAME[column], entry) else [_NEVER]
        elif column not in (UNIT_NAME, UNIT_TYPE):
            tests += _condition(column, entry)
    for name, entry in listing.fields.items():
        tests += _tests(_field_named(name), entry)
    named, typed = listing.filters.get(UNIT_NAME), listing.filters.get(UNIT_TYPE)
    if named is not None or typed is not None:
        tests.append(_units(named, typed))
    if listing.units:
        tests.append(either(*(alternative for type, names in listing.units for alternative in _unit(type, names))))
    return tuple(tests)


def sorts(orders: Iterable[Order], *, like_a_dictionary: bool) -> tuple[TaskSort, ...]:
    """Newest first without any. Raises BadQuery."""
    sorting: list[TaskSort] = []
    for order in orders:
        field: TaskColumn | Kept
        if order.custom:
            field, is_text = _field_named(order.column), True
        elif order.column in FIELDS:
            field, is_text = FIELDS[order.column], order.column in _TEXTS
        elif order.column in SAME:
            continue
        else:
            raise BadQuery(order.column)
        sorting.append(Sort(field, order.descending, dictionary=like_a_dictionary and is_text))
    return tuple(sorting) or NEWEST_FIRST


def _field_named(name: str) -> Kept:
    if not can_name(name):
        raise BadQuery(name)
    return kept_at(f"inubit/fields/{name}")


def _pattern(entry: Filter) -> str:
    pattern = entry.value.replace("\\", "\\\\").replace("?", "\\?").replace("%", "*")
    return pattern if "*" in pattern else f"*{pattern}*"


def _holds(text: str, entry: Filter) -> bool:
    """What a filter says about a text at hand."""
    value, upper = entry.value, entry.upper
    if not entry.case_sensitive:
        text, value = text.lower(), value.lower()
    if upper is not None:
        return value <= text <= (upper if entry.case_sensitive else upper.lower())
    compared = {"=": text == value, "!=": text != value, "<": text < value, ">": text > value}
    compared |= {"<=": text <= value, ">=": text >= value}
    if entry.test in compared:
        return compared[entry.test]
    return matches(_pattern(entry) if entry.case_sensitive else _pattern(entry).lower(), text)


def _condition(column: str, entry: Filter) -> list[TaskWhere]:
    if column not in FIELDS:
        raise BadQuery(column)
    field = FIELDS[column]
    if column in _NUMBERS:
        if entry.upper is not None:
            return [Where(field, "gte", _whole(entry.value)), Where(field, "lte", _whole(entry.upper))]
        return [Where(field, _OPS.get(entry.test, "eq"), _whole(entry.value))]
    if column == "id":
        entry = Filter(undashed(entry.value) or entry.value, entry.comparison, entry.upper, case_sensitive=True)
    if column == "locked" and entry.test != "!=":
        return [*_tests(field, entry), either(*_POOLED, tuple(_tests(kept_at("inubit/locked"), entry)))]
    return _tests(field, entry)


def _tests(field: TaskField | Kept, entry: Filter) -> list[TaskWhere]:
    """As all tests of texts they do not mind the case unless it is said."""
    tests = _OPS if entry.case_sensitive else _FOLDED
    if entry.upper is not None:
        return [Where(field, tests[">="], entry.value), Where(field, tests["<="], entry.upper)]
    if entry.test == "LIKE":
        return [Where(field, "like" if entry.case_sensitive else "ilike", _pattern(entry))]
    if entry.test not in tests:
        return [Where(field, _ALIKE[entry.test], literally(entry.value))]
    return [Where(field, tests[entry.test], entry.value)]


def _whole(text: str) -> int:
    number = whole(text, 17)
    if number is None:
        raise BadQuery(text)
    return number


# units


def _unit(type: str, names: tuple[str, ...]) -> list[tuple[TaskWhere, ...]]:
    """One of these is such a unit of the task."""
    return [(Where(field, "in", names) if names else Where(field, "exists", True),) for field in _UNITS[type]]


def _units(named: Filter | None, typed: Filter | None) -> TaskWhere:
    """A unit that passes both filters; `!=`: none has the name."""
    types = [type for type in UNIT_TYPES if typed is None or _holds(type, typed)]
    fields = [field for type in types for field in _UNITS[type]]
    if named is None:
        return either(*((Where(field, "exists", True),) for field in fields))
    tests = [tuple(_tests(field, named)) for field in fields]
    if named.test == "!=":
        return either(tuple(where for test in tests for where in test))
    return either(*tests)
