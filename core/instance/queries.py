"""Running processes, their elements, variables, comments and events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.instance.fields import (
    CommentSort,
    CommentWhere,
    ElementSort,
    ElementWhere,
    EventSort,
    EventWhere,
    InstanceSort,
    InstanceWhere,
    VariableSort,
    VariableWhere,
)
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.event import Event
from core.tables.instance import Comment, ElementInstance, Instance, Involvement, Variable
from core.tables.task import Task
from core.turn.known import KnownDefinition


@dataclass(frozen=True)
class InstancesOfDocument(Query[tuple[Instance, ...]]):
    """In the order of their start."""

    document_key: int


@dataclass(frozen=True)
class InstanceView:
    """`has_incident`: something stands still in it, or in what it called."""

    instance: Instance
    known: KnownDefinition
    has_incident: bool = False


@dataclass(frozen=True)
class SearchInstances(Query[Page[InstanceView]]):
    where: tuple[InstanceWhere, ...] = ()
    sort: tuple[InstanceSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class InstanceByNumber(Query[InstanceView]):
    number: int


@dataclass(frozen=True)
class InstanceByKey(Query[InstanceView]):
    key: int


@dataclass(frozen=True)
class InstanceByUid(Query[InstanceView]):
    uid: str


@dataclass(frozen=True)
class InstancesByKey(Query[Mapping[int, InstanceView]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class CommentsOf(Query[tuple[Comment, ...]]):
    """What was said about an instance as a whole, the oldest first."""

    instance_key: int


@dataclass(frozen=True)
class Variables(Query[Mapping[str, Any]]):
    """The variables of an instance's root scope, or those that are seen from the scope with `scope_key`."""

    instance_key: int
    scope_key: int = 0


@dataclass(frozen=True)
class ElementView:
    """`incident_key` is that of its own incident, 0 for none; `has_incident`: it, or something inside, stands still."""

    element: ElementInstance
    instance: InstanceView
    has_incident: bool = False
    incident_key: int = 0


@dataclass(frozen=True)
class SearchElements(Query[Page[ElementView]]):
    where: tuple[ElementWhere, ...] = ()
    sort: tuple[ElementSort, ...] = ()
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
    where: tuple[VariableWhere, ...] = ()
    sort: tuple[VariableSort, ...] = ()
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
    where: tuple[EventWhere, ...] = ()
    sort: tuple[EventSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class SearchComments(Query[Page[Comment]]):
    """What was said about instances."""

    where: tuple[CommentWhere, ...] = ()
    sort: tuple[CommentSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class InvolvedIn(Query[tuple[Involvement, ...]]):
    """Who has this role in an instance or a comment, in the order in which they got it."""

    entity_key: int
    role: str
