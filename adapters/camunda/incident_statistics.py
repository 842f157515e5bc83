"""How many instances stand still, and why. Source: the public contract of the API."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import DEFAULT_TENANT, SEARCH, Call, Endpoints
from adapters.camunda.incidents import NO_MESSAGE
from adapters.camunda.searching import AnySearchable, Searchable, found
from core.incident.queries import Counted, IncidentsByMessage
from core.process.queries import DefinitionByKey
from core.search.query import Page
from schemas.camunda.body import InvalidArgument
from schemas.camunda.search import Member, Search

endpoints = Endpoints()

_COUNT = "activeInstancesWithErrorCount"
BY_ERROR: AnySearchable = Searchable({}, {"errorMessage": None, _COUNT: None})
BY_DEFINITION: AnySearchable = Searchable(
    {"errorHashCode": (Member("integer", ()), "message")},
    {_COUNT: None, "processDefinitionKey": None, "tenantId": None},
)


def hash_code(text: str) -> int:
    """Of a text in Java."""
    units = text.encode("utf-16-be")
    value = 0
    for at in range(0, len(units), 2):
        value = (31 * value + int.from_bytes(units[at : at + 2])) & 0xFFFFFFFF
    return value - 2**32 if value >= 2**31 else value


def _sorted(items: list[dict[str, Any]], wanted: Search, first: Callable[[dict[str, Any]], Any]) -> Page[Any]:
    """The most first, if nobody says otherwise."""
    items.sort(key=first)
    if not wanted.sort:
        items.sort(key=lambda item: -item[_COUNT])
    for by in reversed(wanted.sort):
        items.sort(key=lambda item: item[by.field], reverse=by.descending)
    page = wanted.page
    return Page(tuple(items[page.start : page.start + page.limit]), len(items))


async def _readable(call: Call) -> Mapping[str, list[Counted]]:
    """By message, the counts of versions that the caller may read."""
    counts: dict[str, list[Counted]] = {}
    for whole in await call.ask(IncidentsByMessage()):
        for of in await call.ask(IncidentsByMessage(whole.message)):
            definition = (await call.ask(DefinitionByKey(of.definition_key))).definition
            if call.access.allows(READ_INSTANCE, definition.process_id):
                counts.setdefault(whole.message or NO_MESSAGE, []).append(of)
    return counts


@endpoints(
    "getProcessInstanceStatisticsByError",
    "POST",
    "/incidents/statistics/process-instances-by-error",
    SEARCH,
    source="documented",
)
async def by_error(call: Call) -> Response:
    wanted = await BY_ERROR.read(call)
    items = [
        {"errorHashCode": hash_code(text), "errorMessage": text, _COUNT: sum(of.instances for of in counts)}
        for text, counts in (await _readable(call)).items()
    ]
    return await found(_sorted(items, wanted, lambda item: item["errorMessage"]), dict)


@endpoints(
    "getProcessInstanceStatisticsByDefinition",
    "POST",
    "/incidents/statistics/process-instances-by-definition",
    SEARCH,
    source="documented",
)
async def by_definition(call: Call) -> Response:
    wanted = await BY_DEFINITION.read(call)
    codes = [condition.value for condition in wanted.conditions]
    if not codes:
        raise InvalidArgument("No filter.errorHashCode provided.")
    items = []
    for text, counts in (await _readable(call)).items():
        for of in counts if hash_code(text) == codes[0] else ():
            definition = (await call.ask(DefinitionByKey(of.definition_key))).definition
            items.append(
                {
                    "processDefinitionId": definition.process_id,
                    "processDefinitionKey": str(definition.key),
                    "processDefinitionName": definition.name or definition.process_id,
                    "processDefinitionVersion": definition.version,
                    "tenantId": DEFAULT_TENANT,
                    _COUNT: of.instances,
                }
            )
    return await found(_sorted(items, wanted, lambda item: item["processDefinitionKey"]), dict)
