"""What clients of all five dialects ask, and of a server beside them that answers what no dialect does."""

import json
import re
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from gateway import demo
from tests.support.asgi import basic
from tests.support.facilioo import NEW
from tests.support.planted import NUMBER
from tests.support.replayed import Recorder
from tests.support.traffic import SOAP, SOAP_HEADERS, STARTER

PAGE = (
    '<!DOCTYPE html><html><head><title>Tasks</title></head><body><h1 class="top" id="t">All tasks</h1>'
    '<p lang="en">There are <b>two</b> of them.</p><ul><li>write</li><li>read</li></ul></body></html>'
)
TYPED = (
    '<?xml version="1.0"?><r:Report xmlns:r="urn:report" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><r:Title xsi:type="xsd:string">weekly</r:Title>'
    '<r:Due xsi:nil="true"/><r:Note>see <r:b>page</r:b> two</r:Note><r:Row kind="plain">one</r:Row>'
    '<r:Row kind="plain">other</r:Row></r:Report>'
)
NOTES = "first line\nsecond line, with an é\nthird line\n"


def with_a_shelf(gateway: ASGIApp) -> ASGIApp:
    """A gateway, and beside it what no dialect answers."""

    def said(
        content: str | bytes, media_type: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> Callable[[HttpRequest], HttpResponse]:
        return lambda request: HttpResponse(content, status, headers, media_type)

    def moved(request: HttpRequest) -> HttpResponse:
        query = request.query_params
        return HttpResponse("", 302, {"Location": f"/v2/user-tasks/{query['to']}?from={query['from']}"})

    cookie = {"Set-Cookie": "theme=dark; Path=/; HttpOnly; SameSite=Lax", "X-Frame-Options": "DENY"}
    cached = {"Cache-Control": "no-store", "Vary": "Accept", "ETag": '"7"', "Content-Language": "en"}
    asked = {"WWW-Authenticate": 'Basic realm="shelf"'}
    routes = [
        Route("/shelf/page", said(PAGE, "text/html", headers=cookie | cached)),
        Route("/shelf/typed", said(TYPED, "text/xml")),
        Route("/shelf/notes", said(NOTES, "text/plain")),
        Route("/shelf/picture", said(bytes(range(256)), "application/octet-stream")),
        Route("/shelf/closed", said("no", "text/plain", 401, asked)),
        Route("/shelf/moved", moved),
    ]
    return Starlette(routes=[*routes, Mount("/", gateway)])


#: method, address, body, headers
Asked = tuple[str, str, Any, dict[str, str]]


class Script:
    """What is asked, each by its number in a header, over and over again as the same."""

    def __init__(self, app: ASGIApp) -> None:
        self.recorder = Recorder(app)

    async def ask(self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        number = {NUMBER.decode(): str(self.recorder.numbers + 1)}
        return await self.recorder.ask(method, target, body, {**(headers or {}), **number})

    async def prepare(self) -> list[Asked]:
        """Makes what is looked at, and says how."""
        accept = {"Accept": "application/xml"}
        testuser, admin = ({"Authorization": basic(user)} for user in ("testuser", "demo"))
        uids = [(await self.ask("POST", STARTER, None, testuser | accept)).body.decode() for _ in range(3)]
        wanted = {"filter": {"assignee": "testuser", "state": "CREATED"}, "page": {"limit": 3}}
        found = json.loads((await self.ask("POST", "/v2/user-tasks/search", wanted, admin)).body)["items"]
        keys = [task["userTaskKey"] for task in found]
        grant = {"grant_type": "password", "scope": "*", "username": "mary", "password": "mary"}
        client = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
        told = json.loads((await self.ask("POST", "/workflow/oauth2/token", grant | client)).body)
        mary = {"Authorization": f"Bearer {told['access_token']}"}
        credentials = {"email": "admin@example.com", "password": "admin", "skipMultiFactorAuthentication": False}
        told = json.loads((await self.ask("POST", "/api/auth/login", credentials)).body)
        jwt = {"Authorization": f"Bearer {told['accessToken']}", "api-version": "2.0"}
        process = json.loads((await self.ask("POST", "/api/processes", {**NEW, "subject": "cold"}, jwt)).body)["id"]
        ticket = f"authenticationTicket={demo.TICKET}"
        xml = {"Content-Type": "text/xml", "SOAPAction": '"http://tempuri.org/NoSuchMethod"'}
        fault = re.sub("isValidTicket", "NoSuchMethod", SOAP)
        return [
            ("POST", "/v2/user-tasks/search", wanted, admin),
            ("GET", f"/v2/user-tasks/{keys[0]}", None, admin),
            ("GET", "/v2/user-tasks/1", None, admin),
            ("POST", "/v2/user-tasks/search", {"filter": {"state": 5}}, admin),
            ("GET", "/v2/user-tasks/1", None, {}),
            ("GET", "/ibis/rest/task/tasks", None, testuser),
            ("GET", f"/ibis/rest/task/tasks/{uids[0]}", None, testuser),
            ("GET", "/ibis/rest/task/nothing", None, testuser),
            ("GET", "/ibis/rest/task/tasks", None, {}),
            ("GET", "/api/1.0/workflow/cases", None, mary),
            ("GET", "/api/1.0/workflow/role", None, mary),
            ("GET", "/api/1.0/workflow/cases", None, {"Authorization": "Bearer x"}),
            ("GET", f"/srv.asmx/GetCurrentUser?{ticket}", None, {}),
            ("GET", f"/srv.asmx/GetUserGroupMembers?{ticket}&DomainName=&groupName=Managers", None, {}),
            ("POST", "/srv.asmx", SOAP, SOAP_HEADERS),
            ("POST", "/srv.asmx", fault, xml),
            ("GET", "/srv.asmx/NoSuchMethod", None, {}),
            ("GET", f"/api/processes/{process}", None, jwt),
            ("GET", "/api/processes/1000000", None, jwt),
            ("POST", "/api/processes", {}, jwt),
            ("GET", "/shelf/page", None, {}),
            ("GET", "/shelf/typed", None, {}),
            ("GET", "/shelf/notes", None, {}),
            ("GET", "/shelf/picture", None, {}),
            ("GET", "/shelf/closed", None, {}),
            ("GET", f"/shelf/moved?to={keys[0]}&from={keys[1]}", None, admin),
        ]
