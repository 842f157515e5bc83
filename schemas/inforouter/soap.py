"""Envelopes and faults of an ASMX host. Source: dossier asmx.md, sections 6 to 8; measured byte for byte there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from schemas.common import xml
from schemas.common.xml import BadXml, escape
from schemas.inforouter.element import DECLARATION, Element, compact
from schemas.inforouter.form import known_encoding
from schemas.inforouter.methods import NAMESPACE, Method, Param

S11 = "http://schemas.xmlsoap.org/soap/envelope/"
S12 = "http://www.w3.org/2003/05/soap-envelope"
_ENVELOPE = (
    '{declaration}<soap:Envelope xmlns:soap="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema">{header}<soap:Body>'
)
_HEADS = {ns: _ENVELOPE.format(declaration=DECLARATION, namespace=ns, header="") for ns in (S11, S12)}
_TAIL = "</soap:Body></soap:Envelope>"
_UPGRADE = (
    f'<soap:Header><soap12:Upgrade xmlns:soap12="{S12}"><soap12:SupportedEnvelope qname="soap:Envelope" '
    f'xmlns:soap="{S11}" /><soap12:SupportedEnvelope qname="soap12:Envelope" xmlns:soap12="{S12}" />'
    "</soap12:Upgrade></soap:Header>"
)
MEDIA_TYPES = {S11: "text/xml; charset=utf-8", S12: "application/soap+xml; charset=utf-8"}
_CODES = {"Client": "Sender", "Server": "Receiver"}

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SMALL = 32 * 1024
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")

_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
)


class Fault(Exception):
    """`code` in SOAP 1.1 words; `detail` says that an empty detail element belongs to it."""

    def __init__(
        self, code: str, text: str, *, namespace: str = S11, detail: bool = True, upgrade: bool = False
    ) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.namespace = namespace
        self.detail = detail
        self.upgrade = upgrade


@dataclass(frozen=True, slots=True)
class Envelope:
    """`namespace` says which SOAP it is; `wrapper` is the first element in the Body."""

    namespace: str
    wrapper: etree._Element | None
    not_understood: str


def read(body: bytes, charset: str) -> Envelope:
    """Raises BadXml for what is not XML, Fault for XML that is no envelope."""
    root = _parse(body, charset)
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in (S11, S12):
        text = (
            f"Possible SOAP version mismatch: Envelope namespace {name.namespace or ''} was unexpected. "
            f"Expecting {S11}."
        )
        raise Fault("VersionMismatch", text, upgrade=True)
    namespace = str(name.namespace)
    found = {etree.QName(child).localname: child for child in root.iterchildren("{*}Body")}
    body_element = found.get("Body")
    if body_element is None:
        text = "Server was unable to read request. ---> Request format is invalid: Missing required soap:Body element."
        raise Fault("Client", text, namespace=namespace)
    wrapper = next(body_element.iterchildren("*"), None)
    return Envelope(namespace, wrapper, _not_understood(root, body_element, namespace))


def _not_understood(root: etree._Element, body: etree._Element, namespace: str) -> str:
    for child in root.iterchildren("*"):
        if child is body:
            break
        if child.tag == f"{{{namespace}}}Header":
            for header in child.iterchildren("*"):
                if header.get(f"{{{namespace}}}mustUnderstand") in ("1", "true"):
                    return etree.QName(header).localname
    return ""


def _parse(body: bytes, charset: str) -> etree._Element:
    """A byte order mark decides the encoding, then the header, then the declaration, then UTF-8."""
    encoding = ""
    for mark, name in _BOMS:
        if body.startswith(mark):
            body, encoding = body[len(mark) :], name
            break
    else:
        encoding = known_encoding(charset) if charset else ""
        if not encoding:
            declared = _DECLARED.match(body[:200])
            encoding = known_encoding(declared[1].decode("ascii")) if declared else "utf-8"
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        try:
            text = body.decode(encoding, "replace")
        except (UnicodeError, LookupError):
            raise BadXml(encoding) from None
        body = _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    if b"<!DOCTYPE" in body:
        raise BadXml("document type declarations are not read")
    try:
        return _tree(body)
    except BadXml:
        repaired = body.decode("utf-8", "replace").encode()
        if repaired == body:
            raise
        return _tree(repaired)


def _tree(body: bytes) -> etree._Element:
    if len(body) > _SMALL:
        return xml.parse(body, encoding="utf-8")
    try:
        root = etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXml(str(error)) from None
    _check_depth(root, xml.MAX_DEPTH)
    return root


def _check_depth(element: etree._Element, left: int) -> None:
    if left == 0 or len(element.attrib) > xml.MAX_ATTRIBUTES:
        raise BadXml("too deep or too many attributes")
    for child in element:
        if len(child):
            _check_depth(child, left - 1)


def arguments(params: Sequence[Param], wrapper: etree._Element | None) -> list[str | None]:
    """Children by local name, whatever the case and namespace; of several the exact spelling wins, else the first.

    Raises BadXml for markup inside a text.
    """
    exact: dict[str, etree._Element] = {}
    lower: dict[str, etree._Element] = {}
    for child in wrapper.iterchildren("*") if wrapper is not None else ():
        name = etree.QName(child).localname
        exact.setdefault(name, child)
        lower.setdefault(name.lower(), child)
    found = (exact.get(p.name, lower.get(p.name.lower())) for p in params)
    return [None if element is None else _text(element) for element in found]


def _text(element: etree._Element) -> str:
    if len(element):
        raise BadXml("an element has to hold text only")
    return element.text or ""


def response(namespace: str, method: Method, result: Element) -> bytes:
    name = method.name
    inside = f'<{name}Response xmlns="{NAMESPACE}"><{name}Result>{compact(result)}</{name}Result></{name}Response>'
    return f"{_HEADS[namespace]}{inside}{_TAIL}".encode()


def fault(error: Fault) -> bytes:
    if error.namespace == S11:
        detail = "<detail />" if error.detail and not error.upgrade else ""
        inside = (
            f"<soap:Fault><faultcode>soap:{error.code}</faultcode>"
            f"<faultstring>{escape(error.text)}</faultstring>{detail}</soap:Fault>"
        )
    else:
        detail = "<soap:Detail />" if error.detail else ""
        inside = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{_CODES.get(error.code, error.code)}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{escape(error.text)}</soap:Text></soap:Reason>{detail}</soap:Fault>'
        )
    head = _HEADS[error.namespace]
    if error.upgrade:
        head = _ENVELOPE.format(declaration=DECLARATION, namespace=S11, header=_UPGRADE)
    return f"{head}{inside}{_TAIL}".encode()
