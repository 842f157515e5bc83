"""The WSDL, discovery document and help page of an ASMX host. Source: dossier asmx.md, section 10."""

from collections.abc import Iterable, Sequence
from html import escape

from schemas.common.xml import quote
from schemas.inforouter.methods import NAMESPACE, Method, Param
from schemas.inforouter.values import Kind

SERVICE = "srv"
_NAMESPACES = (
    ("tm", "http://microsoft.com/wsdl/mime/textMatching/"),
    ("soapenc", "http://schemas.xmlsoap.org/soap/encoding/"),
    ("mime", "http://schemas.xmlsoap.org/wsdl/mime/"),
    ("tns", NAMESPACE),
    ("soap", "http://schemas.xmlsoap.org/wsdl/soap/"),
    ("s", "http://www.w3.org/2001/XMLSchema"),
    ("soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"),
    ("http", "http://schemas.xmlsoap.org/wsdl/http/"),
)
_HTTP_TRANSPORT = "http://schemas.xmlsoap.org/soap/http"


class _Lines:
    """Lines with two-space indentation; `block` opens an element for the length of a with statement's body."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._level = 0

    def add(self, text: str) -> None:
        self.lines.append("  " * self._level + text)

    def open(self, text: str) -> None:
        self.add(f"<{text}>")
        self._level += 1

    def close(self, name: str) -> None:
        self._level -= 1
        self.add(f"</{name}>")


def wsdl(methods: Sequence[Method], address: str, *, soap_only: bool = False) -> bytes:
    """The description of a service at one address. `soap_only` leaves the bindings for GET and POST out: some toolkits
    refuse their untyped parts, which an ASMX host has always had."""
    methods = [m for m in methods if m.declared]
    out = _Lines()
    out.add('<?xml version="1.0" encoding="utf-8"?>')
    namespaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES)
    out.open(
        f'wsdl:definitions {namespaces} targetNamespace="{NAMESPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
    )
    _types(out, methods)
    over_http = [] if soap_only else [m for m in methods if m.in_http_bindings]
    _soap_messages(out, methods)
    _http_messages(out, over_http)
    _port_type(out, methods, "Soap")
    if not soap_only:
        _port_type(out, over_http, "HttpGet")
        _port_type(out, over_http, "HttpPost")
    _soap_binding(out, methods, "soap", "Soap")
    _soap_binding(out, methods, "soap12", "Soap12")
    if not soap_only:
        _http_binding(out, over_http, "GET", "HttpGet", "<http:urlEncoded />")
        form = '<mime:content type="application/x-www-form-urlencoded" />'
        _http_binding(out, over_http, "POST", "HttpPost", form)
    _service(out, address, _PORTS[:2] if soap_only else _PORTS)
    out.close("wsdl:definitions")
    return "\r\n".join(out.lines).encode()


def _types(out: _Lines, methods: Sequence[Method]) -> None:
    out.open("wsdl:types")
    out.open(f's:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}"')
    for method in methods:
        out.open(f's:element name="{method.name}"')
        if method.params:
            out.open("s:complexType")
            out.open("s:sequence")
            for param in method.params:
                _parameter(out, param)
            out.close("s:sequence")
            out.close("s:complexType")
        else:
            out.add("<s:complexType />")
        out.close("s:element")
        out.open(f's:element name="{method.name}Response"')
        _result(out, method)
        out.close("s:element")
    _shared_types(out, methods)
    out.close("s:schema")
    out.close("wsdl:types")


def _parameter(out: _Lines, param: Param) -> None:
    least = int(param.kind.is_value)
    head = f's:element minOccurs="{least}" maxOccurs="1" name="{param.name}"'
    if param.kind is Kind.XML:
        out.open(head)
        _any(out)
        out.close("s:element")
        return
    prefix = "tns" if param.kind is Kind.STRINGS else "s"
    out.add(f'<{head} type="{prefix}:{param.kind.xsd}" />')


def _any(out: _Lines) -> None:
    out.open('s:complexType mixed="true"')
    out.open("s:sequence")
    out.add("<s:any />")
    out.close("s:sequence")
    out.close("s:complexType")


def _result(out: _Lines, method: Method) -> None:
    kind = method.result
    if kind is Kind.VOID:
        out.add("<s:complexType />")
        return
    out.open("s:complexType")
    out.open("s:sequence")
    head = f's:element minOccurs="{int(kind.is_value)}" maxOccurs="1" name="{method.name}Result"'
    if kind is Kind.XML:
        out.open(head)
        _any(out)
        out.close("s:element")
    else:
        out.add(f'<{head} type="s:{kind.xsd}" />')
    out.close("s:sequence")
    out.close("s:complexType")


def _shared_types(out: _Lines, methods: Sequence[Method]) -> None:
    """Array types, and an element for each scalar that a method answers with over GET and POST."""
    if any(p.kind is Kind.STRINGS for m in methods for p in m.params):
        out.open('s:complexType name="ArrayOfString"')
        out.open("s:sequence")
        out.add('<s:element minOccurs="0" maxOccurs="unbounded" name="string" nillable="true" type="s:string" />')
        out.close("s:sequence")
        out.close("s:complexType")
    scalars = dict.fromkeys(m.result for m in methods if m.result not in (Kind.XML, Kind.VOID) and m.in_http_bindings)
    for kind in scalars:
        nillable = "" if kind.is_value else ' nillable="true"'
        out.add(f'<s:element name="{kind.xsd}"{nillable} type="s:{kind.xsd}" />')


def _soap_messages(out: _Lines, methods: Sequence[Method]) -> None:
    for method in methods:
        for direction, element in (("In", method.name), ("Out", f"{method.name}Response")):
            out.open(f'wsdl:message name="{method.name}Soap{direction}"')
            out.add(f'<wsdl:part name="parameters" element="tns:{element}" />')
            out.close("wsdl:message")


def _http_messages(out: _Lines, methods: Sequence[Method]) -> None:
    for verb in ("HttpGet", "HttpPost"):
        for method in methods:
            name = f"{method.name}{verb}"
            if method.params:
                out.open(f'wsdl:message name="{name}In"')
                for param in method.params:
                    out.add(f'<wsdl:part name="{param.name}" type="s:string" />')
                out.close("wsdl:message")
            else:
                out.add(f'<wsdl:message name="{name}In" />')
            if method.result is Kind.VOID:
                out.add(f'<wsdl:message name="{name}Out" />')
                continue
            element = "" if method.result is Kind.XML else f' element="tns:{method.result.xsd}"'
            out.open(f'wsdl:message name="{name}Out"')
            out.add(f'<wsdl:part name="Body"{element} />')
            out.close("wsdl:message")


def _port_type(out: _Lines, methods: Iterable[Method], port: str) -> None:
    out.open(f'wsdl:portType name="{SERVICE}{port}"')
    for method in methods:
        out.open(f'wsdl:operation name="{method.name}"')
        out.add(f'<wsdl:input message="tns:{method.name}{port}In" />')
        out.add(f'<wsdl:output message="tns:{method.name}{port}Out" />')
        out.close("wsdl:operation")
    out.close("wsdl:portType")


def _soap_binding(out: _Lines, methods: Iterable[Method], prefix: str, port: str) -> None:
    out.open(f'wsdl:binding name="{SERVICE}{port}" type="tns:{SERVICE}Soap"')
    out.add(f'<{prefix}:binding transport="{_HTTP_TRANSPORT}" />')
    for method in methods:
        out.open(f'wsdl:operation name="{method.name}"')
        out.add(f'<{prefix}:operation soapAction="{method.action}" style="document" />')
        for name in ("wsdl:input", "wsdl:output"):
            out.open(name)
            out.add(f'<{prefix}:body use="literal" />')
            out.close(name)
        out.close("wsdl:operation")
    out.close("wsdl:binding")


def _http_binding(out: _Lines, methods: Iterable[Method], verb: str, port: str, inputs: str) -> None:
    out.open(f'wsdl:binding name="{SERVICE}{port}" type="tns:{SERVICE}{port}"')
    out.add(f'<http:binding verb="{verb}" />')
    for method in methods:
        out.open(f'wsdl:operation name="{method.name}"')
        out.add(f'<http:operation location="/{method.name}" />')
        out.open("wsdl:input")
        out.add(inputs)
        out.close("wsdl:input")
        if method.result is Kind.VOID:
            out.add("<wsdl:output />")
        else:
            out.open("wsdl:output")
            is_xml = method.result is Kind.XML
            out.add('<mime:content part="Body" type="text/xml" />' if is_xml else '<mime:mimeXml part="Body" />')
            out.close("wsdl:output")
        out.close("wsdl:operation")
    out.close("wsdl:binding")


_PORTS = (("Soap", "soap"), ("Soap12", "soap12"), ("HttpGet", "http"), ("HttpPost", "http"))


def _service(out: _Lines, address: str, ports: tuple[tuple[str, str], ...]) -> None:
    out.open(f'wsdl:service name="{SERVICE}"')
    for port, prefix in ports:
        out.open(f'wsdl:port name="{SERVICE}{port}" binding="tns:{SERVICE}{port}"')
        out.add(f"<{prefix}:address location={quote(address)} />")
        out.close("wsdl:port")
    out.close("wsdl:service")


def disco(address: str) -> bytes:
    at, description = quote(address), quote(f"{address}?wsdl")
    soap = "http://schemas.xmlsoap.org/disco/soap/"
    lines = (
        '<?xml version="1.0" encoding="utf-8"?>',
        '<discovery xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.xmlsoap.org/disco/">',
        f'  <contractRef ref={description} docRef={at} xmlns="http://schemas.xmlsoap.org/disco/scl/" />',
        f'  <soap address={at} xmlns:q1="{NAMESPACE}" binding="q1:{SERVICE}Soap" xmlns="{soap}" />',
        f'  <soap address={at} xmlns:q2="{NAMESPACE}" binding="q2:{SERVICE}Soap12" xmlns="{soap}" />',
        "</discovery>",
    )
    return "\r\n".join(lines).encode()


def help_page(methods: Iterable[Method], address: str) -> bytes:
    at = escape(address, quote=True)
    items = "".join(
        f'<li><a href="{at}?op={m.name}">{m.name}</a><br>{escape(m.documentation)}</li>' for m in methods if m.declared
    )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<link rel="alternate" type="text/xml" href="{at}?disco"><title>{SERVICE} Web Service</title></head>'
        f"<body><h1>{SERVICE}</h1><p>The following operations are supported. For a formal definition, see the "
        f'<a href="{at}?WSDL">Service Description</a>.</p><ul>{items}</ul></body></html>'
    ).encode()


def operation_page(method: Method, address: str) -> bytes:
    at = escape(address, quote=True)
    query = "&amp;".join(f"{p.name}=string" for p in method.params)
    inside = "".join(f"\n      &lt;{p.name}&gt;{p.kind.xsd or 'xml'}&lt;/{p.name}&gt;" for p in method.params)
    soap = (
        "POST /srv.asmx HTTP/1.1\nContent-Type: text/xml; charset=utf-8\nContent-Length: length\n"
        f'SOAPAction: "{method.action}"\n\n'
        '&lt;soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"&gt;\n  &lt;soap:Body&gt;\n'
        f'    &lt;{method.name} xmlns="{NAMESPACE}"&gt;{inside}\n    &lt;/{method.name}&gt;\n'
        "  &lt;/soap:Body&gt;\n&lt;/soap:Envelope&gt;"
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{SERVICE} Web Service</title></head><body>'
        f'<h1>{SERVICE}</h1><p><a href="{at}">Back to the list</a></p><h2>{method.name}</h2>'
        f"<p>{escape(method.documentation)}</p><h3>SOAP 1.1</h3><pre>{soap}</pre>"
        f"<h3>HTTP GET</h3><pre>GET /srv.asmx/{method.name}?{query} HTTP/1.1</pre></body></html>"
    ).encode()
