"""The method table of a service, read from its spyne declaration: the one source for parameters, types and the WSDL."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from schemas.common import spyne_compat as spyne_compat

from spyne import AnyXml, ServiceBase, Unicode  # isort: skip

NAMESPACE = "http://tempuri.org/"


@dataclass(frozen=True, slots=True)
class Param:
    """`required` decides what an absent parameter means over GET and POST; in SOAP it is null either way."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Method:
    """A web method with text parameters and an XML result. `call` takes the context and the parameters in order."""

    name: str
    params: tuple[Param, ...]
    call: Callable[..., Awaitable[Any]]
    documentation: str

    @property
    def action(self) -> str:
        return NAMESPACE + self.name


def methods_of(service: type[ServiceBase]) -> dict[str, Method]:
    """The methods in declaration order. Raises TypeError for types that this codec does not carry."""
    methods: dict[str, Method] = {}
    for name, descriptor in service.public_methods.items():
        params = []
        for param, kind in descriptor.in_message._type_info.items():
            if not issubclass(kind, Unicode):
                raise TypeError(f"{name}.{param}: {kind.__name__} is not carried")
            params.append(Param(param, kind.Attributes.min_occurs > 0))
        for kind in descriptor.out_message._type_info.values():
            if not issubclass(kind, AnyXml):
                raise TypeError(f"{name}: a result of type {kind.__name__} is not carried")
        methods[name] = Method(name, tuple(params), descriptor.function, descriptor.doc or "")
    return methods
