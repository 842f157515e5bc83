"""By what instances, elements, variables, events and comments are searched."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union,
)

from core.registry.fields import within
from core.search.conditions import matches, test_of
from core.search.field import (
    Field,
    by_name_and_value,
    by_nothing,
    by_text,
    by_values,
    columns,
    filled,
    plain,
    test_of_filled,
)
from core.search.kept import Kept
from core.search.kind import TENANT, Kind
from core.search.query import Either, Is, Isnt, Sort, Where
from core.storage.statements import any_of
from core.tables.joined import (
    comments,
    definitions,
    elements,
    events,
    holdings,
    incidents,
    instances,
    involvements,
    processes,
    tasks,
    variables,
)
from core.types import IncidentState, Involved, TaskState


def involved(entity_key: ColumnElement[Any]) -> Field:
    """One of those whose keys are the value has any role in it."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        return entity_key.in_(select(involvements.c.entity_key).where(any_of(involvements.c.member_key, name)))

    return Field(test, bind=by_values)


def _unshared(op: str, name: str) -> ColumnElement[bool]:
    """Nobody is an accessor of the comment."""
    accessors = select(literal(1)).select_from(involvements).where(involvements.c.entity_key == comments.c.key)
    return not_(exists(accessors.where(involvements.c.role == Involved.ACCESSOR.value)))


CommentField = Literal["key", "number", "instance_key", "task_key", "author_key", "created_at", "changed_at"]
CommentFact = Literal["involved", "unshared"]
CommentWhere: TypeAlias = Where[CommentField] | Is[CommentFact] | Either["CommentWhere"]
CommentSort: TypeAlias = Sort[CommentField]

COMMENT_FIELDS: Mapping[str, Field] = {
    **columns(comments, CommentField),
    "involved": involved(comments.c.key),
    "unshared": Field(_unshared, bind=by_nothing),
}


COMMENT = Kind("comment", comments, COMMENT_FIELDS, few=frozenset({"key", "instance_key"}))


def _of_instance(column: ColumnElement[Any]) -> Field:
    """A column of the instance that an element belongs to."""
    value = select(column).where(instances.c.key == elements.c.instance_key).scalar_subquery()
    instance = select(literal(1)).select_from(instances).where(instances.c.key == elements.c.instance_key)
    return Field(lambda op, name: exists(instance.where(test_of(column, op, name)).correlate(elements)), value)


def _process_id(instance_key: ColumnElement[Any]) -> Field:
    """Of the instance with this key."""
    joined = instances.join(definitions, definitions.c.key == instances.c.definition_key)
    value = select(definitions.c.process_id).select_from(joined).where(instances.c.key == instance_key)
    instance = select(literal(1)).select_from(joined).where(instances.c.key == instance_key)
    return Field(
        lambda op, name: exists(
            instance.where(test_of(definitions.c.process_id, op, name)).correlate(elements, variables)
        ),
        value.scalar_subquery(),
    )


_OPEN_INCIDENT = incidents.c.state == literal(IncidentState.ACTIVE.value, Text)


_ROOT = case((instances.c.root_key != literal(0, BigInteger), instances.c.root_key), else_=instances.c.key)


def _standing(key: ColumnElement[Any], root_key: ColumnElement[Any]) -> Callable[[str, str], ColumnElement[bool]]:
    """Something stands still in it."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        step = literal("/", Text).concat(cast(key, Text)).concat(literal("/", Text))
        inside = func.replace(incidents.c.path, step, literal("", Text), type_=Text) != incidents.c.path
        of_root = select(literal(1)).select_from(incidents).where(incidents.c.root_key == root_key, _OPEN_INCIDENT)
        is_so = exists(of_root.where(inside).correlate(instances, elements))
        return not_(is_so) if op == "isnt" else is_so

    return test


def _of_incident(column: str) -> Field:
    """A column of one of the open incidents of an instance."""
    of_instance = (
        select(literal(1)).select_from(incidents).where(incidents.c.instance_key == instances.c.key, _OPEN_INCIDENT)
    )
    return Field(
        lambda op, name: exists(of_instance.where(test_of(incidents.c[column], op, name)).correlate(instances))
    )


_ROOT_OF_ELEMENT = select(_ROOT).where(instances.c.key == elements.c.instance_key).correlate(elements).scalar_subquery()


def _incident_of_element() -> Field:
    value = (
        select(incidents.c.key)
        .where(incidents.c.element_instance_key == elements.c.key, _OPEN_INCIDENT)
        .correlate(elements)
        .scalar_subquery()
    )
    return plain(value, nullable=True)


def _of_tenant() -> ColumnElement[bool]:
    """Elements belong to the tenant of their instance."""
    of_tenant = and_(instances.c.key == elements.c.instance_key, instances.c.tenant_key == TENANT)
    return exists(select(literal(1)).select_from(instances).where(of_tenant).correlate(elements))


_ElementColumn = Literal["key", "instance_key", "scope_key", "element_id", "kind", "name", "state", "created_at"]
ElementField = _ElementColumn | Literal["ended_at", "definition_key", "process_id", "incident_key"]
ElementFact = Literal["standing"]
ElementWhere: TypeAlias = Where[ElementField] | Is[ElementFact] | Isnt[ElementFact] | Either["ElementWhere"]
ElementSort: TypeAlias = Sort[ElementField]

ELEMENT_FIELDS: Mapping[str, Field] = {
    **columns(elements, _ElementColumn),
    "ended_at": plain(elements.c.ended_at, nullable=True),
    "definition_key": _of_instance(instances.c.definition_key),
    "process_id": _process_id(elements.c.instance_key),
    "standing": Field(_standing(elements.c.key, _ROOT_OF_ELEMENT), bind=by_nothing),
    "incident_key": _incident_of_element(),
}


def _entity(kind: str) -> Field:
    """The key of what an event is about, if that is of a kind."""
    return plain(case((events.c.entity == literal(kind, Text), events.c.entity_key)), nullable=True)


def _of_event(value: ColumnElement[Any]) -> Field:
    return plain(value, nullable=True)


_EventColumn = Literal["key", "at", "kind", "entity", "entity_key", "instance_key", "actor"]
EventField = _EventColumn | Literal[
    "task_key", "job_key", "resource_key", "element_instance_key", "definition_key", "process_id", "by_user",
]  # fmt: skip
EventWhere: TypeAlias = Where[EventField] | Either["EventWhere"]
EventSort: TypeAlias = Sort[EventField]

EVENT_FIELDS: Mapping[str, Field] = {
    **columns(events, _EventColumn),
    "task_key": _entity("task"),
    "job_key": _entity("job"),
    "resource_key": _entity("resource"),
    "element_instance_key": _of_event(
        select(tasks.c.element_instance_key).where(tasks.c.key == events.c.entity_key).scalar_subquery()
    ),
    "definition_key": _of_event(
        select(instances.c.definition_key).where(instances.c.key == events.c.instance_key).scalar_subquery()
    ),
    "process_id": _of_event(
        select(definitions.c.process_id)
        .select_from(instances.join(definitions, definitions.c.key == instances.c.definition_key))
        .where(instances.c.key == events.c.instance_key)
        .scalar_subquery()
    ),
    "by_user": plain(
        case((events.c.actor_key == literal(0, BigInteger), literal(0, Integer)), else_=literal(1, Integer))
    ),
}


_VariableColumn = Literal["key", "instance_key", "scope_key", "name", "value"]
VariableField = _VariableColumn | Literal["process_id"]
VariableWhere: TypeAlias = Where[VariableField] | Either["VariableWhere"]
VariableSort: TypeAlias = Sort[VariableField]

VARIABLE_FIELDS: Mapping[str, Field] = {
    **columns(variables, _VariableColumn),
    "process_id": _process_id(variables.c.instance_key),
}


ELEMENT = Kind(
    "element",
    elements,
    ELEMENT_FIELDS,
    tenancy=_of_tenant(),
    few=frozenset({"key", "instance_key", "scope_key"}),
    unordered=frozenset({"process_id"}),
)


EVENT = Kind(
    "event",
    events,
    EVENT_FIELDS,
    few=frozenset({"key", "instance_key", "entity_key"}),
    unordered=frozenset({"process_id"}),
)


VARIABLE = Kind(
    "variable",
    variables,
    VARIABLE_FIELDS,
    few=frozenset({"key", "instance_key", "scope_key"}),
    unordered=frozenset({"process_id"}),
)


#: a token has reached the task's element; written out, so that indexes with this condition are found
REACHED = tasks.c.state != literal_column(f"'{TaskState.PLANNED.value}'", Text)


def paused(op: str, name: str) -> ColumnElement[bool]:
    """Paused at the moment that is the value."""
    until = tasks.c.paused_until
    later = or_(until.is_(None), until > bindparam(name, type_=BigInteger))
    if op == "isnt":
        return or_(tasks.c.paused_at.is_(None), not_(later))
    return and_(tasks.c.paused_at.is_not(None), later)


def mentions(*, of_tasks: bool) -> Callable[[str, str], ColumnElement[bool]]:
    """The text (folded) is in the title of the instance, or in `#` and its number if it has none, or in the name of the
    task; or it is the uid or the number of the instance. The value is the text."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        title = case(
            (instances.c.title == literal("", Text), literal("#", Text).concat(cast(instances.c.number, Text))),
            else_=instances.c.title,
        )
        value = bindparam(name, type_=Text)
        about_instance = or_(
            matches(title, name, folded=True), instances.c.uid == value, cast(instances.c.number, Text) == value
        )
        about_task = matches(tasks.c.name, name, folded=True)
        of_instance = tasks.c.instance_key == instances.c.key
        if of_tasks:
            return or_(
                about_task,
                exists(select(literal(1)).select_from(instances).where(of_instance, about_instance).correlate(tasks)),
            )
        return or_(
            about_instance,
            exists(select(literal(1)).select_from(tasks).where(of_instance, about_task).correlate(instances)),
        )

    return test


def _of_tasks(*more: Callable[[str], ColumnElement[bool]]) -> Callable[[str, str], ColumnElement[bool]]:
    """One of the instance's tasks is so; `isnt`: none is."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        of_instance = tasks.c.instance_key == instances.c.key
        one = select(literal(1)).select_from(tasks).where(of_instance, *(m(name) for m in more))
        is_so = exists(one.correlate(instances))
        return not_(is_so) if op == "isnt" else is_so

    return test


def _of_definition(column: ColumnElement[Any]) -> Field:
    """A column of the version that an instance runs."""
    value = select(column).where(definitions.c.key == instances.c.definition_key).scalar_subquery()
    versions = select(definitions.c.key)
    test = test_of_filled(column) if isinstance(column.type, Text) else plain(column).test
    return Field(lambda op, name: instances.c.definition_key.in_(versions.where(test(op, name))), value)


def _of_element(column: str) -> Field:
    """A column of one of the instance's elements."""
    of_instance = select(literal(1)).select_from(elements).where(elements.c.instance_key == instances.c.key)
    return Field(
        lambda op, name: exists(of_instance.where(test_of(elements.c[column], op, name)).correlate(instances)),
    )


def holdings_of(name: str, *columns: str) -> tuple[Select[Any], Select[Any]]:
    """These columns of the tasks that the user (a parameter) has or ended with, and of the holdings that passed on."""
    tenant, user = bindparam("tenant", type_=BigInteger), bindparam(name, type_=Text)
    held = select(*(tasks.c[c] for c in columns)).where(tasks.c.tenant_key == tenant, tasks.c.assignee == user)
    passed = select(*(holdings.c[c] for c in columns)).where(holdings.c.tenant_key == tenant, holdings.c.holder == user)
    return held, passed


def _participant(op: str, name: str) -> ColumnElement[bool]:
    """One of the tasks is or was the user's. Found from their holdings, of which there are fewer."""
    return instances.c.key.in_(union(*holdings_of(name, "instance_key")))


def of_variable(instance_key: ColumnElement[Any], scope_key: ColumnElement[Any]) -> Field:
    """A variable of a scope; the value is (its name, what its JSON text is compared with)."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        in_scope = (variables.c.instance_key == instance_key, variables.c.scope_key == scope_key)
        named = variables.c.name == bindparam(f"{name}_name", type_=Text)
        compared = [] if op in ("exists", "missing") else [test_of(variables.c.value, op, name)]
        is_so = exists(select(literal(1)).select_from(variables).where(*in_scope, named, *compared))
        return not_(is_so) if op == "missing" else is_so

    return Field(test, bind=by_name_and_value)


def _is_open(name: str) -> ColumnElement[bool]:
    return and_(tasks.c.ended_at.is_(None), REACHED)


def _is_draft(name: str) -> ColumnElement[bool]:
    return tasks.c.draft == literal(1, Integer)


def _held(since: bool) -> Callable[[str, str], ColumnElement[bool]]:
    """One of the holdings of the instance's tasks began at this moment or later, or before it."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        moment = bindparam(name, type_=BigInteger)
        arms = []
        for table, began in ((tasks, tasks.c.held_since), (holdings, holdings.c.began_at)):
            passing = (table.c.instance_key == instances.c.key, began >= moment if since else began < moment)
            arms.append(exists(select(literal(1)).select_from(table).where(*passing).correlate(instances)))
        return or_(*arms)

    return test


def _filled(column: ColumnElement[int]) -> ColumnElement[int | None]:
    """Null in place of 0."""
    return func.nullif(column, literal(0, BigInteger), type_=BigInteger)


_InstanceColumn = Literal[
    "key", "uid", "number", "state", "created_at", "changed_at", "title", "creator", "process_key", "definition_key",
    "tags", "business_id", "stage_key", "reference_key",
]  # fmt: skip
#: by what instances are compared and sorted, and by what only compared
InstanceColumn = _InstanceColumn | Literal[
    "parent_key", "parent_element_key", "ended_at", "process_id", "process_name", "definition_name", "version",
    "version_tag",
]  # fmt: skip
InstanceField = InstanceColumn | Literal["variable", "element_id", "element_state", "error"]
_Negatable = Literal["drafted", "paused", "standing"]
InstanceFact = _Negatable | Literal[
    "participant", "holding_since", "holding_before", "mentions", "involved", "within",
]  # fmt: skip

InstanceWhere: TypeAlias = Where[InstanceField | Kept] | Is[InstanceFact] | Isnt[_Negatable] | Either["InstanceWhere"]
InstanceSort: TypeAlias = Sort[InstanceColumn | Kept]

INSTANCE_FIELDS: Mapping[str, Field] = {
    **columns(instances, _InstanceColumn),
    "business_id": filled(instances.c.business_id),
    "parent_key": plain(_filled(instances.c.parent_key), nullable=True),
    "parent_element_key": plain(_filled(instances.c.parent_element_key), nullable=True),
    "process_id": _of_definition(definitions.c.process_id),
    "definition_name": _of_definition(definitions.c.name),
    "version": _of_definition(definitions.c.version),
    "version_tag": _of_definition(definitions.c.version_tag),
    "variable": of_variable(instances.c.key, instances.c.key),
    "ended_at": plain(instances.c.ended_at, nullable=True),
    "process_name": Field(
        lambda op, name: instances.c.process_key.in_(
            select(processes.c.key).where(test_of(processes.c.name, op, name))
        ),
        select(processes.c.name).where(processes.c.key == instances.c.process_key).scalar_subquery(),
    ),
    "element_id": _of_element("element_id"),
    "element_state": _of_element("state"),
    "participant": Field(_participant),
    "drafted": Field(_of_tasks(_is_open, _is_draft), bind=by_nothing),
    "paused": Field(_of_tasks(_is_open, lambda name: paused("is", name))),
    "holding_since": Field(_held(since=True)),
    "holding_before": Field(_held(since=False)),
    "mentions": Field(mentions(of_tasks=False), bind=by_text),
    "involved": involved(instances.c.key),
    "within": Field(within, bind=by_values),
    "standing": Field(_standing(instances.c.key, _ROOT), bind=by_nothing),
    "error": _of_incident("message"),
}
