"""Versions of processes, what stands beside them, the elements of instances, and their variables."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.queries.tasks import InstanceView
from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.event import Event
from core.tables.instance import ElementInstance, Variable
from core.tables.process import Resource
from core.tables.task import Task
from core.turn.known import KnownDefinition
from core.types import ResourceKind


@dataclass(frozen=True)
class SearchDefinitions(Query[Page[KnownDefinition]]):
    """Fields: see core.engine.execution_fields.DEFINITION_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class DefinitionByKey(Query[KnownDefinition]):
    """Any version of a process."""

    key: int


@dataclass(frozen=True)
class DefinitionByVersion(Query[KnownDefinition]):
    """A version of the process with this BPMN id; -1 is the newest. What was not found is a `process` or a
    `version`."""

    process_id: str
    version: int = -1


@dataclass(frozen=True)
class ElementView:
    element: ElementInstance
    instance: InstanceView


@dataclass(frozen=True)
class SearchElements(Query[Page[ElementView]]):
    """Fields: see core.engine.execution_fields.ELEMENT_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class ElementByKey(Query[ElementView]):
    """The key of an instance is that of its outermost element."""

    key: int


@dataclass(frozen=True)
class ScopesOf(Query[tuple[int, ...]]):
    """An element instance and those around it, by key, the innermost first; empty if there is none such."""

    key: int


@dataclass(frozen=True)
class VariableView:
    variable: Variable
    instance: InstanceView


@dataclass(frozen=True)
class SearchVariables(Query[Page[VariableView]]):
    """Fields: see core.engine.execution_fields.VARIABLE_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class VariableByKey(Query[VariableView]):
    key: int


@dataclass(frozen=True)
class EventView:
    """An event with the instance and the task that it is about, if there are such."""

    event: Event
    instance: InstanceView | None
    task: Task | None


@dataclass(frozen=True)
class EventByKey(Query[EventView]):
    key: int


@dataclass(frozen=True)
class SearchEvents(Query[Page[EventView]]):
    """Fields: see core.engine.execution_fields.EVENT_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class ResourceByKey(Query[Resource]):
    key: int


@dataclass(frozen=True)
class LatestResources(Query[Mapping[str, Resource]]):
    """The newest version of each, or a certain one, by its id; those that are not there are left out."""

    kind: ResourceKind
    resource_ids: tuple[str, ...]
    version: int = 0
