"""The bodies of commands on jobs. Source: dossier camunda.md, sections 2.13 and 3.11; members as in the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.camunda.ad_hoc import elements_of
from schemas.camunda.body import (
    InvalidArgument,
    boolean,
    closed,
    integer,
    object_member,
    read_object,
    required_object,
    text,
    texts,
    variables_of,
)

_ACTIVATION = (
    *("type", "worker", "timeout", "maxJobsToActivate", "fetchVariable", "requestTimeout", "tenantIds"),
    "tenantFilter",
)
_CORRECTIONS = "result.corrections."
_AD_HOC = ("type", "activateElements", "isCompletionConditionFulfilled", "isCancelRemainingInstances")
#: what a listener may correct
CORRECTIONS = ("assignee", "dueDate", "followUpDate", "candidateUsers", "candidateGroups", "priority")


@dataclass(frozen=True, slots=True)
class Activation:
    """`timeout` and `wait` are milliseconds; `wait` 0: as long as the server likes, below 0: not at all. `fetch` names
    the variables that are wanted, empty for all."""

    type: str
    worker: str
    timeout: int
    limit: int
    fetch: tuple[str, ...]
    wait: int
    tenants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """`corrections` as sent: only what is to change. `ad_hoc` is (what is to be activated, is the sub-process
    over?, does what is active there end?)."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    denied: bool = False
    reason: str = ""
    corrections: Mapping[str, Any] = field(default_factory=dict)
    ad_hoc: tuple[tuple[tuple[str, dict[str, Any]], ...], bool, bool] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    retries: int = 0
    error: str = ""
    back_off: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error of the process."""

    code: str
    message: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    retries: int | None
    timeout: int | None


def parse_activation(body: bytes) -> Activation:
    """Raises BadRequest, InvalidArgument."""
    value = required_object(body)
    closed(value, _ACTIVATION)
    kind, worker = text(value, "type"), text(value, "worker")
    timeout, limit = integer(value, "timeout"), integer(value, "maxJobsToActivate", 31)
    wait = integer(value, "requestTimeout") or 0
    fetch = texts(value, "fetchVariable")
    tenants = texts(value, "tenantIds")
    text(value, "tenantFilter")
    problems = [] if (kind or "").strip() else ["No type provided"]
    for name, number in (("timeout", timeout), ("maxJobsToActivate", limit)):
        if number is None:
            problems.append(f"No {name} provided")
        elif number < 1:
            problems.append(f"The value for {name} is '{number}' but must be greater than zero")
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")
    assert timeout is not None
    assert limit is not None
    return Activation(
        type=kind or "",
        worker=worker or "",
        timeout=timeout,
        limit=min(limit, 1000),
        fetch=fetch,
        wait=wait,
        tenants=tenants,
    )


def parse_completion(body: bytes) -> Completion:
    value = read_object(body) or {}
    closed(value, ("variables", "result"))
    variables, result = variables_of(value, body), object_member(value, "result")
    kind = text(result, "type", "result.")
    if kind == "adHocSubProcess" or (kind is None and any(name in result for name in _AD_HOC[1:])):
        closed(result, _AD_HOC, "result.")
        elements = elements_of(result, "activateElements", body, "result.")
        over, cancels = (boolean(result, name, False, "result.") for name in _AD_HOC[2:])
        return Completion(variables, ad_hoc=(elements, over, cancels))
    closed(result, ("type", "denied", "deniedReason", "corrections"), "result.")
    if kind not in (None, "userTask"):
        raise InvalidArgument(f"The value for result.type is '{kind}' but must be userTask or adHocSubProcess.")
    corrections = object_member(result, "corrections", "result.")
    closed(corrections, CORRECTIONS, _CORRECTIONS)
    denied, reason = boolean(result, "denied", False, "result."), text(result, "deniedReason", "result.")
    return Completion(variables, denied, reason or "", _typed(corrections))


def _typed(corrections: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in corrections.items() if value is not None}
    for name in given:
        if name == "priority":
            integer(given, name, 31, _CORRECTIONS)
        elif name.startswith("candidate"):
            texts(given, name, _CORRECTIONS)
        else:
            text(given, name, _CORRECTIONS)
    return given


def parse_failure(body: bytes) -> Failure:
    value = read_object(body) or {}
    closed(value, ("retries", "errorMessage", "retryBackOff", "variables"))
    variables = variables_of(value, body)
    back_off = integer(value, "retryBackOff") or 0
    if back_off < 0:
        raise InvalidArgument(f"The value for retryBackOff is '{back_off}' but must be a non-negative number.")
    return Failure(integer(value, "retries", 31) or 0, text(value, "errorMessage") or "", back_off, variables)


def parse_error(body: bytes) -> Thrown:
    value = required_object(body)
    closed(value, ("errorCode", "errorMessage", "variables"))
    code, message = text(value, "errorCode"), text(value, "errorMessage")
    variables = variables_of(value, body)
    if not (code or "").strip():
        raise InvalidArgument("No errorCode provided.")
    return Thrown(code or "", message or "", variables)


def parse_change(body: bytes) -> Change:
    value = required_object(body)
    closed(value, ("changeset", "operationReference"))
    changeset = object_member(value, "changeset")
    closed(changeset, ("retries", "timeout"), "changeset.")
    retries, timeout = integer(changeset, "retries", 31, "changeset."), integer(changeset, "timeout", path="changeset.")
    if retries is None and timeout is None:
        raise InvalidArgument("At least one of [retries, timeout] is required.")
    for name, number in (("retries", retries), ("timeout", timeout)):
        if number is not None and number < 1:
            raise InvalidArgument(f"The value for {name} is '{number}' but must be greater than zero.")
    return Change(retries, timeout)
