"""Changes of documents in XML, and in HTML as a tree."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lxml import etree

from gateway.traffic.exchange import Response
from schemas.common.xml import parse
from tests.support.planted.kinds import ID, KINDS, Planted, is_plain, is_xml, kind, media_type

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def place_of(element: Any) -> str:
    parts = []
    while element is not None:
        before = sum(1 for one in element.itersiblings(element.tag, preceding=True))
        parts.append(f"{element.tag}[{before + 1}]")
        element = element.getparent()
    return "/" + "/".join(reversed(parts))


def _is_mixed(element: Any) -> bool:
    texts = [element.text, *(child.tail for child in element)]
    return len(element) > 0 and any((text or "").strip() for text in texts)


def _stands_in_text(element: Any) -> bool:
    return bool((element.tail or "").strip()) or (element.getparent() is not None and _is_mixed(element.getparent()))


def _is_last_of_its_name(element: Any) -> bool:
    return next(element.itersiblings(element.tag), None) is None


Fits = Callable[[Any, Response], bool]


def _tree(name: str, grade: str, fits: Fits, change: Callable[[Any], str], *, is_html: bool = False) -> None:
    """As `_json`. `change` says the whole place, as it was before."""

    def planted(answer: Response, rng: random.Random) -> Planted | None:
        if is_html != (media_type(answer) == "text/html") or not (is_html or is_xml(answer)):
            return None
        root = etree.fromstring(answer.body, etree.HTMLParser(encoding="utf-8")) if is_html else parse(answer.body)
        elements = [one for one in root.iter() if isinstance(one.tag, str) and fits(one, answer)]
        if not elements:
            return None
        place = change(rng.choice(elements))
        return Planted(replace(answer, body=etree.tostring(root, encoding="utf-8")), ((place, grade),))

    KINDS[name] = planted


def _is_inside(element: Any) -> bool:
    """Below what has to be there for it to be a message at all."""
    return element.getparent() is not None and not str(element.tag).startswith(SOAP)


def _is_part(element: Any, answer: Response) -> bool:
    is_alone = not _stands_in_text(element) and _is_last_of_its_name(element)
    return _is_inside(element) and is_alone and element.tag not in ("head", "body")


def _is_fault_code(element: Any, answer: Response) -> bool:
    return bool(element.tag == "faultcode")


def _has_plain_text(element: Any, answer: Response) -> bool:
    is_shown = element.tag not in ("script", "style", "faultcode")
    return bool(is_shown and len(element) == 0) and is_plain((element.text or "").strip())


def _own_attributes(element: Any) -> list[str]:
    return [str(name) for name in element.attrib if not str(name).startswith(XSI)]


def _plain_attributes(element: Any) -> list[str]:
    return [name for name in _own_attributes(element) if is_plain(element.get(name)) and name != "class"]


def _drop(element: Any) -> str:
    place = place_of(element)
    element.getparent().remove(element)
    return place


def _drop_attribute(element: Any) -> str:
    name = _own_attributes(element)[-1]
    del element.attrib[name]
    return f"{place_of(element)}/@{name}"


def _say(element: Any, text: str | None) -> str:
    element.text = text
    return place_of(element)


def _change_text(element: Any) -> str:
    return _say(element, f"{element.text}!")


def _widen(element: Any) -> str:
    element[0].tail = f" {element[0].tail or ''}"
    return f"{place_of(element)}/text()[2]"


def _change_attribute(element: Any) -> str:
    name = _plain_attributes(element)[0]
    element.set(name, f"{element.get(name)}x")
    return f"{place_of(element)}/@{name}"


def _add(element: Any) -> str:
    space = etree.QName(element).namespace
    added = f"{{{space}}}Added" if space else "Added"
    etree.SubElement(element, added).text = "1"
    return f"{place_of(element)}/{added}[1]"


def _add_attribute(element: Any) -> str:
    element.set("added", "1")
    return f"{place_of(element)}/@added"


def _other_namespace(element: Any) -> str:
    place = place_of(element)
    element.tag = f"{{urn:others}}{etree.QName(element).localname}"
    return place


def _first_pair(element: Any) -> tuple[Any, Any] | None:
    """The first and the last child, where all have one name and say different things."""
    children = list(element)
    if len(children) < 2 or len({child.tag for child in children}) > 1 or _is_mixed(element):
        return None
    if len({etree.tostring(child, with_tail=False) for child in children}) < len(children):
        return None
    return children[0], children[-1]


def _turn(element: Any) -> str:
    element[:] = list(reversed(element))
    return place_of(element)


def _ids_of(element: Any) -> list[str]:
    return [str(name) for name, value in element.attrib.items() if ID.fullmatch(str(value))]


def _take_the_others_id(element: Any) -> str:
    first, last = element[0], element[-1]
    name = _ids_of(first)[0]
    last.set(name, first.get(name))
    return f"{place_of(last)}/@{name}"


def _is_list_of_ids(element: Any, answer: Response) -> bool:
    pair = _first_pair(element)
    return pair is not None and bool(_ids_of(pair[0])) and _ids_of(pair[0]) == _ids_of(pair[1])


for _html in (False, True):
    _of = "_of_html" if _html else ""
    _tree(f"an_element_less{_of}", "breaking", _is_part, _drop, is_html=_html)
    _tree(f"an_attribute_less{_of}", "breaking", lambda e, a: bool(_own_attributes(e)), _drop_attribute, is_html=_html)
    _tree(f"another_text{_of}", "suspicious", _has_plain_text, _change_text, is_html=_html)
    _tree(
        f"another_attribute{_of}",
        "suspicious",
        lambda e, a: bool(_plain_attributes(e)),
        _change_attribute,
        is_html=_html,
    )
    _tree(f"an_added_attribute{_of}", "harmless", lambda e, a: True, _add_attribute, is_html=_html)

_tree("an_added_element", "harmless", lambda e, a: len(e) > 0 and not _is_mixed(e) and _is_inside(e), _add)
_tree("another_namespace", "breaking", lambda e, a: _is_part(e, a) and place_of(e).endswith("[1]"), _other_namespace)
_tree("another_order_of_elements", "suspicious", lambda e, a: _first_pair(e) is not None, _turn)
_tree("another_identity_of_an_element", "breaking", _is_list_of_ids, _take_the_others_id)
_tree(
    "another_fault_code",
    "breaking",
    _is_fault_code,
    lambda e: _say(e, "soap:VersionMismatch"),
)
_tree(
    "another_xsi_type",
    "breaking",
    lambda e, a: f"{XSI}type" in e.attrib,
    lambda e: e.set(f"{XSI}type", "xsd:token") or f"{place_of(e)}/@{XSI}type",
)
_tree(
    "something_where_nil_was",
    "breaking",
    lambda e, a: f"{XSI}nil" in e.attrib,
    lambda e: e.attrib.pop(f"{XSI}nil") and place_of(e),
)
_tree(
    "nil_where_something_was",
    "breaking",
    lambda e, a: len(e) == 0 and bool(e.text) and f"{XSI}nil" not in e.attrib and _is_inside(e),
    lambda e: e.set(f"{XSI}nil", "true") or _say(e, None),
)
_tree(
    "a_blank_in_mixed_content",
    "suspicious",
    lambda e, a: _is_mixed(e),
    _widen,
)


def _letters(name: str, pattern: bytes, other: bytes, media: Callable[[Response], bool]) -> None:
    """The same said in other letters."""

    def planted(answer: Response, rng: random.Random) -> Planted | None:
        body = re.sub(pattern, other, answer.body, count=1, flags=re.DOTALL)
        if not media(answer) or body == answer.body:
            return None
        return Planted(replace(answer, body=body), (("body", "bytes"),))

    KINDS[name] = planted


_LEAF = rb"<([\w:]+)([^<>/]*)>([A-Za-z][A-Za-z ]*)</\1>"
_letters("white_space_between_elements", rb">(\s*)(<[\w:]+[^<>]*>)(?=<|\s*<)", rb">\1\n      \2", is_xml)
_letters("cdata", _LEAF, rb"<\1\2><![CDATA[\3]]></\1>", is_xml)
_letters("an_empty_element_in_two_tags", rb"<([\w:]+)((?:\s[^<>]*[^/<>])?)\s*/>", rb"<\1\2></\1>", is_xml)
_letters("quotes", rb"(<[\w:]+ [\w:]+=)\"([^\"'<>]*)\"", rb"\1'\2'", is_xml)
_letters("white_space_of_html", rb"(<body[^<>]*>)", rb"\1\n\n  ", lambda answer: media_type(answer) == "text/html")


@kind
def prefixes(answer: Response, rng: random.Random) -> Planted | None:
    if not is_xml(answer) or (found := re.search(rb"<(\w+):", answer.body)) is None:
        return None
    prefix = found[1]
    body = re.sub(rb"(</?|xmlns:)" + prefix + rb"(?=[:=])", rb"\1p9", answer.body)
    return Planted(replace(answer, body=body), (("body", "bytes"),))


@kind
def another_encoding(answer: Response, rng: random.Random) -> Planted | None:
    if not is_xml(answer):
        return None
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", answer.body.decode())
    body = f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode("utf-16")
    return Planted(replace(answer, body=body), (("body", "bytes"),))
