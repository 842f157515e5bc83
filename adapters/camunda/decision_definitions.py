"""Versions of decisions, and evaluating them. Source: the vendor's description of its API."""

from typing import Any

import orjson
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import READ_DECISION
from adapters.camunda.calls import DEFAULT_TENANT, READ, SEARCH, UPDATE, Call, Endpoints, check_tenant, reply
from adapters.camunda.decision_instances import inputs_of, rules_of
from adapters.camunda.forms import document_of
from adapters.camunda.process_definitions import check_latest
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Filter, Flag, Searchable, found, page_of
from adapters.common.http import Raw
from core.decision.commands import EvaluateDecision
from core.decision.fields import DecisionFact, DecisionField, DecisionWhere
from core.decision.queries import DecisionByKey, DecisionView, LatestDecision, SearchDecisions
from core.rejections import NotFound
from core.search.query import Is, Isnt
from core.tables.decision import Decision, DecisionInstance
from core.turn.command import Evaluated
from schemas.camunda.decision import Evaluation, parse_evaluation
from schemas.camunda.search import Member

endpoints = Endpoints()

_Fact = Is[DecisionFact] | Isnt[DecisionFact]
_MEMBERS: Filter[DecisionField, _Fact] = {
    "decisionDefinitionId": (Member("text"), "decision_id"),
    "name": (Member("text"), "name"),
    "version": (Member("integer"), "version"),
    "decisionRequirementsId": (Member("text"), "requirements_id"),
    "tenantId": (Member("text"), TENANT[1]),
    "decisionDefinitionKey": (Member("key"), "key"),
    "decisionRequirementsKey": (Member("key"), "requirements_key"),
}
_SORT: dict[str, DecisionField | None] = {
    "decisionDefinitionKey": "key",
    "decisionDefinitionId": "decision_id",
    "name": "name",
    "version": "version",
    "decisionRequirementsId": "requirements_id",
    "decisionRequirementsKey": "requirements_key",
    "tenantId": None,
}
_OLDER: Searchable[DecisionField, DecisionField, _Fact] = Searchable(_MEMBERS, _SORT)
DECISIONS: Searchable[DecisionField, DecisionField, _Fact] = Searchable(
    {
        **_MEMBERS,
        "isLatestVersion": (Member("boolean"), Flag(Is("latest"), Isnt("latest"))),
        "decisionRequirementsName": (Member("text"), "requirements_name"),
        "decisionRequirementsVersion": (Member("integer"), "requirements_version"),
    },
    {**_SORT, "decisionRequirementsName": "requirements_name", "decisionRequirementsVersion": "requirements_version"},
)


def searchable(profile: Profile) -> Searchable[DecisionField, DecisionField, _Fact]:
    return DECISIONS if profile.has_root else _OLDER


def record(view: DecisionView, call: Call) -> dict[str, Any]:
    decision = view.decision
    members = {
        "decisionDefinitionId": decision.decision_id,
        "name": decision.name,
        "version": decision.version,
        "decisionRequirementsId": decision.requirements_id,
        "tenantId": DEFAULT_TENANT,
        "decisionDefinitionKey": str(decision.key),
        "decisionRequirementsKey": str(decision.requirements_key),
    }
    if call.profile.has_root:
        members["decisionRequirementsName"] = view.requirements.name
        members["decisionRequirementsVersion"] = view.requirements.version
    return members


@endpoints("searchDecisionDefinitions", "POST", "/decision-definitions/search", SEARCH)
async def search(call: Call) -> Response:
    by = searchable(call.profile)
    wanted = await by.read(call)
    check_latest(wanted, "decisionDefinitionId")
    readable: tuple[DecisionWhere, ...] = call.access.where(READ_DECISION, "decision_id")
    page = await call.ask(SearchDecisions((*readable, *by.where(wanted)), by.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))


async def _view(call: Call) -> DecisionView:
    view = await call.ask(DecisionByKey(call.key("decisionDefinitionKey")))
    call.check_reading(READ_DECISION, id=view.decision.decision_id)
    return view


@endpoints("getDecisionDefinition", "GET", "/decision-definitions/{decisionDefinitionKey}", READ)
async def get(call: Call) -> Response:
    return reply(record(await _view(call), call))


@endpoints(
    "getDecisionDefinitionXML",
    "GET",
    "/decision-definitions/{decisionDefinitionKey}/xml",
    READ,
    accepts=("text/xml", "text/*"),
)
async def xml(call: Call) -> Response:
    """The file as it was deployed."""
    view = await _view(call)
    return Raw(200, document_of(view.requirements.resource), {"content-type": "text/xml"})


@endpoints("evaluateDecision", "POST", "/decision-definitions/evaluation", UPDATE)
async def evaluate(call: Call) -> Response:
    """By an id the newest version is. What fails while it is evaluated is told in the answer."""
    call.means(errors.EVALUATE)
    wanted = parse_evaluation(await call.body())
    check_tenant(wanted.tenant, "Evaluate Decision")
    try:
        decision = await _decision(call, wanted)
        call.means(errors.EVALUATE, decision.decision_id)
        key = 0 if wanted.decision_id else wanted.decision_key
        evaluated = await call.do(EvaluateDecision(wanted.decision_id, key, wanted.variables))
    except NotFound:
        raise _unknown(wanted) from None
    return reply(_told(evaluated, call))


async def _decision(call: Call, wanted: Evaluation) -> Decision:
    if wanted.decision_id:
        return await call.ask(LatestDecision(wanted.decision_id))
    return (await call.ask(DecisionByKey(wanted.decision_key))).decision


def _unknown(wanted: Evaluation) -> errors.Problem:
    kind, named = ("id", wanted.decision_id) if wanted.decision_id else ("key", str(wanted.decision_key))
    reason = f"Expected to evaluate decision '{named}', but no decision found for {kind} '{named}'"
    return errors.unknown("EVALUATE", reason)


def _told(evaluated: Evaluated, call: Call) -> dict[str, Any]:
    decision = evaluated.decision
    return {
        "decisionDefinitionId": decision.decision_id,
        "decisionDefinitionKey": str(decision.key),
        "decisionDefinitionName": decision.name,
        "decisionDefinitionVersion": decision.version,
        "decisionEvaluationKey": str(evaluated.key),
        "decisionInstanceKey": str(evaluated.key),
        "decisionRequirementsId": decision.requirements_id,
        "decisionRequirementsKey": str(decision.requirements_key),
        "evaluatedDecisions": [_evaluated(instance, call) for instance in evaluated.instances],
        "failedDecisionDefinitionId": evaluated.failed_id or None,
        "failureMessage": evaluated.failure or None,
        "output": orjson.dumps(evaluated.output).decode(),
        "tenantId": DEFAULT_TENANT,
    }


def _evaluated(instance: DecisionInstance, call: Call) -> dict[str, Any]:
    return {
        "decisionDefinitionId": instance.decision_id,
        "decisionDefinitionName": instance.decision_name,
        "decisionDefinitionVersion": instance.decision_version,
        "decisionDefinitionType": instance.kind,
        "output": instance.result,
        "tenantId": DEFAULT_TENANT,
        "matchedRules": rules_of(instance, call),
        "evaluatedInputs": inputs_of(instance),
        "decisionDefinitionKey": str(instance.decision_key),
        "decisionEvaluationInstanceKey": instance.evaluation_id,
    }
