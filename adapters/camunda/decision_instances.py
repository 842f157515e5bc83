"""What decisions came to. Source: the vendor's description of its API."""

from typing import Any, Never

import orjson
from starlette.responses import Response

from adapters.camunda.access import READ_DECISION_INSTANCE
from adapters.camunda.calls import DEFAULT_TENANT, MAX_KEY, READ_BY_ID, SEARCH, Call, Endpoints, reply
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Filter, Means, Plain, Searchable, found, page_of
from core.decision.fields import InstanceField, InstanceWhere
from core.decision.queries import DecisionInstanceAt, SearchDecisionInstances
from core.rejections import NotFound
from core.tables.decision import DecisionInstance
from core.times import iso_utc
from schemas.camunda.search import KEY, ORDERED, STRING, Member
from schemas.common.numbers import within

endpoints = Endpoints()

#: as large as a place in an evaluation can be told
MAX_PLACE = 2**31 - 1
_TEXT, _KEYS = Member("text"), Member("key", KEY)
_STATES = ("EVALUATED", "FAILED", "UNSPECIFIED", "UNKNOWN")
#: kinds of decisions; those that clients have no word for are unknown
_SHOWN = ("DECISION_TABLE", "LITERAL_EXPRESSION")
_OTHERS = ("CONTEXT", "LIST", "RELATION", "INVOCATION", "UNKNOWN")
_KINDS: Means[InstanceField] = Means(
    "kind", {**{kind: (kind,) for kind in _SHOWN}, "UNKNOWN": _OTHERS, "UNSPECIFIED": ()}
)

_MEMBERS: Filter[InstanceField, Never] = {
    "decisionEvaluationInstanceKey": (_TEXT, "evaluation_id"),
    "state": (Member("enum", (), _STATES), "state"),
    "evaluationFailure": (_TEXT, "failure"),
    "evaluationDate": (Member("date", ORDERED), "evaluated_at"),
    "decisionDefinitionId": (_TEXT, "decision_id"),
    "decisionDefinitionName": (_TEXT, "decision_name"),
    "decisionDefinitionVersion": (Member("integer"), "decision_version"),
    "decisionDefinitionType": (Member("enum", (), (*_SHOWN, "UNSPECIFIED", "UNKNOWN")), _KINDS),
    "tenantId": (Member("text"), TENANT[1]),
    "decisionEvaluationKey": (Member("key"), "evaluation_key"),
    "processDefinitionKey": (Member("key"), "definition_key"),
    "processInstanceKey": (Member("key"), "instance_key"),
    "decisionDefinitionKey": (_KEYS, "decision_key"),
    "elementInstanceKey": (_KEYS, "element_instance_key"),
}
_SORT: dict[str, InstanceField | None] = {
    "decisionDefinitionId": "decision_id",
    "decisionDefinitionKey": "decision_key",
    "decisionDefinitionName": "decision_name",
    "decisionDefinitionType": "kind",
    "decisionDefinitionVersion": "decision_version",
    "decisionEvaluationInstanceKey": "evaluation_id",
    "decisionEvaluationKey": "evaluation_key",
    "elementInstanceKey": "element_instance_key",
    "evaluationDate": "evaluated_at",
    "evaluationFailure": "failure",
    "processDefinitionKey": "definition_key",
    "processInstanceKey": "instance_key",
    "state": "state",
    "tenantId": None,
}
_OLDER: Plain[InstanceField] = Searchable(_MEMBERS, _SORT)
INSTANCES: Plain[InstanceField] = Searchable(
    {
        **_MEMBERS,
        "decisionEvaluationInstanceKey": (Member("text", KEY), "evaluation_id"),
        "state": (Member("enum", STRING, _STATES), "state"),
        "rootDecisionDefinitionKey": (_KEYS, "root_key"),
        "decisionRequirementsKey": (_KEYS, "requirements_key"),
    },
    {**_SORT, "rootDecisionDefinitionKey": "root_key"},
)


def searchable(profile: Profile) -> Plain[InstanceField]:
    return INSTANCES if profile.has_root else _OLDER


def record(row: DecisionInstance, call: Call) -> dict[str, Any]:
    members = {
        "decisionEvaluationInstanceKey": row.evaluation_id,
        "state": row.state,
        "evaluationDate": iso_utc(row.evaluated_at),
        "evaluationFailure": row.failure,
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionName": row.decision_name,
        "decisionDefinitionVersion": row.decision_version,
        "decisionDefinitionType": row.kind if row.kind in _SHOWN else "UNKNOWN",
        "result": row.result,
        "tenantId": DEFAULT_TENANT,
        "decisionEvaluationKey": str(row.evaluation_key),
        "processDefinitionKey": str(row.definition_key),
        "processInstanceKey": str(row.instance_key),
        "decisionDefinitionKey": str(row.decision_key),
        "elementInstanceKey": str(row.element_instance_key),
    }
    if call.profile.has_root:
        members["rootDecisionDefinitionKey"] = str(row.root_key)
        members["rootProcessInstanceKey"] = str(row.root_instance_key) if row.root_instance_key else None
    return members


def inputs_of(row: DecisionInstance) -> list[dict[str, Any]]:
    return [
        {"inputId": each["id"], "inputName": each["name"], "inputValue": each["value"]}
        for each in orjson.loads(row.inputs)
    ]


def rules_of(row: DecisionInstance, call: Call) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": rule["id"],
            "ruleIndex": rule["index"],
            "evaluatedOutputs": [
                {
                    **{"outputId": each["id"], "outputName": each["name"], "outputValue": each["value"]},
                    **({"ruleId": rule["id"], "ruleIndex": rule["index"]} if call.profile.has_root else {}),
                }
                for each in rule["outputs"]
            ],
        }
        for rule in orjson.loads(row.matched)
    ]


@endpoints("searchDecisionInstances", "POST", "/decision-instances/search", SEARCH)
async def search(call: Call) -> Response:
    by = searchable(call.profile)
    wanted = await by.read(call)
    readable: tuple[InstanceWhere, ...] = call.access.where(READ_DECISION_INSTANCE, "decision_id")
    where = (*readable, *by.where(wanted))
    page = await call.ask(SearchDecisionInstances(where, by.order(wanted), page_of(wanted.page)))
    return await found(page, lambda row: record(row, call))


@endpoints("getDecisionInstance", "GET", "/decision-instances/{decisionEvaluationInstanceKey}", READ_BY_ID)
async def get(call: Call) -> Response:
    """With its inputs and the rules that were met."""
    id: str = call.request.path_params["decisionEvaluationInstanceKey"]
    key, _, position = id.partition("-")
    evaluation, place = within(key, 0, MAX_KEY), within(position, 1, MAX_PLACE)
    if evaluation is None or place is None:
        raise NotFound("decision-instance", id)
    row = await call.ask(DecisionInstanceAt(evaluation, place))
    call.check_reading(READ_DECISION_INSTANCE, id=row.decision_id)
    return reply({**record(row, call), "evaluatedInputs": inputs_of(row), "matchedRules": rules_of(row, call)})
