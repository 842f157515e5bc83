"""DMN documents as the engine's records."""

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from adapters.common.dmn_schema import misplaced
from core.graph.dmn.model import (
    BindingOf,
    ContextLogic,
    Decision,
    DecisionTable,
    Entry,
    FunctionLogic,
    Input,
    Invocation,
    Knowledge,
    ListLogic,
    LiteralExpression,
    Logic,
    Output,
    Parameter,
    Relation,
    Requirements,
    Rule,
    Written,
)
from core.graph.dmn.table import AGGREGATIONS, HIT_POLICIES
from schemas.bpmn.reader import text_of
from schemas.common.xml import BadXml, parse

#: of DMN 1.1 to 1.5
NAMESPACES = frozenset((
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/DMN13.xsd",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
))  # fmt: skip
ZEEBE = "http://camunda.org/schema/zeebe/1.0"


class BadDmn(ValueError):
    """Not a DMN document, or not by DMN's schema; the text says what is wrong, with `is_told` as the vendor does."""

    def __init__(self, why: str, *, is_told: bool = False) -> None:
        super().__init__(why)
        self.is_told = is_told


def requirements(document: bytes) -> Requirements:
    """Raises BadDmn."""
    try:
        root = parse(document)
    except BadXml as error:
        raise BadDmn(str(error)) from None
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise BadDmn("the root element is not dmn:definitions")
    return _Reader(root, name.namespace).requirements()


class _Reader:
    def __init__(self, root: etree._Element, namespace: str) -> None:
        self._root = root
        self._space = f"{{{namespace}}}"
        self._of_id: dict[str, etree._Element] = {}

    def requirements(self) -> Requirements:
        self._check()
        root = self._root
        if root.get("namespace") is None:
            raise BadDmn("definitions without a namespace")
        decisions = tuple(self._decision(element) for element in self._all(root, "decision"))
        knowledge = tuple(self._knowledge(element) for element in self._all(root, "businessKnowledgeModel"))
        return Requirements(root.get("id") or "", self._needed(root, "name"), decisions, knowledge)

    def _check(self) -> None:
        for element in self._root.iter(f"{self._space}*"):
            id = element.get("id")
            if id is not None:
                if id in self._of_id:
                    raise BadDmn(f"the id '{id}' is there twice")
                self._of_id[id] = element
            children = (etree.QName(child).localname for child in element.iterchildren(f"{self._space}*"))
            wrong = misplaced(etree.QName(element).localname, children)
            if wrong:
                raise BadDmn(wrong)

    def _all(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        return element.iterchildren(self._space + name)

    def _one(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(self._all(element, name), None)

    def _needed(self, element: etree._Element, attribute: str) -> str:
        value: str | None = element.get(attribute)
        if value is None:
            name, id = etree.QName(element).localname, element.get("id")
            raise BadDmn(f"{name}{f' {id!r}' if id else ''} without the attribute '{attribute}'")
        return value

    def _decision(self, element: etree._Element) -> Decision:
        name, variable = self._needed(element, "name"), self._one(element, "variable")
        id = element.get("id") or ""
        tag = element.find(f"{self._space}extensionElements/{{{ZEEBE}}}versionTag")
        return Decision(
            id=id,
            name=name,
            logic=self._logic_in(element),
            result_name=(id or name) if variable is None else self._needed(variable, "name"),
            result_type=None if variable is None else self._type(variable),
            requires=tuple(self._required(element, "informationRequirement", "requiredDecision", "decision")),
            knows=tuple(self._known(element)),
            version_tag=(tag.get("value") or "") if tag is not None else "",
        )

    def _required(self, element: etree._Element, requirement: str, what: str, kind: str) -> Iterator[str]:
        for each in self._all(element, requirement):
            for required in self._all(each, what):
                id = (required.get("href") or "").rpartition("#")[2]
                target = self._of_id.get(id)
                if target is None:
                    raise BadDmn(f"Unable to find a model element instance for id {id}", is_told=True)
                if target.tag != self._space + kind:
                    raise BadDmn(f"'{id}' is required as a {kind}, and is a {etree.QName(target).localname}")
                yield id

    def _known(self, element: etree._Element) -> Iterator[str]:
        return self._required(element, "knowledgeRequirement", "requiredKnowledge", "businessKnowledgeModel")

    def _knowledge(self, element: etree._Element) -> Knowledge:
        body = self._one(element, "encapsulatedLogic")
        return Knowledge(
            element.get("id") or "",
            self._needed(element, "name"),
            None if body is None else self._function(body),
            tuple(self._known(element)),
        )

    def _type(self, element: etree._Element) -> str | None:
        """An attribute; up to DMN 1.1 a qualified name."""
        value: str | None = element.get("typeRef")
        return value

    def _logic_in(self, element: etree._Element) -> Logic | None:
        return next(self._logics_in(element), None)

    def _logics_in(self, element: etree._Element) -> Iterator[Logic]:
        for child in element.iterchildren("*"):
            name = etree.QName(child)
            rule = _LOGICS.get(name.localname) if f"{{{name.namespace}}}" == self._space else None
            if rule is not None:
                yield rule(self, child)

    def _written(self, element: etree._Element) -> Written:
        text = self._one(element, "text")
        written = None if text is None else text_of(text).strip()
        return Written(written, element.get("expressionLanguage"), element.get("id"))

    def _literal(self, element: etree._Element) -> Logic:
        return LiteralExpression(self._written(element))

    def _table(self, element: etree._Element) -> Logic:
        policy, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation")
        if policy not in HIT_POLICIES or aggregation not in (None, *AGGREGATIONS):
            raise BadDmn(f"decisionTable {element.get('id')!r} with hit policy '{policy}', aggregation {aggregation!r}")
        return DecisionTable(
            tuple(self._input(each) for each in self._all(element, "input")),
            tuple(self._output(each) for each in self._all(element, "output")),
            tuple(self._rule(each) for each in self._all(element, "rule")),
            policy,
            aggregation,
        )

    def _input(self, element: etree._Element) -> Input:
        expression = self._one(element, "inputExpression")
        if expression is None:
            raise BadDmn(f"input {element.get('id')!r} without an inputExpression")
        return Input(self._written(expression), element.get("id"), element.get("label"))

    def _output(self, element: etree._Element) -> Output:
        values, default = self._one(element, "outputValues"), self._one(element, "defaultOutputEntry")
        return Output(
            element.get("id"),
            element.get("name"),
            element.get("label"),
            None if values is None else self._written(values).text,
            None if default is None else self._written(default),
        )

    def _rule(self, element: etree._Element) -> Rule:
        return Rule(
            tuple(self._written(each) for each in self._all(element, "inputEntry")),
            tuple(self._written(each) for each in self._all(element, "outputEntry")),
            element.get("id"),
        )

    def _context(self, element: etree._Element) -> Logic:
        entries = []
        for each in self._all(element, "contextEntry"):
            variable = self._one(each, "variable")
            name = None if variable is None else self._needed(variable, "name")
            entries.append(Entry(self._logic_in(each), name))
        if not entries or any(entry.name is None for entry in entries[:-1]):
            raise BadDmn(f"context {element.get('id')!r} without entries, or with one that has no variable")
        return ContextLogic(tuple(entries))

    def _list(self, element: etree._Element) -> Logic:
        return ListLogic(tuple(self._logics_in(element)))

    def _relation(self, element: etree._Element) -> Logic:
        columns = tuple(each.get("name") for each in self._all(element, "column"))
        return Relation(columns, tuple(tuple(self._logics_in(row)) for row in self._all(element, "row")))

    def _invocation(self, element: etree._Element) -> Logic:
        bindings = []
        for each in self._all(element, "binding"):
            parameter = self._one(each, "parameter")
            if parameter is None:
                raise BadDmn(f"invocation {element.get('id')!r} with a binding of no parameter")
            bindings.append(BindingOf(self._needed(parameter, "name"), self._logic_in(each)))
        return Invocation(self._logic_in(element), tuple(bindings))

    def _function(self, element: etree._Element) -> FunctionLogic:
        parameters = tuple(
            Parameter(self._needed(each, "name"), self._type(each)) for each in self._all(element, "formalParameter")
        )
        return FunctionLogic(parameters, self._logic_in(element))


_LOGICS: Mapping[str, Callable[[_Reader, etree._Element], Logic]] = {
    "literalExpression": _Reader._literal,
    "decisionTable": _Reader._table,
    "context": _Reader._context,
    "list": _Reader._list,
    "relation": _Reader._relation,
    "invocation": _Reader._invocation,
    "functionDefinition": _Reader._function,
}
