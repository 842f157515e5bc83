"""Searching instances along indexes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, literal_column, select

from core.instance.fields import INSTANCE_FIELDS, holdings_of
from core.search.conditions import test_of
from core.search.kind import TENANT, Kind, Path
from core.search.sources import Further, Source
from core.storage.statements import any_of
from core.tables.joined import definitions, instances, involvements

NONE = literal_column("0", BigInteger)


def keys_of_instances(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(instances.c.key).where(*conditions)


def by_process(key: ColumnElement[Any], process_key: ColumnElement[Any], table: Any, own_key: Any) -> Source:
    def find(op: str, name: str, more: Further) -> list[Select[Any]]:
        processes = select(own_key).where(table.c.tenant_key == TENANT, test_of(table.c.process_id, op, name))
        return [select(key).where(process_key.in_(processes))]

    return find


def referring(op: str, name: str) -> Select[Any]:
    return keys_of_instances(test_of(instances.c.reference_key, op, name), instances.c.reference_key != NONE)


INSTANCES: Mapping[str, Source] = {
    "key": lambda op, name, more: [keys_of_instances(test_of(instances.c.key, op, name))],
    "creator": lambda op, name, more: [keys_of_instances(test_of(instances.c.creator, op, name))],
    "reference_key": lambda op, name, more: [referring(op, name)],
    "process_id": by_process(instances.c.key, instances.c.process_key, definitions, definitions.c.process_key),
    "participant": lambda op, name, more: list(holdings_of(name, "instance_key")),
    "involved": lambda op, name, more: [
        select(involvements.c.entity_key).where(any_of(involvements.c.member_key, name))
    ],
}


INSTANCE = Kind(
    "instance",
    instances,
    INSTANCE_FIELDS,
    few=frozenset({"key", "uid", "reference_key"}),
    unordered=frozenset({"process_id"}),
    sources=INSTANCES,
    asked_first=frozenset({"process_id", "creator", "participant"}),
    path=Path(("participant", "is"), "number", lambda name: holdings_of(name, "instance_number", "instance_key")),
)
