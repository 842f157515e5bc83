"""Where tokens are put, and where they go, when an instance is repaired from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Around(StrEnum):
    """In which instance of what is around a target a token goes on."""

    NAMED = "named"  # the one that is named, or whichever there is
    INFERRED = "inferred"  # one that was around where it came from
    PARENT = "parent"  # right where it came from


@dataclass(frozen=True, slots=True)
class Activation:
    """A token enters an element; what is around it is opened if it is not there. Of several that are around it, the one
    `within` which (the key of an element instance) it is to be. `variables` are set before in the scopes of these
    elements, "" and the process for the instance."""

    element_id: str
    within: int = 0
    variables: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Each active instance of an element (id), or one (key), ends, and a token enters the target instead."""

    source: str | int
    target: str
    around: Around = Around.NAMED
    within: int = 0
    variables: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True)
class Led:
    """How an ad-hoc sub-process goes on, by whoever leads it: these elements are activated (id, variables of the
    activation), or it is `over` as soon as nothing is active. If it `cancels`, what is active ends before."""

    wanted: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    over: bool = False
    cancels: bool = False
