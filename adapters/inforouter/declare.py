"""How the web methods are declared: spyne's types, and what the method table says of the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from adapters.common.rights import Right
from adapters.common.slices import Rows
from schemas.common import spyne_compat as spyne_compat

from spyne import AnyXml, Boolean, DateTime, Integer32, ServiceBase, Unicode, rpc  # isort: skip

from schemas.inforouter.element import Element
from schemas.inforouter.methods import XmlText

F = TypeVar("F", bound=Callable[..., Any])

# required: absent over GET and POST it is the host's error; optional ones have a default
S, S_ = Unicode(min_occurs=1), Unicode(min_occurs=0)
I = Integer32(min_occurs=1)
B, B_ = Boolean(min_occurs=1), Boolean(min_occurs=0)
D, D_ = DateTime(min_occurs=1), DateTime(min_occurs=0)
X = XmlText(min_occurs=1)
T, T_ = S, S_


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: attributes in front of and behind `error`, and children of the root. `rows` are those of the only
    child, if there may be many."""

    children: tuple[Element, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    first: tuple[tuple[str, str], ...] = ()
    rows: Rows[Any, Element] | None = None


DONE = Answer()


@dataclass(frozen=True, slots=True)
class Page:
    """What the vendor's page of a method says of its answer.

    `root` is the root element, `silent` that a success has no `error` attribute even in the `response` family, `family`
    that the method is one of the thirteen transfers, which have their own rules; `right` says who may call it, `binary`
    that it answers with bytes, which a refusal in SOAP cannot stand for.
    """

    right: Right
    root: str = "root"
    silent: bool = False
    family: bool = False
    binary: bool = False


PAGES: dict[str, Page] = {}


def web(right: Right, *types: Any, root: str = "root", silent: bool = False, family: bool = False) -> Callable[[F], F]:
    """Declare a method with an XML answer; `types` are those of its parameters behind the context."""

    def declare(function: F) -> F:
        PAGES[function.__name__] = Page(right, root, silent, family)
        declared: F = rpc(*types, _returns=AnyXml)(function)
        return declared

    return declare


def void(right: Right) -> Callable[[F], F]:
    """Declare a method without parameters and without an answer."""

    def declare(function: F) -> F:
        PAGES[function.__name__] = Page(right, "response")
        declared: F = rpc()(function)
        return declared

    return declare


class Service(ServiceBase):  # type: ignore[misc]
    """Base of the declarations. Their methods get a Call as context and answer with an Answer."""
