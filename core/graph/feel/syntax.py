"""What an expression is made of, as the parser read it."""

from dataclasses import dataclass
from typing import Any


class Node:
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Constant(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, and members of it."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Input(Node):
    """`?`, the value that is tested."""


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    low: Node
    high: Node
    with_low: bool
    with_high: bool


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Both(Node):
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Either(Node):
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    test: Node


@dataclass(frozen=True, slots=True)
class InputCompared(Node):
    """A test of the input: `< 5`, or that it equals."""

    operator: str
    value: Node


@dataclass(frozen=True, slots=True)
class InputWithin(Node):
    range: RangeOf


@dataclass(frozen=True, slots=True)
class InputTested(Node):
    """An expression as a test: it is true, or the input, or a list with it."""

    test: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    value: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    value: Node
    test: Node


@dataclass(frozen=True, slots=True)
class Steps(Node):
    """The whole numbers from one to another."""

    low: Node
    high: Node


Iterators = tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: Iterators
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterators: Iterators
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """Of a function by name, out of a context if there is a path; arguments by position or by name."""

    path: tuple[str, ...]
    name: str
    arguments: tuple[Node, ...]
    named: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    body: Node
