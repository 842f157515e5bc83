"""TODO core.instance.queries"""

from dataclasses import dataclass

from core.search.query import Query
from core.tables.instance import Instance


@dataclass(frozen=True)
class InstancesOfDocument(Query[tuple[Instance, ...]]):
    """In the order of their start."""

    document_key: int
