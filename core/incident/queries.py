"""Incidents."""

from dataclasses import dataclass

from core.incident.fields import IncidentSort, IncidentWhere
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.incident import Incident
from core.turn.known import KnownDefinition


@dataclass(frozen=True)
class IncidentView:
    incident: Incident
    known: KnownDefinition


@dataclass(frozen=True)
class IncidentByKey(Query[IncidentView]):
    key: int


@dataclass(frozen=True)
class SearchIncidents(Query[Page[IncidentView]]):
    where: tuple[IncidentWhere, ...] = ()
    sort: tuple[IncidentSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class Counted:
    """How many instances have an open incident with this message, of this version if the messages are not counted."""

    message: str
    definition_key: int
    instances: int


@dataclass(frozen=True)
class IncidentsByMessage(Query[tuple[Counted, ...]]):
    """The open ones; with a `message` by version."""

    message: str | None = None
