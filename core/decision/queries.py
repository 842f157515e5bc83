"""Decisions, their requirements, and what they came to."""

from dataclasses import dataclass

from core.decision.fields import (
    DecisionSort,
    DecisionWhere,
    InstanceSort,
    InstanceWhere,
    RequirementsSort,
    RequirementsWhere,
)
from core.search.query import FIRST_PAGE, Page, PageRequest, Query
from core.tables.decision import Decision, DecisionInstance, Requirements


@dataclass(frozen=True)
class DecisionView:
    decision: Decision
    requirements: Requirements


@dataclass(frozen=True)
class SearchDecisions(Query[Page[DecisionView]]):
    where: tuple[DecisionWhere, ...] = ()
    sort: tuple[DecisionSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class DecisionByKey(Query[DecisionView]):
    """Any version of a decision."""

    key: int


@dataclass(frozen=True)
class LatestDecision(Query[Decision]):
    """The newest version of a decision, by its id."""

    decision_id: str


@dataclass(frozen=True)
class SearchRequirements(Query[Page[Requirements]]):
    where: tuple[RequirementsWhere, ...] = ()
    sort: tuple[RequirementsSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class RequirementsByKey(Query[Requirements]):
    key: int


@dataclass(frozen=True)
class SearchDecisionInstances(Query[Page[DecisionInstance]]):
    where: tuple[InstanceWhere, ...] = ()
    sort: tuple[InstanceSort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class DecisionInstanceAt(Query[DecisionInstance]):
    """The one at a place in an evaluation, from 1 on."""

    evaluation_key: int
    position: int
