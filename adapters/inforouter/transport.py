"""The ASGI transport of an ASMX service: GET, POST form, SOAP 1.1 and SOAP 1.2 at one address.

A strict transport does what ASMX does. The lenient one, which is served, also takes what the vendor's later hosts took:
SOAP parameters in any case and namespace, `1` and `0` for truth values, absent optional ones, base64 over GET and POST,
markup in values, the encoding of the XML declaration. Source: dossier asmx.md, sections 3 to 9 and 13.2.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from html import escape
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.hosts import Hosts, bracketed, name_of
from adapters.common.http import PAGE_POLICY, BodyTooLarge, Raw, max_fields, parsed, read_body
from adapters.common.routing import raw_path
from adapters.inforouter.listing import LINES, ONE_LINE, written
from core.rejections import Unavailable
from schemas.common import charsets
from schemas.common.forms import TooManyFields
from schemas.common.xml import BadXml
from schemas.inforouter import form, soap, wsdl
from schemas.inforouter.element import document, scalar_document
from schemas.inforouter.methods import NAMESPACE, Method
from schemas.inforouter.soap import MEDIA_TYPES, S11, S12, Fault
from schemas.inforouter.unreadable import BadValue
from schemas.inforouter.values import Kind

log = logging.getLogger("dragoman.inforouter")

PATH = re.compile(r"/srv\.asmx(?P<info>/.*)?", re.IGNORECASE)
GOOD = {"cache-control": "private, max-age=0"}
BAD = {"cache-control": "private"}
XML = "text/xml; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
HTML = "text/html"
SOAP_11, SOAP_12 = "text/xml", "application/soap+xml"
FORM = "application/x-www-form-urlencoded"
_ACTION = re.compile(r"""\baction\s*=\s*(?:"([^"]*)"|'([^']*)'|([^;\s]*))""", re.IGNORECASE)
_VERBS = "OPTIONS, TRACE, GET, HEAD, POST"
#: what OPTIONS is told by IIS, which does not ask the service
_OFFERED = {"allow": _VERBS, "public": _VERBS}
#: the parameter that a cookie stands in for
TICKET = "authenticationticket"
#: what a WCF-style proxy calls the same methods
_CONTRACT = f"{NAMESPACE}ISrv/"


class Refused(Exception):
    """The host turns a call down before its method: with a status and a body of its own."""

    def __init__(self, status: int, body: bytes, content_type: str) -> None:
        super().__init__(status)
        self.response = Raw(status, body, {**BAD, "content-type": content_type})


class _WrongType(Exception):
    """A body that is no form."""


def _plain(text: str, *, quotes: bool = True) -> Raw:
    """A text error, escaped for HTML as ASP.NET does; conversion errors it writes as they are."""
    if quotes:
        text = escape(text, quote=True).replace("&#x27;", "&#39;")
    return Raw(500, f"{text}\r\n".encode(), {**BAD, "content-type": PLAIN})


def _page(status: int, title: str, headers: dict[str, str] | None = None) -> Raw:
    body = (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1></body></html>"
    )
    return Raw(status, body.encode(), {**BAD, "content-type": HTML, **PAGE_POLICY, **(headers or {})})


Invoke = Callable[[Request, Method, list[Any]], Awaitable[Any]]
"""Calls a method: its result, or an exception that the host turns into an error text or a fault."""


def _chain(error: BaseException) -> str:
    """The messages of an exception and its causes; without a message the name of its type."""
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause) or type(cause).__name__)
        cause = cause.__cause__
    return " ---> ".join(texts)


def _action(content_type: str) -> str:
    match = _ACTION.search(content_type)
    return "" if match is None else next((text for text in match.groups() if text), "")


class Address:
    """How the service is known: a public address from the settings, host names that may be told back."""

    def __init__(self, public_url: str = "", allowed_hosts: Iterable[str] = ()) -> None:
        self.public_url = public_url
        self.hosts = Hosts(allowed_hosts)
        self._has_warned = False

    def of(self, request: Request) -> str:
        """From the settings; as the request was addressed if its host is an allowed one or this machine's; else by the
        address at which the connection arrived."""
        path = f"{request.scope.get('root_path', '')}/srv.asmx"
        if self.public_url:
            return self.public_url.rstrip("/") + path
        host = request.headers.get("host", "")
        server = request.scope.get("server") or ("localhost", 80)
        server_name = bracketed(str(server[0]))
        if host not in self.hosts and name_of(host) != server_name.lower():
            self._warn(host, server_name)
            host = f"{server_name}:{server[1]}"
        return f"{request.url.scheme}://{host}{path}"

    def _warn(self, host: str, own: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            text = "the WSDL for %r tells the address %s: name public_url or allowed_hosts if clients need another one"
            log.warning(text, host[:100], own)


class Transport:
    """`methods` by name. Those whose name begins with a small letter are also known with a capital one, as the vendor's
    own pages spell them."""

    def __init__(
        self, methods: dict[str, Method], invoke: Invoke, address: Address | None = None, *, strict: bool = False
    ) -> None:
        self._invoke = invoke
        self._address = address or Address()
        self._strict = strict
        self._declared = [m for m in methods.values() if m.declared]
        self._methods = {} if strict else {name[0].upper() + name[1:]: m for name, m in methods.items()}
        self._methods |= methods
        self._lower = {name.lower(): name for name in methods}
        self._actions = {NAMESPACE + name: m for name, m in self._methods.items()}
        if not strict:
            self._actions |= {_CONTRACT + name: m for name, m in self._methods.items()}
        self._wsdl: dict[str, bytes] = {}

    async def __call__(self, request: Request) -> Response:
        match = PATH.fullmatch(raw_path(request))
        if match is None:
            return _page(404, "The resource cannot be found.")
        if request.method == "OPTIONS":
            return Raw(200, b"", _OFFERED)
        info = match["info"]
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

    async def _call(self, request: Request, method: Method, arguments: list[Any]) -> Any:
        request.scope["dragoman.operation"] = method.name if method.declared else "not offered"
        return await self._invoke(request, method, arguments)

    # GET and POST form

    async def _http(self, request: Request, name: str) -> Response:
        method = self._methods.get(name)
        if method is None:
            exact = self._lower.get(name.lower())
            if exact is not None:
                return _plain(
                    f"Invalid method name '{name}',  method names are case sensitive.   The method name '{exact}' with "
                    "the same name but different casing was found.\r\nParameter name: methodName"
                )
            return _plain(f"{name} Web Service method name is not valid.")
        if not method.over_form:
            return _plain(f"{name} Web Service method name is not valid.")
        try:
            where, raw, charset = await self._fields(request)
            values = await parsed(request, len(raw), form.parse, raw, charset, max_fields(request))
            if self._strict and (dangerous := form.dangerous(values, raw)) is not None:
                return _plain(
                    f"A potentially dangerous Request.{where} value was detected from the client "
                    f'({dangerous[0]}="{dangerous[1]}").'
                )
            if not self._strict and TICKET not in values and request.cookies.get("ticket"):
                values[TICKET] = [""]
            arguments = form.arguments(method.params, values, strict=self._strict)
        except _WrongType as wrong:
            return _plain(f"Request format is invalid: {wrong}.")
        except form.MissingParameter as missing:
            return _plain(f"Missing parameter: {missing}.")
        except BadValue as bad:
            return _plain(str(bad), quotes=False)
        except TooManyFields:
            return Raw(400, b"", {**BAD, "content-type": PLAIN})
        try:
            result = await self._call(request, method, arguments)
        except Refused as refused:
            return refused.response
        except Fault as fault:
            return _plain(fault.text)
        except Exception as error:
            return _plain(_chain(error))
        if method.result is Kind.VOID:
            return Raw(200, b"", GOOD)
        if method.result is not Kind.XML:
            return Raw(200, scalar_document(method.result, result), {**GOOD, "content-type": XML})
        body = await written(result, LINES, document)
        return Raw(200, body, {**GOOD, "content-type": XML})

    async def _fields(self, request: Request) -> tuple[str, bytes, str]:
        """(ASP.NET's name for them, the fields as they came, their character set if one is named)"""
        if request.method == "GET":
            return "QueryString", request.scope["query_string"], ""
        content_type = request.headers.get("content-type", "")
        body = await read_body(request)
        if content_type.partition(";")[0].strip().lower() != FORM:
            raise _WrongType(content_type)
        return "Form", body, charsets.parameter(content_type)

    # SOAP

    async def _soap(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        header = request.headers.get("soapaction")
        action = _action(content_type) if media_type == SOAP_12 else ""
        presumed = S12 if header is None or media_type == SOAP_12 else S11
        body = await read_body(request)
        try:
            if presumed == S12 and action not in self._actions:
                soap.check_start(body)
            if media_type not in (SOAP_11, SOAP_12):
                return Raw(415, b"", {**BAD, "content-type": MEDIA_TYPES[presumed]})
            routed = self._actions.get(action)
            if media_type == SOAP_11 and header is not None:
                routed = self._by_soap_action(header)
            return await self._envelope(request, body, routed, action)
        except BadXml:
            return Raw(400, b"", {**BAD, "content-type": MEDIA_TYPES[presumed]})
        except Fault as fault:
            return self._fault(fault)

    def _fault(self, fault: Fault) -> Response:
        return Raw(500, soap.fault(fault), {**BAD, "content-type": MEDIA_TYPES[fault.namespace]})

    async def _envelope(self, request: Request, body: bytes, routed: Method | None, action: str) -> Response:
        content_type = request.headers["content-type"]
        is_12 = content_type.strip().lower().startswith(SOAP_12)
        envelope = soap.read(
            body,
            charsets.parameter(content_type),
            fallback="ascii" if self._strict and not is_12 else "",
            believe=is_12,
            is_routed=routed is not None,
        )
        if is_12 and envelope.namespace == S11:
            return Raw(415, b"", {**BAD, "content-type": MEDIA_TYPES[S11]})
        method = routed or self._by_element(envelope, action)
        envelope.check()
        arguments = soap.arguments(method, envelope, strict=self._strict)
        try:
            result = await self._call(request, method, arguments)
        except Fault as fault:
            fault.namespace = envelope.namespace
            raise
        except Exception as error:
            text = f"Server was unable to process request. ---> {_chain(error)}"
            raise Fault("Server", text, namespace=envelope.namespace) from error
        enveloped = await written(result, ONE_LINE, partial(soap.response, envelope.namespace, method))
        return Raw(200, enveloped, {**GOOD, "content-type": MEDIA_TYPES[envelope.namespace]})

    def _by_soap_action(self, header: str) -> Method:
        value = header.strip()
        if len(value) > 1 and value.startswith('"') and value.endswith('"'):
            value = value[1:-1]
        method = self._actions.get(unquote(value))
        if method is None:
            raise Fault("Client", f"Server did not recognize the value of HTTP Header SOAPAction: {value}.")
        return method

    def _by_element(self, envelope: soap.Envelope, action: str) -> Method:
        """The name and namespace of the body's element, where the content type has no `action` that is known."""
        if envelope.routing is not None:
            namespace, _, name = str(envelope.routing.tag)[1:].rpartition("}")
            if namespace == NAMESPACE and name in self._methods:
                return self._methods[name]
        text = "Unable to handle request without a valid action parameter. Please supply a valid soap action."
        if action:
            text = f"Unable to handle request. The action '{action}' was not recognized."
        raise Fault("Client", text, namespace=envelope.namespace)

    # descriptions

    def _describe(self, request: Request) -> Response:
        address = self._address.of(request)
        query = {name.lower(): value for name, value in request.query_params.multi_items()}
        if query.get("wsdl"):
            return _plain("XML Web service description was not found.")
        if query.get("schema"):
            return _plain("Schema not found.")
        if "wsdl" in query:
            return Raw(200, self._description(address), {**GOOD, "content-type": XML})
        if "disco" in query:
            return Raw(200, wsdl.disco(address), {**GOOD, "content-type": XML})
        method = self._methods.get(query.get("op", ""))
        if method is not None and method.declared:
            page = wsdl.operation_page(method, address)
        else:
            page = wsdl.help_page(self._declared, address)
        return Raw(200, page, {**GOOD, "content-type": HTML, **PAGE_POLICY})

    def _description(self, address: str) -> bytes:
        """Written once for each address; of those a client may make up some, so not all are kept."""
        description = self._wsdl.get(address)
        if description is None:
            description = wsdl.wsdl(self._declared, address)
            if len(self._wsdl) < 8:
                self._wsdl[address] = description
        return description


def _unavailable(request: Request) -> Response:
    """Too much is going on for a body to be read. Our choice: the host would not get that far."""
    if request.method == "POST" and raw_path(request).lower().endswith(".asmx"):
        namespace = S11 if request.headers.get("soapaction") is not None else S12
        fault = Fault("Server", "Server was unable to process request. ---> Service Unavailable", namespace=namespace)
        return Raw(503, soap.fault(fault), {**BAD, "content-type": MEDIA_TYPES[namespace]})
    return Raw(503, b"Service Unavailable\r\n", {**BAD, "content-type": PLAIN})


def fail(request: Request, error: Exception) -> Response:
    if isinstance(error, BodyTooLarge):
        return Raw(413, b"", {**BAD, "content-type": PLAIN, "connection": "close"})
    if isinstance(error, Unavailable):
        return _unavailable(request)
    log.error("request failed", exc_info=error)
    return _plain("Server was unable to process request.")
