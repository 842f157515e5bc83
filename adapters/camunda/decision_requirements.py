"""Versions of requirements graphs. Source: the vendor's description of its API."""

from typing import Any

from starlette.responses import Response

from adapters.camunda.access import READ_REQUIREMENTS
from adapters.camunda.calls import DEFAULT_TENANT, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.forms import document_of
from adapters.camunda.searching import TENANT, Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.decision.fields import RequirementsField, RequirementsWhere
from core.decision.queries import RequirementsByKey, SearchRequirements
from core.tables.decision import Requirements
from schemas.camunda.search import Member

endpoints = Endpoints()

REQUIREMENTS: Plain[RequirementsField] = Searchable(
    {
        "decisionRequirementsName": (Member("text"), "name"),
        "decisionRequirementsId": (Member("text"), "requirements_id"),
        "decisionRequirementsKey": (Member("key"), "key"),
        "version": (Member("integer"), "version"),
        "tenantId": (Member("text"), TENANT[1]),
        "resourceName": (Member("text"), "resource_name"),
    },
    {
        "decisionRequirementsKey": "key",
        "decisionRequirementsName": "name",
        "version": "version",
        "decisionRequirementsId": "requirements_id",
        "tenantId": None,
    },
)


def record(row: Requirements) -> dict[str, Any]:
    return {
        "decisionRequirementsId": row.requirements_id,
        "decisionRequirementsKey": str(row.key),
        "decisionRequirementsName": row.name,
        "resourceName": row.resource_name,
        "tenantId": DEFAULT_TENANT,
        "version": row.version,
    }


@endpoints("searchDecisionRequirements", "POST", "/decision-requirements/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await REQUIREMENTS.read(call)
    readable: tuple[RequirementsWhere, ...] = call.access.where(READ_REQUIREMENTS, "requirements_id")
    where = (*readable, *REQUIREMENTS.where(wanted))
    page = await call.ask(SearchRequirements(where, REQUIREMENTS.order(wanted), page_of(wanted.page)))
    return await found(page, record)


async def _row(call: Call) -> Requirements:
    row = await call.ask(RequirementsByKey(call.key("decisionRequirementsKey")))
    call.check_reading(READ_REQUIREMENTS, id=row.requirements_id)
    return row


@endpoints("getDecisionRequirements", "GET", "/decision-requirements/{decisionRequirementsKey}", READ)
async def get(call: Call) -> Response:
    return reply(record(await _row(call)))


@endpoints(
    "getDecisionRequirementsXML",
    "GET",
    "/decision-requirements/{decisionRequirementsKey}/xml",
    READ,
    accepts=("text/xml", "text/*"),
)
async def xml(call: Call) -> Response:
    """The file as it was deployed."""
    return Raw(200, document_of((await _row(call)).resource), {"content-type": "text/xml"})
