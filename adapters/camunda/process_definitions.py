"""Process definitions. Source: dossier camunda.md, section 3.7."""

from typing import Any

from starlette.responses import Response

from adapters.camunda.access import READ_DEFINITION
from adapters.camunda.calls import DEFAULT_TENANT, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.forms import document_of, form_reply, start_form_of
from adapters.camunda.searching import TENANT, Flag, Searchable, found, page_of
from adapters.common.http import Raw
from core.process.fields import DefinitionFact, DefinitionField, DefinitionWhere
from core.process.queries import DefinitionByKey, SearchDefinitions
from core.search.query import Is, Isnt, Where
from core.turn.known import KnownDefinition
from schemas.camunda.body import BadRequest
from schemas.camunda.search import STRING, Member, Search

endpoints = Endpoints()

_TEXT = Member("text", STRING)

DEFINITIONS: Searchable[DefinitionField, DefinitionField, Is[DefinitionFact] | Isnt[DefinitionFact]] = Searchable(
    {
        "name": (_TEXT, "name"),
        "processDefinitionId": (_TEXT, "process_id"),
        "isLatestVersion": (Member("boolean"), Flag(Is("latest"), Isnt("latest"))),
        "resourceName": (Member("text"), "resource_name"),
        "version": (Member("integer"), "version"),
        "versionTag": (Member("text"), "version_tag"),
        "tenantId": (Member("text"), TENANT[1]),
        "processDefinitionKey": (Member("key"), "key"),
        "hasStartForm": (Member("boolean"), "start_form"),
        "state": (Member("enum", (), ("ACTIVE", "DELETED")), "status"),
    },
    {
        "processDefinitionKey": "key",
        "name": "name",
        "resourceName": "resource_name",
        "version": "version",
        "versionTag": "version_tag",
        "processDefinitionId": "process_id",
        "tenantId": None,
    },
)
_ONLY = "When using isLatestVersion filter, "


def record(known: KnownDefinition, call: Call) -> dict[str, Any]:
    definition = known.definition
    members = {
        "name": definition.name or None,
        "resourceName": definition.resource_name,
        "version": definition.version,
        "versionTag": definition.version_tag or None,
        "processDefinitionId": definition.process_id,
        "tenantId": DEFAULT_TENANT,
        "processDefinitionKey": str(definition.key),
        "hasStartForm": bool(known.program.start_form),
    }
    return {**members, "state": definition.status} if call.profile.has_root else members


def check_latest(wanted: Search, id: str) -> None:
    """The newest versions are only gone through from the first to the last. Raises BadRequest."""
    if not any(c.member == "isLatestVersion" and c.value for c in wanted.conditions):
        return
    page = wanted.page
    for name, used in (("from", page.start > 0), ("before", page.before is not None)):
        if used:
            paging = "pagination is limited to forward pagination using 'after' and 'limit'"
            raise BadRequest(f"{_ONLY}{paging}. The field '{name}' is not supported.")
    for sort in wanted.sort:
        if sort.field not in (id, "tenantId"):
            sorting = f"sorting is limited to '{id}' and 'tenantId' fields only"
            raise BadRequest(f"{_ONLY}{sorting}. The field '{sort.field}' is not supported.")


@endpoints("searchProcessDefinitions", "POST", "/process-definitions/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await DEFINITIONS.read(call)
    check_latest(wanted, "processDefinitionId")
    readable: tuple[DefinitionWhere, ...] = call.access.where(READ_DEFINITION, "process_id")
    there: tuple[DefinitionWhere, ...] = (Is("there"),)
    if not any(condition.member == "state" for condition in wanted.conditions):
        there = (*there, Where("status", "eq", "ACTIVE"))
    where = (*there, *readable, *DEFINITIONS.where(wanted))
    page = await call.ask(SearchDefinitions(where, DEFINITIONS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda known: record(known, call))


async def _known(call: Call) -> KnownDefinition:
    known = await call.ask(DefinitionByKey(call.key("processDefinitionKey")))
    call.check_reading(READ_DEFINITION, id=known.definition.process_id)
    return known


@endpoints("getProcessDefinition", "GET", "/process-definitions/{processDefinitionKey}", READ)
async def get(call: Call) -> Response:
    return reply(record(await _known(call), call))


@endpoints(
    "getProcessDefinitionXML",
    "GET",
    "/process-definitions/{processDefinitionKey}/xml",
    (*READ, 204),
    accepts=("text/xml", "text/*"),
)
async def xml(call: Call) -> Response:
    """The file as it was deployed; nothing for a process that another dialect made."""
    text = (await _known(call)).definition.resource
    if not text:
        return Raw(204)
    return Raw(200, document_of(text), {"content-type": "text/xml"})


@endpoints("getStartProcessForm", "GET", "/process-definitions/{processDefinitionKey}/form", (*READ, 204))
async def form(call: Call) -> Response:
    return form_reply(await start_form_of(call, await _known(call)))
