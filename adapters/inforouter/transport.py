"""The ASGI transport of an ASMX service: GET, POST form, SOAP 1.1 and SOAP 1.2 at one address.

Source: dossier asmx.md, sections 3 to 9.
"""

import logging
import re
from html import escape
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import BodyTooLarge, Raw, read_body
from adapters.common.routing import raw_path
from adapters.inforouter import errors
from adapters.inforouter.auth import Call
from adapters.inforouter.profile import Profile
from core.rejections import Unavailable
from schemas.common.xml import BadXml
from schemas.inforouter import form, soap, wsdl
from schemas.inforouter.element import Element, document
from schemas.inforouter.methods import NAMESPACE, Method
from schemas.inforouter.soap import MEDIA_TYPES, S11, S12, Fault

log = logging.getLogger("dragoman.inforouter")

PATH = re.compile(r"/srv\.asmx(?P<info>/.*)?", re.IGNORECASE)
GOOD = {"cache-control": "private, max-age=0"}
BAD = {"cache-control": "private"}
XML = "text/xml; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_ACTION = re.compile(r'\baction\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^;\s]*))', re.IGNORECASE)
_CHARSET = re.compile(r'\bcharset\s*=\s*"?([^";\s]+)', re.IGNORECASE)
#: what a WCF-style proxy calls the same methods
_CONTRACT = f"{NAMESPACE}ISrv/"


def _plain(text: str) -> Raw:
    return Raw(
        500, f"{escape(text, quote=True).replace('&#x27;', '&#39;')}\r\n".encode(), {**BAD, "content-type": PLAIN}
    )


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> Raw:
    body = (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1></body></html>"
    )
    return Raw(status, body.encode(), {**BAD, "content-type": HTML, **(headers or {})})


class Transport:
    def __init__(self, mount: Mount, profile: Profile, methods: dict[str, Method]) -> None:
        self._mount = mount
        self._profile = profile
        self._methods = methods
        self._lower = {name.lower(): name for name in methods}
        self._actions = {NAMESPACE + name: m for name, m in methods.items()}
        self._actions |= {_CONTRACT + name: m for name, m in methods.items()}

    async def __call__(self, request: Request) -> Response:
        found = PATH.fullmatch(raw_path(request))
        if found is None:
            return _page(404, "The resource cannot be found.")
        info = found["info"]
        if info is None:
            if request.method == "POST":
                return await self._soap(request)
            if request.method == "GET":
                return self._describe(request)
            return _page(405, "The HTTP verb is not allowed.", {"allow": "GET, POST"})
        if info == "/" or request.method == "HEAD":
            ending = escape(unquote(info), quote=True)
            return _page(500, f"Request format is unrecognized for URL unexpectedly ending in '{ending}'.")
        if request.method not in ("GET", "POST"):
            return _page(405, "The HTTP verb is not allowed.", {"allow": "GET, POST"})
        return await self._http(request, unquote(info[1:]))

    # the method itself

    async def _call(self, request: Request, method: Method, arguments: list[str | None]) -> Element:
        """The method's result; a business error is a result too."""
        request.scope["dragoman.operation"] = method.name
        call = Call(self._mount, self._profile, request.cookies.get("ticket", ""))
        try:
            if self._mount.engine.maintenance:
                raise Unavailable("maintenance")
            result: Element = await method.call(call, *arguments)
            return result
        except Exception as error:
            return errors.failure(error, self._profile)

    # GET and POST form

    async def _http(self, request: Request, name: str) -> Response:
        method = self._methods.get(name)
        if method is None:
            known = self._lower.get(name.lower())
            if known is not None:
                return _plain(
                    f"Invalid method name '{name}',  method names are case sensitive.   The method name '{known}' with "
                    "the same name but different casing was found.\r\nParameter name: methodName"
                )
            return _plain(f"{name} Web Service method name is not valid.")
        try:
            if request.method == "GET":
                values = form.parse(request.scope["query_string"])
            else:
                content_type = request.headers.get("content-type", "")
                body = await read_body(request)
                if content_type.partition(";")[0].strip().lower() != FORM:
                    return _plain(f"Request format is invalid: {content_type}.")
                charset = _CHARSET.search(content_type)
                values = form.parse(body, charset[1] if charset else "utf-8")
            arguments = form.arguments(method.params, values)
        except form.MissingParameter as missing:
            return _plain(f"Missing parameter: {missing}.")
        except form.TooManyFields:
            return Raw(400, b"", {**BAD, "content-type": PLAIN})
        result = await self._call(request, method, arguments)
        return Raw(200, document(result), {**GOOD, "content-type": XML})

    # SOAP

    async def _soap(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        action = request.headers.get("soapaction")
        presumed = S12 if action is None or media_type == "application/soap+xml" else S11
        body = await read_body(request)
        if media_type not in ("text/xml", "application/soap+xml"):
            if media_type == FORM:
                text = (
                    "Server was unable to process request. ---> Data at the root level is invalid. Line 1, position 1."
                )
                return self._fault(Fault("Server", text, namespace=presumed))
            version = S11 if action is not None else S12
            return Raw(415, b"", {**BAD, "content-type": MEDIA_TYPES[version]})
        try:
            return await self._envelope(request, body, content_type, media_type, action)
        except BadXml:
            return Raw(400, b"", {**BAD, "content-type": MEDIA_TYPES[presumed]})
        except Fault as fault:
            return self._fault(fault)

    def _fault(self, fault: Fault) -> Response:
        return Raw(500, soap.fault(fault), {**BAD, "content-type": MEDIA_TYPES[fault.namespace]})

    async def _envelope(
        self, request: Request, body: bytes, content_type: str, media_type: str, action: str | None
    ) -> Response:
        charset = _CHARSET.search(content_type)
        routed: Method | None = None
        if media_type == "text/xml" and action is not None:
            routed = self._by_soap_action(action)
        envelope = soap.read(body, charset[1] if charset else "")
        if media_type == "application/soap+xml" and envelope.namespace == S11:
            return Raw(415, b"", {**BAD, "content-type": MEDIA_TYPES[S11]})
        if envelope.not_understood:
            text = f"SOAP header {envelope.not_understood} was not understood."
            raise Fault("MustUnderstand", text, namespace=envelope.namespace, detail=False)
        method = routed or self._by_element(envelope, content_type if media_type == "application/soap+xml" else "")
        result = await self._call(request, method, soap.arguments(method.params, envelope.wrapper))
        body = soap.response(envelope.namespace, method, result)
        return Raw(200, body, {**GOOD, "content-type": MEDIA_TYPES[envelope.namespace]})

    def _by_soap_action(self, header: str) -> Method:
        value = header.strip()
        if len(value) > 1 and value.startswith('"') and value.endswith('"'):
            value = value[1:-1]
        method = self._actions.get(unquote(value))
        if method is None:
            raise Fault("Client", f"Server did not recognize the value of HTTP Header SOAPAction: {value}.")
        return method

    def _by_element(self, envelope: soap.Envelope, content_type: str) -> Method:
        """The action of the content type if it is known, else the name and namespace of the body's element."""
        found = _ACTION.search(content_type)
        action = (found["quoted"] if found["quoted"] is not None else found["bare"]) if found else ""
        method = self._actions.get(action)
        if method is None and envelope.wrapper is not None:
            tag = str(envelope.wrapper.tag)
            namespace, _, name = tag[1:].rpartition("}")
            method = self._methods.get(name) if namespace == NAMESPACE else None
        if method is not None:
            return method
        text = "Unable to handle request without a valid action parameter. Please supply a valid soap action."
        if action:
            text = f"Unable to handle request. The action '{action}' was not recognized."
        raise Fault("Client", text, namespace=envelope.namespace)

    # descriptions

    def _address(self, request: Request) -> str:
        """From the settings, or as the request was addressed if its host is an allowed one."""
        path = f"{request.scope.get('root_path', '')}/srv.asmx"
        if self._mount.public_url:
            return self._mount.public_url.rstrip("/") + path
        host = request.headers.get("host", "")
        allowed = self._mount.allowed_hosts
        if not _HOST.fullmatch(host) or (allowed and host.rpartition(":")[0] not in allowed and host not in allowed):
            server = request.scope.get("server") or ("localhost", 80)
            host = f"{server[0]}:{server[1]}"
        return f"{request.url.scheme}://{host}{path}"

    def _describe(self, request: Request) -> Response:
        address = self._address(request)
        query = {name.lower(): value for name, value in request.query_params.multi_items()}
        methods = list(self._methods.values())
        if query.get("wsdl"):
            return _plain("XML Web service description was not found.")
        if query.get("schema"):
            return _plain("Schema not found.")
        if "wsdl" in query:
            return Raw(200, wsdl.wsdl(methods, address), {**GOOD, "content-type": XML})
        if "disco" in query:
            return Raw(200, wsdl.disco(address), {**GOOD, "content-type": XML})
        if query.get("op") in self._methods:
            page = wsdl.operation_page(self._methods[query["op"]], address)
            return Raw(200, page, {**GOOD, "content-type": HTML})
        return Raw(200, wsdl.help_page(methods, address), {**GOOD, "content-type": HTML})


def fail(request: Request, error: Exception) -> Response:
    if isinstance(error, BodyTooLarge):
        return Raw(413, b"", {**BAD, "content-type": PLAIN, "connection": "close"})
    log.error("request failed", exc_info=error)
    return _plain("Server was unable to process request.")
