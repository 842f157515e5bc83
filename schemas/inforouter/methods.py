"""The method table of a service, read from its spyne declarations: the one source for parameters, types and WSDL."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from schemas.common import spyne_compat as spyne_compat

from spyne import (  # isort: skip
    AnyXml,
    Array,
    Boolean,
    ByteArray,
    DateTime,
    Integer16,
    Integer32,
    ServiceBase,
    Unicode,
)

from schemas.inforouter.values import Kind

NAMESPACE = "http://tempuri.org/"


class XmlText(Unicode):  # type: ignore[misc]
    """A string that holds an XML document: escaped, in a CDATA section or, in SOAP, as a child element."""


#: the more special type stands in front
_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (XmlText, Kind.XML_TEXT),
    (AnyXml, Kind.XML),
    (ByteArray, Kind.BYTES),
    (Array, Kind.STRINGS),
    (Integer16, Kind.SHORT),
    (Integer32, Kind.INT),
    (Boolean, Kind.BOOLEAN),
    (DateTime, Kind.DATE_TIME),
    (Unicode, Kind.STRING),
)


@dataclass(frozen=True, slots=True)
class Param:
    """`required` decides what an absent parameter means over GET and POST; in SOAP it is the default either way."""

    name: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A web method. `call` takes the context and the parameters in order. `declared`: it stands in the WSDL."""

    name: str
    params: tuple[Param, ...]
    call: Callable[..., Awaitable[Any]]
    documentation: str = ""
    result: Kind = Kind.XML
    declared: bool = True

    @property
    def action(self) -> str:
        return NAMESPACE + self.name

    @property
    def over_form(self) -> bool:
        """A method with an XML parameter cannot be called over GET and POST."""
        return all(param.kind is not Kind.XML for param in self.params)

    @property
    def in_http_bindings(self) -> bool:
        """Arrays would make the WSDL import a schema that clients fetch from elsewhere; so they are left out there."""
        return self.over_form and all(p.kind not in (Kind.BYTES, Kind.STRINGS) for p in self.params)


def _kind(name: str, declared: type[Any]) -> Kind:
    for base, kind in _KINDS:
        if issubclass(declared, base):
            return kind
    raise TypeError(f"{name}: {declared.__name__} is not carried")


def methods_of(*services: type[ServiceBase]) -> dict[str, Method]:
    """The methods in declaration order. Raises TypeError for types that this host does not carry."""
    methods: dict[str, Method] = {}
    for service in services:
        for name, descriptor in service.public_methods.items():
            params = tuple(
                Param(param, _kind(f"{name}.{param}", declared), declared.Attributes.min_occurs > 0)
                for param, declared in descriptor.in_message._type_info.items()
            )
            result = Kind.VOID
            for declared in descriptor.out_message._type_info.values():
                result = _kind(name, declared)
            methods[name] = Method(name, params, descriptor.function, descriptor.doc or "", result)
    return methods
