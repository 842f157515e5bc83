"""Decisions, run by our engine and by the one that the vendor publishes, and what they say in one form.

A line has a document and questions: the name or the id of a decision, and variables, each as an expression. `lazy` is
for documents with parts that cannot be read, whose other decisions run; names with blanks and hyphens are put into back
ticks then, as the vendor's engine can be told to.
"""

import re
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from adapters.common.dmn import BadDmn, requirements
from core.graph.dmn.compiler import Compiled
from core.graph.dmn.evaluation import Outcome, decide
from core.graph.dmn.frame import Told
from core.graph.dmn.model import DecisionTable
from core.graph.feel.budget import Budget
from core.graph.feel.engine import read, value_of
from tests.feel.corpus import NOW, encoded
from tests.support.vendor import answers_of

Line = dict[str, Any]

_NAMED = ("variable", "formalParameter", "parameter", "itemDefinition", "itemComponent")


_LOADER = re.compile(r"loader [^()]+\)$")


def asked(lines: Iterable[Line]) -> list[Line]:
    """What the vendor's engine answers."""
    return [_plain(answer) for answer in answers_of("Decisions", lines)]


def _plain(answer: Line) -> Line:
    """What failed is told without a value, here and there; and what Java refuses, without what loaded its classes."""
    if "refused" in answer:
        answer["refused"] = _LOADER.sub("loader 'app')", answer["refused"])
    for each in answer.get("answers", ()):
        for entry in each["log"]:
            if isinstance(entry["result"], dict) and "ValError" in entry["result"]:
                entry["result"] = None
            entry.pop("logic")
    return answer


def answered(line: Line) -> Line:
    """What our engine answers."""
    document = escaped(line["document"]) if line.get("lazy") else line["document"].encode()
    try:
        compiled = Compiled(requirements(document))
    except BadDmn as error:
        return {"refused": str(error)}
    if compiled.problems and not (line.get("lazy") and compiled.decisions):
        return {"refused": "\n".join(compiled.problems)}
    return {"answers": [_answer(compiled, question) for question in line["questions"]]}


def _answer(compiled: Compiled, question: Line) -> Line:
    outcome = outcome_of(compiled, question)
    answer: Line = {"failure": outcome.failure} if outcome.failure else {"value": encoded(outcome.value)}
    return {**answer, "log": [_told(compiled, told) for told in outcome.log]}


def outcome_of(compiled: Compiled, question: Line) -> Outcome:
    names = {decision.name: id for id, decision in compiled.decisions.items()}
    id = question["id"] if "id" in question else names.get(question["decision"])
    if id is None:
        return Outcome(failure=f"no decision found with name '{question['decision']}'")
    variables = {name: value_of(read(text), {}, NOW, Budget()) for name, text in question["variables"].items()}
    return decide(compiled, id, variables, NOW, Budget())


def _told(compiled: Compiled, told: Told) -> Line:
    entry: Line = {"id": told.owner.id or None, "result": encoded(told.value)}
    table = _table_of(compiled, told.owner.id)
    if table is not None:
        entry["inputs"] = [encoded(value) for value in told.inputs]
        entry["rules"] = [
            {"id": table.rules[rule.index].id, "outputs": [encoded(value) for value in rule.outputs]}
            for rule in told.matched
        ]
    return entry


def _table_of(compiled: Compiled, id: str) -> DecisionTable | None:
    for decision in compiled.requirements.decisions:
        if decision.id == id:
            return decision.logic if isinstance(decision.logic, DecisionTable) else None
    for model in compiled.requirements.knowledge:
        if model.id == id and model.function is not None:
            return model.function.body if isinstance(model.function.body, DecisionTable) else None
    return None


def escaped(document: str) -> bytes:
    """Its expressions with names in back ticks, the longest first."""
    root = ElementTree.fromstring(document)
    space = root.tag.rpartition("}")[0] + "}"
    there = (element.get("name", "") for tag in _NAMED for element in root.iter(space + tag))
    names = sorted({name for name in there if " " in name or "-" in name}, key=lambda name: (-len(name), name))
    called = {
        text
        for call in root.iter(f"{space}invocation")
        for text in call.findall(f"{space}literalExpression/{space}text")
    }
    for element in root.iter(f"{space}text"):
        if element in called:
            continue
        for name in names:
            written = rf"([(,.]|\s|^)({name})([(),.]|\s|$)"
            element.text = re.sub(written, lambda m: f"{m[1]}`{m[2]}`{m[3]}", element.text or "")
    return ElementTree.tostring(root)
