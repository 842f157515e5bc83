"""Reading decisions, their requirements, and what they came to."""

from collections.abc import Iterable

from core.decision.fields import DECISION, INSTANCE, REQUIREMENTS
from core.decision.queries import (
    DecisionByKey,
    DecisionInstanceAt,
    DecisionView,
    LatestDecision,
    RequirementsByKey,
    SearchDecisionInstances,
    SearchDecisions,
    SearchRequirements,
)
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers, of_own_tenant
from core.search.search import page_of
from core.storage.rows import load_any
from core.tables.decision import Decision, DecisionInstance, Requirements


def _views(r: Reader, rows: Iterable[Decision]) -> tuple[DecisionView, ...]:
    rows = list(rows)
    keys = dict.fromkeys(row.requirements_key for row in rows)
    requirements = {row.key: row for row in load_any(r.connection, Requirements, "key", keys)}
    return tuple(DecisionView(row, requirements[row.requirements_key]) for row in rows)


@answers(SearchDecisions)
def search_decisions(query: SearchDecisions, r: Reader) -> Page[DecisionView]:
    page = page_of(r, DECISION, Decision, query)
    return Page(_views(r, page.items), page.total, page.capped, page.start, page.end)


@answers(DecisionByKey)
def decision_by_key(query: DecisionByKey, r: Reader) -> DecisionView:
    (view,) = _views(r, [r.one(Decision, "key", query.key, "decision")])
    return view


@answers(LatestDecision)
def latest_decision(query: LatestDecision, r: Reader) -> Decision:
    rows: list[Decision] = of_own_tenant(r, load_any(r.connection, Decision, "decision_id", [query.decision_id]))
    if not rows:
        raise NotFound("decision", query.decision_id)
    return max(rows, key=lambda row: row.version)


@answers(SearchRequirements)
def search_requirements(query: SearchRequirements, r: Reader) -> Page[Requirements]:
    return page_of(r, REQUIREMENTS, Requirements, query)


@answers(RequirementsByKey)
def requirements_by_key(query: RequirementsByKey, r: Reader) -> Requirements:
    return r.one(Requirements, "key", query.key, "requirements")


@answers(SearchDecisionInstances)
def search_decision_instances(query: SearchDecisionInstances, r: Reader) -> Page[DecisionInstance]:
    return page_of(r, INSTANCE, DecisionInstance, query)


@answers(DecisionInstanceAt)
def decision_instance_at(query: DecisionInstanceAt, r: Reader) -> DecisionInstance:
    rows = of_own_tenant(r, load_any(r.connection, DecisionInstance, "evaluation_key", [query.evaluation_key]))
    there: list[DecisionInstance] = [row for row in rows if row.position == query.position]
    if not there:
        raise NotFound("decision-instance", f"{query.evaluation_key}-{query.position}")
    return there[0]
