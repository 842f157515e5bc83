"""Calling a method of the service, and what its answer looks like: root element, `error`, `errorCode`.

Source: dossier inforouter.md, sections 1.5, 1.7 and 5 (Q1, Q2).
"""

from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request

from adapters.common.dialect import Mount
from adapters.common.slices import each
from adapters.inforouter import errors
from adapters.inforouter.auth import Call
from adapters.inforouter.declare import PAGES, Answer, Page
from adapters.inforouter.errors import RequiredParameter
from adapters.inforouter.listing import Listing
from adapters.inforouter.profile import Profile
from adapters.inforouter.transport import Refused
from core.rejections import Forbidden, NotFound, Unauthenticated, Unavailable
from schemas.inforouter.element import LATER, Element
from schemas.inforouter.methods import Method
from schemas.inforouter.soap import Fault


class Answering:
    """Calls methods for a mount; a business error is an answer too."""

    def __init__(self, mount: Mount, profile: Profile) -> None:
        self._mount = mount
        self._profile = profile
        self._root_rule = mount.options.get("root_element") or profile.root
        #: pages show what GET answers; in SOAP their clients were seen to read what was measured
        is_chosen = bool(mount.options.get("root_element"))
        self._soap_rule = "measured" if self._root_rule == "page" and not is_chosen else self._root_rule

    async def __call__(self, request: Request, method: Method, arguments: list[Any]) -> Element | Listing | None:
        over_soap = request.scope["path"].lower().endswith(".asmx")
        page = PAGES[method.name]
        call = Call(self._mount, self._profile, request.cookies.get("ticket", ""), over_soap, page.right)
        try:
            if self._mount.engine.maintenance:
                raise Unavailable("maintenance")
            answer: Answer | None = await method.call(call, *arguments)
            return None if answer is None else await self._success(answer, method, call, page)
        except RequiredParameter as missing:
            if self._profile.model_binding and not over_soap:
                raise _unbound(str(missing)) from None
            return self._failure(missing, method, call, page)
        except Exception as error:
            if page.binary and over_soap:
                text, _ = errors.described(error, self._profile, method)
                raise Fault("Server", f"Server was unable to process request. ---> {text}") from error
            return self._failure(error, method, call, page)

    def _root(self, page: Page, *, over_soap: bool) -> str:
        rule = self._soap_rule if over_soap else self._root_rule
        if rule == "measured":
            return "root" if page.family else "response"
        return page.root if rule == "page" else rule

    async def _success(self, answer: Answer, method: Method, call: Call, page: Page) -> Element | Listing:
        attributes = [("success", "true"), *answer.first]
        profile = self._profile
        if (page.root == "response" and not page.silent) or (profile.error_on_success and not page.family):
            attributes.append(("error", ""))
        if profile.error_codes and not page.family:
            attributes.append(("errorCode", "0"))
        root = partial(Element, self._root(page, over_soap=call.soap), (*attributes, *answer.attributes))
        children, rows, level = answer.children, answer.rows, 2
        if rows is None:
            if len(children) == 1 and not children[0].text:
                rows = each(children[0].children, _itself)
            else:
                rows, level = each(children, _itself), 1
        if not rows.are_many:
            if answer.rows is not None:
                children = (replace(children[0], children=tuple(await rows.all())),)
            return root(children)
        frame = root((LATER,) if level == 1 else (replace(children[0], children=(LATER,)),))
        return Listing(frame, rows, level, lambda error: self._failure(error, method, call, page))

    def _failure(self, error: Exception, method: Method, call: Call, page: Page) -> Element:
        text, code = errors.described(error, self._profile, method)
        attributes = [("success", "false"), ("error", text)]
        if self._profile.error_codes:
            if page.family:
                attributes = [("success", "false"), ("error", _family_text(error, text))]
            else:
                attributes.append(("errorCode", str(code)))
        return Element(self._root(page, over_soap=call.soap), tuple(attributes))


def _itself(row: Element) -> Element:
    return row


def _family_text(error: Exception, text: str) -> str:
    """The words of the transfer family as they were measured on a 9.0 server."""
    match error:
        case NotFound(kind="user"):
            return "user not found"
        case Unauthenticated(reason="ticket") | Forbidden():
            return "access denied, coworker/administrator/library manager/user manager required"
    return text


def _unbound(name: str) -> Refused:
    """HTTP 400 of the later host's model binding; its body is our choice."""
    problem = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {name: [f"The {name} field is required."]},
    }
    return Refused(400, orjson.dumps(problem), "application/problem+json; charset=utf-8")
