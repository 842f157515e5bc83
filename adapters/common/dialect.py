"""A dialect as the gateway sees it."""

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.types import ASGIApp

from adapters.common.noise import Rule
from adapters.common.rights import Right
from core.gate import Gate


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the vendor's API: `{name}` marks variable parts of the path, `right` says who may call it,
    `statuses` may be answered."""

    name: str
    method: str
    path: str
    right: Right
    statuses: tuple[int, ...] = ()
    source: str = "documented"

    @property
    def is_open(self) -> bool:
        """Nobody has to say who they are."""
        return self.right is Right.ANYONE


@dataclass(frozen=True, slots=True)
class Numbers:
    """Small numbers that a server gives to things of one kind: 5 is a user at one place and a process at another.

    `names` are those of members, parameters, elements and attributes, in any case; `account.id` is an `id` within an
    `account`. `paths` are addresses, with `{}` for variable parts, behind which such a number stands; an `id` in what
    is sent there and answered there is one, too, unless another name says what it is. `marks` stand right in front of
    such a number in texts of any place, as in `~D12`.
    """

    kind: str
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mount:
    """How a dialect is served: its profile, the public address of the gateway, options of its own."""

    engine: Gate
    profile: str
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


class Describe(Protocol):
    """Writes an OpenAPI document for a profile, as it is served behind an address, with options of the dialect."""

    def __call__(self, profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an entry point in the group `dragoman.dialects` leads to.

    `owns` matches the raw paths that this dialect answers; `options` names its settings with their defaults; `build`
    makes the ASGI app. `describe` is None where OpenAPI has no words for what is served; `background` runs from the
    start of the gateway until it is cancelled at its stop.
    """

    name: str
    title: str
    profiles: tuple[str, ...]
    owns: re.Pattern[str]
    example: str
    operations: tuple[Operation, ...]
    build: Callable[[Mount], ASGIApp]
    options: Mapping[str, str] = field(default_factory=dict)
    describe: Describe | None = None
    background: Callable[[Mount], Coroutine[Any, Any, None]] | None = None
    #: the path of a WSDL, empty if there is none
    wsdl: str = ""
    #: its prefix is one in any case
    any_case: bool = False
    #: which numbers of one server stand for others of another one; keys and UUIDs are known by their looks
    numbers: tuple[Numbers, ...] = ()
    #: what differs by nature between two servers of the product
    noise: tuple[Rule, ...] = ()
