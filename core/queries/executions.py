"""Versions of processes, what stands beside them, the elements of instances, and their variables."""

from dataclasses import dataclass

from core.queries.tasks import InstanceView
from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.event import Event
from core.tables.instance import ElementInstance, Variable
from core.tables.task import Task


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
