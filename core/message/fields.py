"""By what subscriptions to messages, and correlations, are searched."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Table, Text, case, func, literal, select

from core.graph.elements import EventKind
from core.search.conditions import test_of
from core.search.field import Field, columns, plain
from core.search.kind import Kind, Tests
from core.search.query import Either, Sort, Where
from core.storage.statements import table_of
from core.tables.joined import definitions
from core.tables.message import Correlation, EventSubscription

#: what waits: a process that is started, or an instance
STARTING, INSIDE = "starting", "inside"

subscriptions, correlations = table_of(EventSubscription), table_of(Correlation)


def _of_definition(table: Table, column: ColumnElement[Any]) -> Field:
    """A column of the version that is meant."""
    value = select(column).where(definitions.c.key == table.c.definition_key).scalar_subquery()
    versions = select(definitions.c.key)
    return Field(lambda op, name: table.c.definition_key.in_(versions.where(test_of(column, op, name))), value)


def _filled(column: ColumnElement[int]) -> Field:
    """Without a value in place of 0."""
    return plain(func.nullif(column, literal(0, BigInteger), type_=BigInteger), nullable=True)


_SubscriptionColumn = Literal["key", "name", "state", "definition_key", "element_id", "changed_at"]
SubscriptionField = _SubscriptionColumn | Literal[
    "correlation_key", "instance_key", "element_instance_key", "process_id", "process_name", "version",
    "waiting",
]  # fmt: skip
SubscriptionWhere: TypeAlias = Where[SubscriptionField] | Either["SubscriptionWhere"]
SubscriptionSort: TypeAlias = Sort[SubscriptionField]

SUBSCRIPTION_FIELDS: Mapping[str, Field] = {
    **columns(subscriptions, _SubscriptionColumn),
    "correlation_key": plain(subscriptions.c.correlation_key, nullable=True),
    "instance_key": _filled(subscriptions.c.instance_key),
    "element_instance_key": _filled(subscriptions.c.element_instance_key),
    "process_id": _of_definition(subscriptions, definitions.c.process_id),
    "process_name": _of_definition(subscriptions, definitions.c.name),
    "version": _of_definition(subscriptions, definitions.c.version),
    "waiting": plain(
        case(
            (subscriptions.c.instance_key == literal(0, BigInteger), literal(STARTING, Text)),
            else_=literal(INSIDE, Text),
        )
    ),
}

_CorrelationColumn = Literal[
    "key", "name", "correlation_key", "message_key", "subscription_key", "definition_key", "instance_key",
    "element_id", "correlated_at",
]  # fmt: skip
CorrelationField = _CorrelationColumn | Literal["element_instance_key", "process_id"]
CorrelationWhere: TypeAlias = Where[CorrelationField] | Either["CorrelationWhere"]
CorrelationSort: TypeAlias = Sort[CorrelationField]

CORRELATION_FIELDS: Mapping[str, Field] = {
    **columns(correlations, _CorrelationColumn),
    "element_instance_key": _filled(correlations.c.element_instance_key),
    "process_id": _of_definition(correlations, definitions.c.process_id),
}


def _of_messages(tests: Tests) -> tuple[ColumnElement[bool], ...]:
    return (subscriptions.c.kind == literal(EventKind.MESSAGE.value, Text),)


SUBSCRIPTION = Kind(
    "event_subscription",
    subscriptions,
    SUBSCRIPTION_FIELDS,
    base=_of_messages,
    few=frozenset({"key"}),
    in_order=frozenset({"key"}),
)
CORRELATION = Kind("correlation", correlations, CORRELATION_FIELDS, few=frozenset({"key"}), in_order=frozenset({"key"}))
