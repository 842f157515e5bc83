"""Expressions with what the vendor's engine makes of them: `corpus.jsonl`, a line of JSON each.

`python -m tests.feel.corpus` writes the file anew, with Java (`make interop` brings what it needs). A line has the
text, the variables if they are not those of all, the input if the text is a cell's tests, and the answer: a `value`, a
`failure`, or `unparsable` with what is said of it. Values that JSON has not are objects with their kind.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from core.graph.feel.budget import Budget, ExpressionError
from core.graph.feel.engine import read, read_tests, value_of, verdict_of
from core.graph.feel.numbers import exact
from core.graph.feel.values import kind_of, text
from tests.feel import generate, patterns
from tests.support.vendor import answers_of

FILE = Path(__file__).parent / "corpus.jsonl"
#: the folder of the published conformance tests for DMN, if they are there
CONFORMANCE = os.environ.get("DMN_TCK", "")
NOW = 1_767_225_600_000  # 2026-01-01T00:00:00Z
_EXPRESSIONS = frozenset(("literalExpression", "outputEntry", "inputExpression", "defaultOutputEntry"))
_TESTS = frozenset(("inputEntry", "inputValues", "outputValues", "allowedValues"))
_INPUTS = (None, 1, 100, "Approved", "a", True)

Line = dict[str, Any]


def questions() -> list[Line]:
    return [*generate.lines(), *patterns.lines()]


def kept() -> list[Line]:
    """With their answers."""
    return [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def conformance(folder: Path) -> Iterator[Line]:
    """All expressions and cells of the tests, without what surrounds them."""
    for path in sorted(folder.rglob("*.dmn")):
        for element in ElementTree.parse(path).iter():
            name = element.tag.rpartition("}")[2]
            for written in (child.text for child in element if child.tag.rpartition("}")[2] == "text" and child.text):
                if name in _EXPRESSIONS:
                    yield {"text": written}
                elif name in _TESTS:
                    yield from ({"text": written, "input": tested} for tested in _INPUTS)


def asked(lines: Iterable[Line]) -> list[Line]:
    """What the vendor's engine answers."""
    return answers_of("Answers", ({"variables": generate.VARIABLES, **line} for line in lines))


def answered(line: Line) -> Line:
    """What our engine answers."""
    try:
        ready = read_tests(line["text"]) if "input" in line else read(line["text"])
    except ExpressionError as error:
        return {"unparsable": str(error)}
    variables = line.get("variables", generate.VARIABLES)
    try:
        if "input" in line:
            return {"value": encoded(verdict_of(ready, line["input"], variables, NOW, Budget()))}
        return {"value": encoded(value_of(ready, variables, NOW, Budget()))}
    except ExpressionError as error:
        return {"failure": str(error)}


def encoded(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\ufffd", "?")
    if isinstance(value, int | float | Decimal):
        return {"number": str(exact(value))}
    if isinstance(value, list | range):
        return [encoded(item) for item in value]
    if isinstance(value, Mapping):
        return {"context": {name: encoded(item) for name, item in value.items()}}
    return {kind_of(value): text(value, Budget())}


def agree(ours: Line, theirs: Line) -> bool:
    """The same value, digit by digit, or none for the same reason; how that is put may differ."""
    if "value" in theirs:
        return "value" in ours and bool(ours["value"] == theirs["value"])
    return ours.keys() == theirs.keys()


def write() -> None:
    lines = questions()
    answers = asked(lines)
    rows = [{**line, **answer} for line, answer in zip(lines, answers, strict=True)]
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    write()
