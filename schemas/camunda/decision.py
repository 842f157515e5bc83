"""The body of a command that evaluates a decision. Source: the vendor's description of its API."""

from dataclasses import dataclass
from typing import Any

from schemas.camunda.body import InvalidArgument, closed, required_object, text, variables_of
from schemas.camunda.process_instance import key_member

_EITHER = "[decisionDefinitionId, decisionDefinitionKey]"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One of `decision_id` and `decision_key` is set."""

    decision_id: str
    decision_key: int
    variables: dict[str, Any]
    tenant: str | None


def parse_evaluation(body: bytes) -> Evaluation:
    value = required_object(body)
    closed(value, ("decisionDefinitionId", "decisionDefinitionKey", "variables", "tenantId"))
    id, tenant = text(value, "decisionDefinitionId"), text(value, "tenantId")
    variables = variables_of(value, body)
    key = key_member(value, "decisionDefinitionKey")
    if id is None and key is None:
        raise InvalidArgument(f"At least one of {_EITHER} is required.")
    if id is not None and key is not None:
        raise InvalidArgument(f"Only one of {_EITHER} is allowed.")
    return Evaluation(id or "", key or 0, variables, tenant)
