"""Envelopes and faults of an ASMX host. Source: dossier asmx.md, sections 6 to 8; measured byte for byte there."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from lxml import etree

from schemas.common import charsets, xml
from schemas.common.xml import BadXml, escape
from schemas.inforouter.element import DECLARATION, compact, scalar
from schemas.inforouter.methods import NAMESPACE, Method, Param
from schemas.inforouter.unreadable import BadBase64, BadValue
from schemas.inforouter.values import Kind

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

_SMALL = 32 * 1024
_BLANKS = b" \t\r\n"
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]{0,500}\?>")

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
        self,
        code: str,
        text: str,
        *,
        namespace: str = S11,
        detail: bool = True,
        upgrade: bool = False,
        actor: str = "",
        content: str = "",
    ) -> None:
        """`content` is XML that stands in the place of the empty detail element; `actor` who raised it."""
        super().__init__(code, text)
        self.actor = actor
        self.content = content
        self.code = code
        self.text = text
        self.namespace = namespace
        self.detail = detail
        self.upgrade = upgrade


@dataclass(frozen=True, slots=True)
class Envelope:
    """`namespace` says which SOAP it is; `wrapper` is the first element in the Body, which `begins` with it or with a
    text; `is_in_order`: nothing but a Header stands in front of the Body."""

    namespace: str
    wrapper: etree._Element | None
    not_understood: str
    source: bytes
    begins: bool = True
    is_in_order: bool = True

    @property
    def routing(self) -> etree._Element | None:
        """The element that tells the method where nothing else does."""
        return self.wrapper if self.begins else None

    def check(self) -> None:
        """What the host refuses once it knows the method. Raises Fault."""
        if not self.is_in_order:
            raise _missing("Body", self.namespace, is_routed=True)
        if self.not_understood:
            text = f"SOAP header {self.not_understood} was not understood."
            raise Fault("MustUnderstand", text, namespace=self.namespace, detail=False)


def read(body: bytes, charset: str, *, fallback: str = "", believe: bool = False, is_routed: bool = False) -> Envelope:
    """Raises BadXml for what is not XML, Fault for XML that is no envelope.

    `charset` is the name that the client gave; one that is not known is ASCII, as on the host. `fallback` is the
    encoding without a mark and a charset; empty: the declaration decides, else UTF-8. A declaration of UTF-16 in bytes
    that are not is passed over (.NET's StringWriter makes them), unless it is to be believed. `is_routed` says that the
    method is known without the envelope.
    """
    root, source = _parse(body, charset, fallback, believe)
    name = etree.QName(root)
    namespace = str(name.namespace or "")
    if namespace not in (S11, S12):
        text = f"Possible SOAP version mismatch: Envelope namespace {namespace} was unexpected. Expecting {S11}."
        raise Fault("VersionMismatch", text, upgrade=True)
    if name.localname != "Envelope":
        raise _missing("Envelope", namespace, is_routed=is_routed)
    children = list(root.iterchildren("*"))
    place = next((at for at, child in enumerate(children) if child.tag == f"{{{namespace}}}Body"), None)
    if place is None:
        raise _missing("Body", namespace, is_routed=is_routed)
    first = children[place]
    headers = children[:place]
    return Envelope(
        namespace,
        next(first.iterchildren("*"), None),
        _not_understood(headers),
        source,
        begins=not (first.text or "").strip(),
        is_in_order=[child.tag for child in headers] in ([], [f"{{{namespace}}}Header"])
        and not any(text.strip() for text in _before(root, first)),
    )


def check_start(body: bytes) -> None:
    """What the host refuses where it has to look into the body for the method and finds no element. Raises Fault."""
    stripped = body[charsets.mark(body)[1] :].lstrip(_BLANKS)
    if stripped.startswith((b"<", b"\0<")):
        return
    problem = "Root element is missing."
    if stripped:
        before = body[: len(body) - len(stripped)]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        problem = f"Data at the root level is invalid. Line {line}, position {column}."
    raise Fault("Server", f"Server was unable to process request. ---> {problem}", namespace=S12)


def _missing(name: str, namespace: str, *, is_routed: bool) -> Fault:
    code, doing = ("Client", "read") if is_routed else ("Server", "process")
    text = (
        f"Server was unable to {doing} request. ---> Request format is invalid: Missing required soap:{name} element."
    )
    return Fault(code, text, namespace=namespace)


def _before(root: etree._Element, element: etree._Element) -> Iterator[str]:
    """The texts between the children of the root in front of one of them."""
    yield root.text or ""
    for child in element.itersiblings(preceding=True):
        yield child.tail or ""


def _not_understood(headers: list[etree._Element]) -> str:
    """The host's two attributes count in either version."""
    for header in headers[:1]:
        for entry in header.iterchildren("*"):
            if any(entry.get(f"{{{namespace}}}mustUnderstand") in ("1", "true") for namespace in (S11, S12)):
                return etree.QName(entry).localname
    return ""


def _parse(body: bytes, charset: str, fallback: str, believe: bool) -> tuple[etree._Element, bytes]:
    """The root, and the UTF-8 that was parsed.

    A byte order mark decides the encoding, then the header, then the declaration, then UTF-8.
    """
    encoding, start = charsets.mark(body)
    if encoding:
        body = body[start:]
    elif charset:
        encoding = charsets.known(charset) or "ascii"
    elif fallback:
        encoding = fallback
    else:
        try:
            encoding, _ = charsets.of_document(body)
            if charsets.is_wide(encoding) and not believe and charsets.declared(body):
                encoding = "utf-8"
        except charsets.UnknownCharset:
            encoding = "ascii"
    if encoding != "utf-8":
        text = body.decode(encoding, "replace")
        if encoding == "ascii":
            text = text.replace("\ufffd", "?")
        declaration = _DECLARATION.match(text)
        body = text[declaration.end() if declaration else 0 :].encode("utf-8", "replace")
    if b"<!DOCTYPE" in body:
        raise BadXml("document type declarations are not read")
    try:
        return _tree(body), body
    except BadXml:
        whole, zero, _ = body.partition(b"\0")
        if zero and whole.endswith(b">"):  # the host reads no further than that
            return _tree(whole), whole
        repaired = body.decode("utf-8", "replace").encode()
        if repaired == body:
            raise
        return _tree(repaired), repaired


def _tree(body: bytes) -> etree._Element:
    if len(body) > _SMALL or body.count(b"=") > xml.MAX_ATTRIBUTES:
        return xml.parse(body, encoding="utf-8")
    try:
        root = etree.fromstring(body, _PARSER)
        xml.check_log(_PARSER.error_log)
    except (etree.XMLSyntaxError, ValueError) as error:
        if xml.is_harmless(body, _PARSER.error_log):
            return xml.parse(body, encoding="utf-8", recover=True)
        raise BadXml(str(error)) from None
    _check_depth(root, xml.MAX_DEPTH)
    return root


def _check_depth(element: etree._Element, left: int) -> None:
    if left == 0:
        raise BadXml("too deep")
    for child in element:
        if len(child):
            _check_depth(child, left - 1)


def arguments(method: Method, envelope: Envelope, *, strict: bool = False) -> list[Any]:
    """Children by local name, whatever the case and namespace; of several the exact spelling wins, else the first.

    A strict host looks only at children of the exact name in the exact wrapper. Raises BadXml for markup inside a text,
    Fault for a text that is no value of its type.
    """
    wrapper = envelope.wrapper
    if strict and wrapper is not None and wrapper.tag != f"{{{NAMESPACE}}}{method.name}":
        wrapper = None
    exact: dict[str, etree._Element] = {}
    lower: dict[str, etree._Element] = {}
    for child in wrapper.iterchildren("*") if wrapper is not None else ():
        if strict:
            exact.setdefault(str(child.tag), child)
            continue
        name = etree.QName(child).localname
        exact.setdefault(name, child)
        lower.setdefault(name.lower(), child)
    prefix = f"{{{NAMESPACE}}}" if strict else ""
    arguments = []
    for param in method.params:
        element = exact.get(prefix + param.name)
        if element is None and not strict:
            element = lower.get(param.name.lower())
        arguments.append(param.kind.default if element is None else _value(param, element, envelope, strict))
    return arguments


def _value(param: Param, element: etree._Element, envelope: Envelope, strict: bool) -> Any:
    kind = param.kind
    if kind is Kind.XML:
        return next(element.iterchildren("*"), None)
    if kind is Kind.STRINGS:
        return [_text(item) for item in element.iterchildren("*")]
    if kind is Kind.XML_TEXT and next(element.iterchildren("*"), None) is not None:
        return "".join(
            etree.tostring(child, encoding="unicode", with_tail=False) for child in element.iterchildren("*")
        )
    text = _text(element)
    if kind is Kind.STRING:
        return text
    if not strict and not param.required and not text.strip():
        return kind.default
    try:
        return kind.from_xml(text, strict=strict)
    except BadBase64 as error:
        raise BadXml(str(error)) from None
    except BadValue as error:
        line, column = position(envelope.source, element)
        text = (
            "Server was unable to read request. ---> There is an error in XML document "
            f"({line}, {column}). ---> {error}"
        )
        raise Fault("Client", text, namespace=envelope.namespace) from None


def position(source: bytes, element: etree._Element) -> tuple[int, int]:
    """Where the host's reader stands once it has read an element: at the name of the next tag, or at the next text."""
    wanted = sum(1 for _ in element.iterancestors()) + 1
    number = _document_order(element)
    parser = expat.ParserCreate("utf-8")
    seen = depth = 0
    at: tuple[int, int] = (1, 1)

    def start(name: str, attributes: Any) -> None:
        nonlocal seen, depth
        seen, depth = seen + 1, depth + 1

    def end(name: str) -> None:
        nonlocal depth, at
        if seen >= number and depth == wanted and at == (1, 1):
            index = parser.CurrentByteIndex
            if source.startswith(b"</" + name.encode(), index):
                index = source.index(b">", index) + 1
            ahead = 2 if source.startswith(b"</", index) else 1 if source.startswith(b"<", index) else 0
            before = source[: index + ahead].decode("utf-8", "replace")
            at = (before.count("\n") + 1, _column(before))
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with suppress(expat.ExpatError):  # what comes later may be nonsense
        parser.Parse(source, True)
    return at


def _column(before: str) -> int:
    """Of the character behind a text; columns count UTF-16 units from one, as .NET does."""
    return len(before.rpartition("\n")[2].encode("utf-16-le")) // 2 + 1


def _document_order(element: etree._Element) -> int:
    """Which element it is of the document, from one."""
    for number, other in enumerate(element.getroottree().iter("*"), 1):
        if other is element:
            return number
    return 0


def _text(element: etree._Element) -> str:
    if len(element):
        raise BadXml("an element has to hold text only")
    return element.text or ""


def _result(kind: Kind, value: Any) -> str | None:
    if value is None or kind is Kind.VOID:
        return None
    if kind is Kind.XML:
        return compact(value)
    return escape(scalar(kind, value))


def response(namespace: str, method: Method, result: Any) -> bytes:
    name = method.name
    inside = _result(method.result, result)
    if inside is None:
        body = f'<{name}Response xmlns="{NAMESPACE}" />'
    else:
        element = f"<{name}Result>{inside}</{name}Result>" if inside else f"<{name}Result />"
        body = f'<{name}Response xmlns="{NAMESPACE}">{element}</{name}Response>'
    return f"{_HEADS[namespace]}{body}{_TAIL}".encode()


def fault(error: Fault) -> bytes:
    if error.namespace == S11:
        detail = "<detail />" if error.detail else ""
        actor = f"<faultactor>{escape(error.actor)}</faultactor>" if error.actor else ""
        inside = (
            f"<soap:Fault><faultcode>soap:{error.code}</faultcode>"
            f"<faultstring>{escape(error.text)}</faultstring>{actor}{error.content or detail}</soap:Fault>"
        )
    else:
        detail = "<soap:Detail />" if error.detail else ""
        actor = f"<soap:Node>{escape(error.actor)}</soap:Node>" if error.actor else ""
        inside = (
            f"<soap:Fault><soap:Code><soap:Value>soap:{_CODES.get(error.code, error.code)}</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="en">{escape(error.text)}</soap:Text></soap:Reason>'
            f"{actor}{error.content or detail}</soap:Fault>"
        )
    head = _HEADS[error.namespace]
    if error.upgrade:
        head = _ENVELOPE.format(declaration=DECLARATION, namespace=S11, header=_UPGRADE)
    return f"{head}{inside}{_TAIL}".encode()
