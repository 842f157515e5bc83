"""What was deployed: forms by their keys, and deleting. Source: dossier camunda.md, section 3.11."""

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import READ, UPDATE, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.forms import form_record
from adapters.common.http import Raw
from core.process.commands import DeleteResource
from core.process.queries import ResourceByKey
from core.rejections import NotFound
from core.types import ResourceKind
from schemas.camunda.body import boolean, closed, integer, read_object

endpoints = Endpoints()


@endpoints("getForm", "GET", "/forms/{formKey}", READ)
async def form(call: Call) -> Response:
    key = call.key("formKey")
    row = await call.ask(ResourceByKey(key))
    if row.kind != ResourceKind.FORM:
        raise NotFound("resource", key)
    call.check_reading(("READ", "RESOURCE"), id=row.resource_id)
    return reply(form_record(row))


@endpoints("deleteResource", "POST", "/resources/{resourceKey}/deletion", UPDATE)
async def delete(call: Call) -> Response:
    """A version of a process, whose instances run on, of decisions, of a form, or another file."""
    call.means(errors.DELETE_RESOURCE)
    key = call.key("resourceKey")
    value = read_object(await call.body()) or {}
    closed(value, ("operationReference", "deleteHistory"))
    integer(value, "operationReference")
    boolean(value, "deleteHistory", False)
    try:
        await call.do(DeleteResource(key))
    except NotFound:
        reason = f"Expected to delete resource but no resource found with key `{key}`"
        raise Problem(404, "NOT_FOUND", f"Command 'DELETE' rejected with code 'NOT_FOUND': {reason}") from None
    if call.profile.has_root:
        return reply({"resourceKey": str(key), "batchOperation": None})
    return Raw(200)
