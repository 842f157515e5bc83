"""Every operation of Camunda with members of the wrong kind: a problem document that says so, or none."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects import load
from tests.faults.test_bad_input import Caller, fair, headers_for
from tests.faults.test_cases import ODD, text_of
from tests.support.rounds import rounds
from tests.support.world import UNTHROTTLED, World, open_world

OPERATIONS = [o for o in load("camunda").operations if o.name != "createDeployment"]
MEMBERS = (
    *("variables", "action", "assignee", "allowOverride", "changeset", "filter", "sort", "page", "local", "tags"),
    *("processDefinitionId", "processDefinitionKey", "processDefinitionVersion", "tenantId", "businessId"),
    *("username", "password", "name", "email", "groupId", "description", "roleId", "mappingRuleId", "claimName"),
    *("ownerId", "ownerType", "resourceId", "resourcePropertyName", "resourceType", "permissionTypes"),
    *("awaitCompletion", "fetchVariables", "requestTimeout", "startInstructions", "runtimeInstructions"),
    *("operationReference", "type", "timeout", "maxJobsToActivate", "fetchVariable", "result", "retries", "changeset"),
    *(
        "pageSize",
        "taskVariables",
        "searchAfter",
        "includeVariables",
        "dueDate",
        "priority",
        "assigned",
        "variableNames",
    ),
    *("deleteHistory", "retryBackOff"),
)
FILTERS = (
    *("state", "assignee", "name", "candidateGroup", "priority", "creationDate", "startDate", "endDate", "elementId"),
    *("userTaskKey", "processInstanceKey", "processDefinitionKey", "processDefinitionId", "version", "versionTag"),
    *("isLatestVersion", "hasIncident", "variables", "tags", "processInstanceVariables", "localVariables", "value"),
    *("scopeKey", "type", "elementName", "tenantId", "parentProcessInstanceKey", "resourceName", "username", "email"),
    *(
        "elementInstanceState",
        "groupId",
        "roleId",
        "ownerType",
        "resourceIds",
        "claimValue",
        "entityType",
        "category",
        "jobKey",
        "decisionDefinitionId",
        "decisionDefinitionKey",
        "decisionEvaluationInstanceKey",
        "evaluationDate",
        "rootDecisionDefinitionKey",
    ),
)
OPERATORS = ("$eq", "$neq", "$exists", "$in", "$notIn", "$like", "$gt", "$lte", "$or", "what")
PAGES = ("from", "limit", "after", "before", "what")
FIELDS = ("name", "startDate", "creationDate", "version", "value", "type", "processDefinitionId", "tenantId", "x")

odd = st.sampled_from([v for v in ODD if v is not None])
condition = st.one_of(odd, st.dictionaries(st.sampled_from(OPERATORS), odd, max_size=2))
search = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.dictionaries(st.sampled_from(FILTERS), condition, max_size=2),
        "sort": st.lists(
            st.fixed_dictionaries({"field": st.sampled_from(FIELDS)}, optional={"order": st.sampled_from(["desc", 1])}),
            max_size=3,
        ),
        "page": st.dictionaries(st.sampled_from(PAGES), st.one_of(odd, st.integers(0, 3)), max_size=2),
    },
)


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caller, dict[str, str]]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[World, dict[str, str]]:
            folder = tmp_path_factory.mktemp("camunda")
            options = {"camunda": {"request_timeout_ms": "50"}}
            world = await stack.enter_async_context(open_world(template, folder, dialects=options, **UNTHROTTLED))
            headers = {**await headers_for(world, "camunda"), "content-type": "application/json"}
            body = orjson.dumps({"processDefinitionId": "approve", "variables": {"a": 1}})
            started = (await world.call("POST", "/v2/process-instances", headers, body=body)).json()
            where = orjson.dumps({"filter": {"processInstanceKey": started["processInstanceKey"]}})
            task = (await world.call("POST", "/v2/user-tasks/search", headers, body=where)).json()["items"][0]
            variable = (await world.call("POST", "/v2/variables/search", headers, body=where)).json()["items"][0]
            people = {
                **{"username": "testuser", "groupId": "Managers", "roleId": "worker", "tenantId": "<default>"},
                **{"mappingRuleId": "staff", "clientId": "robot", "authorizationKey": "1"},
                **{
                    "jobKey": "1",
                    "incidentKey": "1",
                    "adHocSubProcessInstanceKey": "1",
                    "resourceKey": "1",
                    "formKey": "1",
                    "auditLogKey": "1",
                    "formId": "f",
                },
                **{
                    "decisionDefinitionKey": "1",
                    "decisionRequirementsKey": "1",
                    "decisionEvaluationInstanceKey": "1-1",
                },
                **{"taskId": task["userTaskKey"], "variableId": variable["variableKey"]},
            }
            return world, {**started, **task, **people, "variableKey": variable["variableKey"]}

        world, keys = runner.run(begin())
        yield Caller(runner.run, world, {"camunda": runner.run(headers_for(world, "camunda"))}), keys
        runner.run(stack.aclose())


def target(path: str, keys: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: keys[match[1]], path)


def check(calls: Caller, method: str, path: str, body: bytes) -> None:
    answer = calls.call("camunda", method, path, body, "application/json")
    # the one 5xx that a caller may bring about: nobody ends the instance that they wait for
    if answer.status != 504 or b"awaitCompletion" not in body:
        assert fair(answer, "camunda"), f"{method} {path} {body!r}: {answer.status} {answer.text[:300]}"


def test_every_odd_value_in_every_path(caller: tuple[Caller, dict[str, str]]) -> None:
    calls, keys = caller
    for operation in OPERATIONS:
        for value in ODD:
            text = quote(str(value).encode(errors="replace"), safe="") or "x"
            check(calls, operation.method, target(operation.path, dict.fromkeys(keys, text)), b"")


@settings(max_examples=rounds(60))
@given(st.sampled_from(OPERATIONS), st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(ODD), max_size=4))
def test_odd_values_in_bodies(caller: tuple[Caller, dict[str, str]], operation: Any, body: dict[str, Any]) -> None:
    calls, keys = caller
    check(calls, operation.method, target(operation.path, keys), text_of(body))


@settings(max_examples=rounds(150))
@given(st.sampled_from([o for o in OPERATIONS if o.path.endswith("/search")]), search)
def test_odd_searches(caller: tuple[Caller, dict[str, str]], operation: Any, body: dict[str, Any]) -> None:
    calls, keys = caller
    check(calls, operation.method, target(operation.path, keys), text_of(body))
