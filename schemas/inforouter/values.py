"""Values as an ASMX host reads them: invariant .NET text over GET and POST form, XML Schema text in SOAP.

Source: dossier asmx.md, sections 5, 6 and 13.2; the texts of conversion errors were measured there.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from schemas.common.numbers import within
from schemas.inforouter import formdates, xmldates
from schemas.inforouter.moments import NEVER
from schemas.inforouter.unreadable import BadBase64, BadValue

_INT = re.compile(r"([+-]?)0*+([0-9]*+)(?<=[0-9])")
_BLANKS = " \t\n\r"


def _integer(text: str, bits: int) -> int:
    """However many zeros are in front; those who read a short number read a longer one first, and say so."""
    match = _INT.fullmatch(text.strip(_BLANKS))
    if match is None:
        raise BadValue("Input string was not in a correct format.")
    sign, digits = match.groups()
    value = int(f"{sign}{digits[:11] or 0}")
    too_large = [
        f"Value was either too large or too small for an Int{size}."
        for size in (16, 32)
        if bits <= size and not -(2 ** (size - 1)) <= value < 2 ** (size - 1)
    ]
    if too_large:
        raise BadValue(" ---> ".join(too_large))
    return value


def int32(text: str) -> int:
    return _integer(text, 32)


def _form_integer(text: str, bits: int) -> int:
    """Zero characters may follow."""
    return _integer(text.rstrip("\0").strip("\v\f" + _BLANKS), bits)


def _form_boolean(text: str, strict: bool) -> bool:
    word = text.strip().strip("\0").lower()
    if word in ("true", "false"):
        return word == "true"
    if not strict and word in ("1", "0"):
        return word == "1"
    raise BadValue("String was not recognized as a valid Boolean.")


def _xml_boolean(text: str, strict: bool) -> bool:
    word = text.strip(_BLANKS)
    if not strict:
        word = word.lower()
    if word in ("true", "1", "false", "0"):
        return word in ("true", "1")
    raise BadValue(f"The string '{text}' is not a valid Boolean value.")


def decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadBase64(text[:20]) from None


@dataclass(frozen=True, slots=True)
class _Type:
    """`xsd` and `net` are the names of the type; the readers take a text and whether the host is a strict one."""

    word: str
    xsd: str
    net: str
    default: Any
    from_form: Callable[[str, bool], Any]
    from_xml: Callable[[str, bool], Any]


def _text(text: str, strict: bool) -> str:
    return text


class Kind(Enum):
    """The types of parameters and results that this host carries. XML_TEXT is a string that holds a document."""

    STRING = _Type(word="string", xsd="string", net="String", default=None, from_form=_text, from_xml=_text)
    XML_TEXT = _Type(word="xml text", xsd="string", net="String", default=None, from_form=_text, from_xml=_text)
    INT = _Type(
        word="int",
        xsd="int",
        net="Int32",
        default=0,
        from_form=lambda t, _: _form_integer(t, 32),
        from_xml=lambda t, _: _integer(t, 32),
    )
    SHORT = _Type(
        word="short",
        xsd="short",
        net="Int16",
        default=0,
        from_form=lambda t, _: _form_integer(t, 16),
        from_xml=lambda t, _: _integer(t, 16),
    )
    BOOLEAN = _Type(
        word="boolean", xsd="boolean", net="Boolean", default=False, from_form=_form_boolean, from_xml=_xml_boolean
    )
    DATE_TIME = _Type(
        word="date time",
        xsd="dateTime",
        net="DateTime",
        default=NEVER,
        from_form=lambda t, _: formdates.read(t),
        from_xml=lambda t, _: xmldates.read(t),
    )
    BYTES = _Type(
        word="bytes",
        xsd="base64Binary",
        net="Byte",
        default=None,
        from_form=_text,
        from_xml=lambda t, _: decode_base64(t),
    )
    STRINGS = _Type(word="strings", xsd="ArrayOfString", net="String", default=None, from_form=_text, from_xml=_text)
    XML = _Type(word="xml", xsd="", net="", default=None, from_form=_text, from_xml=_text)
    VOID = _Type(word="void", xsd="", net="", default=None, from_form=_text, from_xml=_text)

    @property
    def xsd(self) -> str:
        return self.value.xsd

    @property
    def is_value(self) -> bool:
        """A .NET value type: never null, and so required in the WSDL."""
        return self in (Kind.INT, Kind.SHORT, Kind.BOOLEAN, Kind.DATE_TIME)

    @property
    def default(self) -> Any:
        return self.value.default

    def from_form(self, texts: list[str], *, strict: bool) -> Any:
        """The value of a field, or of several of the same name. Raises BadValue with the host's two lines."""
        if self is Kind.STRINGS:
            return texts
        if self is Kind.BYTES:
            return _form_bytes(texts)
        text = ",".join(texts)
        try:
            return self.value.from_form(text, strict)
        except BadValue as error:
            raise BadValue(
                f"Cannot convert {text} to System.{self.value.net}.\r\nParameter name: type ---> {error}"
            ) from None

    def from_xml(self, text: str, *, strict: bool) -> Any:
        """The value of an element's text. Raises BadValue or BadBase64."""
        return self.value.from_xml(text, strict)


def _form_bytes(texts: list[str]) -> bytes:
    """One decimal number for each byte, as ASMX reads them, or base64, as the vendor's later hosts do."""
    numbers = [within(text.strip(), 0, 255) for text in texts]
    if None not in numbers:
        return bytes(number for number in numbers if number is not None)
    try:
        return decode_base64("".join(texts).replace(" ", "+"))
    except BadBase64:
        raise BadValue(
            f"Cannot convert {texts[0]} to System.Byte.\r\nParameter name: type ---> "
            "Input string was not in a correct format."
        ) from None
