"""A requirements graph as plain records: its decisions, the knowledge that they call, and what each of them says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import orjson


@dataclass(frozen=True, slots=True)
class Written:
    """An expression as it is written; without a text if there is none where one belongs."""

    text: str | None = None
    language: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    written: Written
    kind: Literal["literal"] = "literal"


@dataclass(frozen=True, slots=True)
class Input:
    expression: Written
    id: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """`values` are those that there are, the first of them before the others; `default` is for when no rule is met."""

    id: str | None = None
    name: str | None = None
    label: str | None = None
    values: str | None = None
    default: Written | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    inputs: tuple[Written, ...] = ()
    outputs: tuple[Written, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionTable:
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    rules: tuple[Rule, ...] = ()
    hit_policy: str = "UNIQUE"
    aggregation: str | None = None
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Entry:
    """Of a context; the last one may have no name, and is then the value of all."""

    logic: "Logic | None"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ContextLogic:
    entries: tuple[Entry, ...] = ()
    kind: Literal["context"] = "context"


@dataclass(frozen=True, slots=True)
class ListLogic:
    items: tuple["Logic", ...] = ()
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class Relation:
    columns: tuple[str | None, ...] = ()
    rows: tuple[tuple["Logic", ...], ...] = ()
    kind: Literal["relation"] = "relation"


@dataclass(frozen=True, slots=True)
class BindingOf:
    parameter: str
    logic: "Logic | None"


@dataclass(frozen=True, slots=True)
class Invocation:
    """Of knowledge, by its name."""

    called: "Logic | None"
    bindings: tuple[BindingOf, ...] = ()
    kind: Literal["invocation"] = "invocation"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionLogic:
    parameters: tuple[Parameter, ...] = ()
    body: "Logic | None" = None
    kind: Literal["function"] = "function"


Logic: TypeAlias = LiteralExpression | DecisionTable | ContextLogic | ListLogic | Relation | Invocation | FunctionLogic


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: with parameters and logic, or (`logic` None, no function) nothing but its name.
    `requires` are the ids of others."""

    id: str
    name: str
    function: FunctionLogic | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`requires` are ids of decisions, `knows` those of knowledge. Others see its result as `result_name`, which is of
    type `result_type`."""

    id: str
    name: str
    logic: Logic | None
    result_name: str = ""
    result_type: str | None = None
    requires: tuple[str, ...] = ()
    knows: tuple[str, ...] = ()
    version_tag: str = ""


@dataclass(frozen=True, slots=True)
class Requirements:
    """All that one file says."""

    id: str
    name: str
    decisions: tuple[Decision, ...] = ()
    knowledge: tuple[Knowledge, ...] = ()

    def to_json(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Requirements":
        data: dict[str, Any] = orjson.loads(text)
        return cls(
            data["id"],
            data["name"],
            tuple(map(_decision, data["decisions"])),
            tuple(map(_knowledge, data["knowledge"])),
        )


def _decision(data: dict[str, Any]) -> Decision:
    read = {**data, "logic": _logic(data["logic"])}
    return Decision(**{**read, "requires": tuple(data["requires"]), "knows": tuple(data["knows"])})


def _knowledge(data: dict[str, Any]) -> Knowledge:
    function = data["function"]
    return Knowledge(data["id"], data["name"], _function(function) if function else None, tuple(data["requires"]))


def _logic(data: dict[str, Any] | None) -> Logic | None:
    return None if data is None else _RULES[data["kind"]](data)


def _all(rows: list[dict[str, Any]]) -> Iterator[Logic]:
    for row in rows:
        logic = _logic(row)
        assert logic is not None, "an item of a list is something"
        yield logic


def _written(data: dict[str, Any] | None) -> Written | None:
    return None if data is None else Written(**data)


def _literal(data: dict[str, Any]) -> LiteralExpression:
    return LiteralExpression(Written(**data["written"]))


def _table(data: dict[str, Any]) -> DecisionTable:
    return DecisionTable(
        tuple(Input(Written(**i["expression"]), i["id"], i["label"]) for i in data["inputs"]),
        tuple(Output(**{**o, "default": _written(o["default"])}) for o in data["outputs"]),
        tuple(
            Rule(tuple(Written(**w) for w in r["inputs"]), tuple(Written(**w) for w in r["outputs"]), r["id"])
            for r in data["rules"]
        ),
        data["hit_policy"],
        data["aggregation"],
    )


def _context(data: dict[str, Any]) -> ContextLogic:
    return ContextLogic(tuple(Entry(_logic(e["logic"]), e["name"]) for e in data["entries"]))


def _list(data: dict[str, Any]) -> ListLogic:
    return ListLogic(tuple(_all(data["items"])))


def _relation(data: dict[str, Any]) -> Relation:
    return Relation(tuple(data["columns"]), tuple(tuple(_all(row)) for row in data["rows"]))


def _invocation(data: dict[str, Any]) -> Invocation:
    bindings = tuple(BindingOf(b["parameter"], _logic(b["logic"])) for b in data["bindings"])
    return Invocation(_logic(data["called"]), bindings)


def _function(data: dict[str, Any]) -> FunctionLogic:
    return FunctionLogic(tuple(Parameter(**p) for p in data["parameters"]), _logic(data["body"]))


_RULES: Mapping[str, Callable[[dict[str, Any]], Logic]] = {
    "literal": _literal,
    "table": _table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "function": _function,
}
