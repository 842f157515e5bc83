"""Process instances that are modified. Source: the vendor's OpenAPI contract, and its page on modification."""

from typing import NoReturn

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import COMMAND, Call, Endpoints
from adapters.camunda.errors import Problem
from adapters.common.http import Raw
from core.graph.tokens import Activation, Around, Move
from core.instance.commands import ModifyInstance
from core.instance.queries import InstanceByKey
from core.rejections import Conflict, ExecutionFailed, Invalid, NotFound, WrongState
from schemas.camunda.modification import parse_modification

endpoints = Endpoints()

_AROUND = {"direct": Around.NAMED, "inferred": Around.INFERRED, "sourceParent": Around.PARENT}
#: what a refusal of the engine says of an instruction about ID; the words are ours but for the first three
_WHY = {
    ("element", "unknown"): "activate instructions with an element that could not be found: 'ID'",
    ("element", "unable"): "activate instructions for elements that are unsupported: 'ID'",
    ("within", "ambiguous"): "activate instructions for an element that has a flow scope with more than one active "
    "instance: 'ID'. Can't decide in which instance of the flow scope the element should be activated. Please specify "
    "an ancestor element instance key for this activate instruction.",
    ("within", "no ancestor"): "activate instructions with an ancestor element instance that is not an ancestor of the "
    "element: 'ID'",
    ("scope", "unknown"): "variable instructions with a scope element that could not be found: 'ID'",
}


@endpoints(
    "modifyProcessInstance",
    "POST",
    "/process-instances/{processInstanceKey}/modification",
    COMMAND,
    source="documented",
)
async def modify(call: Call) -> Response:
    call.means(errors.MODIFY)
    key = call.key("processInstanceKey")
    wanted = parse_modification(await call.body(), with_moves=call.profile.has_root)
    command = ModifyInstance(
        key,
        tuple(Activation(each.element_id, each.within, each.variables) for each in wanted.activate),
        tuple(Move(e.source, e.target, _AROUND[e.scope], e.within, e.variables) for e in wanted.move),
        tuple(wanted.end),
    )
    try:
        await call.do(command)
    except (Invalid, NotFound, Conflict, ExecutionFailed) as error:
        await _refuse(call, key, error)
    return Raw(204)


async def _refuse(call: Call, key: int, error: Invalid | NotFound | Conflict | ExecutionFailed) -> NoReturn:
    if isinstance(error, WrongState) or (isinstance(error, NotFound) and error.kind == "instance"):
        reason = f"Expected to modify process instance but no process instance found with key '{key}'"
        raise _rejected(404, "NOT_FOUND", reason) from None
    process_id = (await call.ask(InstanceByKey(key))).known.definition.process_id
    expected = f"Expected to modify instance of process '{process_id}' but it contains one or more"
    match error:
        case Invalid(field=field, reason=why, value=str(id)):
            said = _WHY[field, why].replace("ID", id)
            raise _rejected(400, "INVALID_ARGUMENT", f"{expected} {said}") from None
        case NotFound(id=id):
            reason = f"{expected} terminate instructions with an element instance that could not be found: '{id}'"
            raise _rejected(400, "INVALID_ARGUMENT", reason) from None
        case ExecutionFailed(element_id=element_id, reason=why):
            reason = f"Expected to modify instance of process '{process_id}', but {element_id}: {why}"
            raise _rejected(409, "INVALID_STATE", reason) from None
        case _:
            reason = (
                f"Expected to modify instance of process '{process_id}' but the given instructions would terminate all "
                "element instances of a child process instance. Terminate the call activity instead."
            )
            raise _rejected(409, "INVALID_STATE", reason) from None


def _rejected(status: int, code: str, reason: str) -> Problem:
    return Problem(status, code, f"Command 'MODIFY' rejected with code '{code}': {reason}")
