"""Activating elements of ad-hoc sub-processes. Source: the vendor's OpenAPI contract, and its engine's texts."""

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import COMMAND, Call, Endpoints
from adapters.camunda.errors import Problem
from adapters.common.http import Raw
from core.instance.commands import ActivateAdHoc
from core.instance.queries import ElementByKey
from core.rejections import Invalid, NotFound, WrongState
from schemas.camunda.ad_hoc import parse_ad_hoc

endpoints = Endpoints()


@endpoints(
    "activateAdHocSubProcessActivities",
    "POST",
    "/element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation",
    COMMAND,
    source="documented",
)
async def activate(call: Call) -> Response:
    call.means(errors.ACTIVATE)
    key = call.key("adHocSubProcessInstanceKey")
    wanted = parse_ad_hoc(await call.body())
    expected = f"Expected to activate activities for ad-hoc sub-process with key '{key}', but"
    try:
        view = await call.ask(ElementByKey(key))
        await call.do(ActivateAdHoc(view.element.instance_key, key, wanted.elements, wanted.cancels))
    except NotFound:
        missing = f"no ad-hoc sub-process instance found with key '{key}'."
        reason = f"Expected to activate activities for ad-hoc sub-process but {missing}"
        raise _rejected(404, "NOT_FOUND", reason) from None
    except WrongState:
        raise _rejected(409, "INVALID_STATE", f"{expected} it is not active.") from None
    except Invalid as error:
        if error.reason == "twice":
            raise _rejected(400, "INVALID_ARGUMENT", f"{expected} duplicate activities were given.") from None
        unknown = f"[{error.value}]"
        raise _rejected(404, "NOT_FOUND", f"{expected} the given elements {unknown} do not exist.") from None
    return Raw(204)


def _rejected(status: int, code: str, reason: str) -> Problem:
    return Problem(status, code, f"Command 'ACTIVATE' rejected with code '{code}': {reason}")
