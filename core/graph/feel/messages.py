"""What is said of a text that is no expression: where what can be read of it ends, what might have followed, and what
stands there instead."""

from collections.abc import Callable

from core.graph.feel.characters import joined, units
from core.graph.feel.syntax import (
    Both,
    Comparison,
    Either,
    For,
    If,
    In,
    InputCompared,
    InputTested,
    InputWithin,
    InstanceOf,
    Name,
    Node,
    Not,
    Quantified,
)

_BEGINNING = "ifOp | forOp | quantifiedOp | disjunction"
_VALUE = "binaryComparison | between | instanceOf | in"
_OPERAND = 'path | filter | "**" | [*/] | [+\\\\-]'
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FOUND = 10


def unreadable(text: str, at: int, read: Node | None, readable: Callable[[int], bool]) -> str:
    """`read` is what was read up to that place; `readable` tells whether an expression begins at one."""
    line = text.count("\n", 0, at) + 1
    column = len(units(text[text.rfind("\n", 0, at) + 1 : at])) + 1
    found = "".join(map(_written, joined(units(text[at : at + _FOUND])[:_FOUND])))
    if read is None:
        expected = _BEGINNING if at else f"start-of-input | {_BEGINNING}"
    else:
        expected = _expected(text[:at].rstrip(), text[at:], _last(read), readable(at))
    return f"failed to parse expression '{text}': Expected ({expected}):{line}:{column}, found \"{found}\""


def _written(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return f"\\u{ord(character):04x}" if character < " " else character


def _last(node: Node) -> Node:
    """What stands last in it, of what is not reckoned."""
    while True:
        match node:
            case Either():
                node = node.options[-1]
            case Both():
                node = node.right
            case If():
                node = node.no
            case For():
                node = node.result
            case Quantified():
                node = node.condition
            case Not(value=Comparison() as inner):
                return inner
            case In(test=InputTested(test=inner)):
                node = inner
            case In():
                node = node.test
            case _:
                return node


def _expected(before: str, rest: str, last: Node, readable: bool) -> str:
    match last:
        case Comparison() | InputCompared():
            options = [_OPERAND]
        case InputWithin():
            options = []
        case InstanceOf():
            options = [] if " " in last.type or last.type == "function" else ['"."']
        case Name(names=("if",)):
            options = [f'({_BEGINNING}) ~ "then"' if readable else _BEGINNING, _VALUE]
        case Name(names=("for" | "some" | "every",)):
            options = ["listIterator.rep(1)", _VALUE]
        case Name(names=("stance",)) if before.endswith("instance"):
            options = ['"of"', _VALUE]
        case _:
            options = [_VALUE]
    both = '"and" ~ (addSub | unaryComparison | range)' if rest.startswith("and") else '"and"'
    either = '"or" ~ conjunction' if rest.startswith("or") else '"or"'
    return " | ".join((*options, both, either, "end-of-input"))
