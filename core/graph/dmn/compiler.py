"""From records of a requirements graph to decisions that are ready to run, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.graph.dmn.frame import Runnable, Undecided
from core.graph.dmn.knowledge import Call, Model
from core.graph.dmn.logics import Entries, FunctionOf, Items, Literal, Rows, Unready
from core.graph.dmn.model import (
    ContextLogic,
    Decision,
    DecisionTable,
    FunctionLogic,
    Invocation,
    Knowledge,
    ListLogic,
    LiteralExpression,
    Logic,
    Output,
    Relation,
    Requirements,
    Written,
)
from core.graph.dmn.table import Column, Line, Table
from core.graph.feel.budget import ExpressionError
from core.graph.feel.engine import read, read_tests, value_in
from core.graph.feel.functions.booleans import AssertionFailed
from core.graph.feel.scope import Expression, Scope

#: names for FEEL, in small letters
FEEL = frozenset((
    "feel",
    "http://www.omg.org/spec/feel/20140401",
    "http://www.omg.org/spec/dmn/20180521/feel/",
    "https://www.omg.org/spec/dmn/20191111/feel/",
    "https://www.omg.org/spec/dmn/20211108/feel/",
    "https://www.omg.org/spec/dmn/20230324/feel/",
))  # fmt: skip


@dataclass(slots=True, eq=False)
class Ready:
    """A decision: what it needs is decided first, each time that it is needed."""

    id: str
    name: str
    logic: Runnable
    result_name: str
    result_type: str | None
    knows: list[Model]
    requires: "list[Ready]" = field(default_factory=list)


class Compiled:
    """The decisions of a requirements graph by their ids, and all that is wrong with them: who runs one that is wrong
    is told so when it is reached."""

    def __init__(self, requirements: Requirements) -> None:
        self.requirements = requirements
        self.records = {decision.id: decision for decision in requirements.decisions}
        self.problems: list[str] = []
        self.decisions: dict[str, Ready] = {}
        circle = circle_in(requirements)
        if circle:
            self.problems.append(circle)
            return
        compiler = _Compiler(requirements, self.problems)
        for decision in requirements.decisions:
            self.decisions.setdefault(decision.id, compiler.decision(decision))
        for decision in requirements.decisions:
            there = (self.decisions[id] for id in decision.requires if id in self.decisions)
            self.decisions[decision.id].requires.extend(there)

    def logic_of(self, id: str) -> Logic | None:
        """What a decision, or knowledge, says."""
        if id in self.records:
            return self.records[id].logic
        functions = (model.function for model in self.requirements.knowledge if model.id == id)
        return next((function.body for function in functions if function is not None), None)


@lru_cache(maxsize=256)
def compiled(text: str) -> Compiled:
    """Requirements as they are stored."""
    return Compiled(Requirements.from_json(text))


def circle_in(requirements: Requirements) -> str:
    """What is said of requirements that go in a circle; empty if none do."""
    for what, edges in (
        ("decisions", {decision.id: decision.requires for decision in requirements.decisions}),
        ("BKMs", {model.id: model.requires for model in requirements.knowledge}),
    ):
        if _has_circle(edges):
            return f"Invalid DMN model: Cyclic dependencies between {what} detected."
    return ""


def _has_circle(edges: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether what is left once all without requirements are taken away, again and again, is anything."""
    needs = {id: {other for other in others if other in edges} for id, others in edges.items()}
    needed_by: dict[str, list[str]] = {}
    for id, others in needs.items():
        for other in others:
            needed_by.setdefault(other, []).append(id)
    free = [id for id, others in needs.items() if not others]
    taken = 0
    while free:
        id = free.pop()
        taken += 1
        for other in needed_by.get(id, ()):
            needs[other].discard(id)
            if not needs[other]:
                free.append(other)
    return taken < len(needs)


class _Compiler:
    def __init__(self, requirements: Requirements, problems: list[str]) -> None:
        self._knowledge = {model.id: model for model in requirements.knowledge}
        self._models: dict[str, Model] = {}
        self._problems = problems
        self._expressions: dict[tuple[str, bool], Expression] = {}

    def decision(self, decision: Decision) -> Ready:
        knows = self._known(decision.knows)
        logic = decision.logic
        if logic is None or isinstance(logic, FunctionLogic):
            ready: Runnable = self._wrong(f"unsupported decision expression '{_named(logic)}'")
        else:
            ready = self._logic(logic)
        return Ready(
            id=decision.id,
            name=decision.name,
            logic=ready,
            result_name=decision.result_name,
            result_type=decision.result_type,
            knows=knows,
        )

    def _known(self, ids: Iterable[str]) -> list[Model]:
        return [self._model(self._knowledge[id]) for id in ids if id in self._knowledge]

    def _model(self, knowledge: Knowledge) -> Model:
        """Made once; an invocation finds those by name that were made before."""
        model = self._models.get(knowledge.name)
        if model is None:
            requires = self._known(knowledge.requires)
            function = knowledge.function
            logic, parameters = (_NOTHING, ()) if function is None else (self._body(function.body), function.parameters)
            model = self._models[knowledge.name] = Model(knowledge.id, knowledge.name, logic, parameters, requires)
        return model

    def _body(self, logic: Logic | None) -> Runnable:
        if logic is None or isinstance(logic, FunctionLogic | Invocation):
            return self._wrong(f"unsupported business knowledge model logic found '{_named(logic)}'")
        return self._logic(logic)

    def _logic(self, logic: Logic | None) -> Runnable:
        match logic:
            case LiteralExpression():
                return Literal(self._expression(logic.written))
            case DecisionTable():
                return self._table(logic)
            case ContextLogic():
                return self._context(logic)
            case ListLogic():
                return Items(tuple(self._logic(item) for item in logic.items))
            case Relation():
                return self._relation(logic)
            case Invocation():
                return self._invocation(logic)
            case FunctionLogic():
                return self._function(logic)
            case None:
                return self._wrong("unsupported expression found 'null'")

    def _wrong(self, why: str, told: str = "<failure>") -> Unready:
        self._problems.append(why)
        return Unready(told)

    def _table(self, table: DecisionTable) -> Runnable:
        if len(table.outputs) > 1:
            if table.hit_policy == "COLLECT" and table.aggregation is not None:
                self._problems.append("hit policy 'COLLECT' with aggregator is not defined for compound output")
            for output in table.outputs:
                if output.name is None:
                    self._problems.append(f"no output name defined for `{_or_null(output.label)}`")
        inputs = tuple(self._expression(i.expression) for i in table.inputs)
        outputs = tuple(self._column(output) for output in table.outputs)
        names = [column.name for column in outputs]
        rules = tuple(
            Line(
                tuple(self._tests(written) for written in rule.inputs),
                tuple(zip(names, [self._expression(written) for written in rule.outputs], strict=False)),
            )
            for rule in table.rules
        )
        return Table(inputs, outputs, rules, table.hit_policy, table.aggregation)

    def _column(self, output: Output) -> Column:
        values = [value.strip().replace('"', "").replace("'", "") for value in (output.values or "").split(",")]
        places = {value: place for place, value in enumerate(values)} if output.values else {}
        default = None if output.default is None else self._expression(output.default)
        return Column(_or_null(output.name), places, default)

    def _context(self, logic: ContextLogic) -> Runnable:
        entries, result = logic.entries, None
        if entries and entries[-1].name is None:
            entries, result = entries[:-1], entries[-1]
        ready = tuple((_or_null(entry.name), self._logic(entry.logic)) for entry in entries)
        return Entries(ready, None if result is None else self._logic(result.logic))

    def _relation(self, logic: Relation) -> Runnable:
        width = len(logic.columns)
        for row in logic.rows:
            if len(row) != width:
                self._problems.append(f"expected row with '{width}' elements but found '{len(row)}'")
        names = [_or_null(name) for name in logic.columns]
        return Rows(
            tuple(
                tuple((name, self._logic(cell)) for name, cell in zip(names, row, strict=False)) for row in logic.rows
            )
        )

    def _invocation(self, logic: Invocation) -> Runnable:
        bindings: list[tuple[str, Runnable]] = []
        for binding in logic.bindings:
            if isinstance(binding.logic, LiteralExpression):
                bindings.append((binding.parameter, Literal(self._expression(binding.logic.written))))
            else:
                named = _named(binding.logic)
                self._problems.append(f"expected binding with literal expression but found '{named}'")
        if not isinstance(logic.called, LiteralExpression):
            return self._wrong(f"expected invocation with literal expression but found '{_named(logic.called)}'")
        name = logic.called.written.text or ""
        model = self._models.get(name)
        return Call(model, tuple(bindings)) if model is not None else self._wrong(f"no BKM found with name '{name}'")

    def _function(self, logic: FunctionLogic) -> Runnable:
        if not isinstance(logic.body, LiteralExpression):
            return self._wrong(f"expected literal expression but found '{_named(logic.body)}'")
        return FunctionOf(logic.parameters, Literal(self._expression(logic.body.written)))

    def _expression(self, written: Written) -> Expression:
        if written.text is None:
            return self._failing(f"The expression '{_or_null(written.id)}' must not be empty.")
        if not _is_feel(written.language):
            return self._failing(f"Expression language '{_language(written)}' is not supported")
        return self._read(written.text, tests=False)

    def _tests(self, written: Written) -> Expression | None:
        if not _is_feel(written.language):
            return self._failing(f"Expression language '{_language(written)}' is not supported")
        return self._read(written.text, tests=True) if written.text else None

    def _read(self, text: str, *, tests: bool) -> Expression:
        """Each text is read, and complained of, once."""
        expression = self._expressions.get((text, tests))
        if expression is None:
            try:
                expression = _told((read_tests if tests else read)(text), text)
            except ExpressionError as error:
                expression = self._failing(f"FEEL {'unary-tests' if tests else 'expression'}: {error}")
            self._expressions[text, tests] = expression
        return expression

    def _failing(self, why: str) -> Expression:
        self._problems.append(why)

        def fail(s: Scope) -> None:
            raise Undecided(why)

        return fail


def _told(expression: Expression, text: str) -> Expression:
    """Where it has no value, that is told with the expression."""

    def run(s: Scope) -> Any:
        try:
            return value_in(expression, s)
        except AssertionFailed as error:
            raise Undecided(f"Assertion failure on evaluate the expression '{text}': {error}") from None
        except ExpressionError as error:
            if s.run.budget.left < 0:
                raise
            raise Undecided(f"failed to evaluate expression '{text}' : {error}") from None

    return run


def _is_feel(language: str | None) -> bool:
    return language is None or language.lower() in FEEL


def _language(written: Written) -> str:
    return (written.language or "").lower()


def _named(logic: Logic | None) -> str:
    return "null" if logic is None else logic.kind


def _or_null(text: str | None) -> str:
    return "null" if text is None else text


_NOTHING = Literal(read("null"))
