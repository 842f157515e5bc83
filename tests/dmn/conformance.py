"""The published conformance tests for DMN, of which `conformance.json.xz` keeps what is needed, with what the vendor's
engine makes of each.

`DMN_TCK=... python -m tests.dmn.conformance` writes the file anew from the folder of the tests, with Java (`make
interop` brings what it needs).
"""

import json
import lzma
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from core.graph.dmn.evaluation import Outcome
from core.graph.feel.budget import Budget
from core.graph.feel.comparison import compared
from core.graph.feel.engine import read, value_of
from tests.dmn.engines import Line, asked
from tests.feel.corpus import NOW, encoded

FILE = Path(__file__).parent / "conformance.json.xz"
_TEST = "{http://www.omg.org/spec/DMN/20160719/testcase}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: the newest name of FEEL, which the version of the vendor's engine that is asked has not yet (the next one has)
_NEWEST = ' expressionLanguage="https://www.omg.org/spec/DMN/20230324/FEEL/"'
_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]+")
_CALLS = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}


def kept() -> list[Line]:
    rows: list[Line] = json.loads(lzma.decompress(FILE.read_bytes()))
    return rows


def meets(question: Line, outcome: Outcome) -> bool:
    """Whether it is what the tests say is right: an error, or a value."""
    if question["expected"] is None:
        return bool(outcome.failure) or outcome.value is None
    if outcome.failure:
        return False
    expected = value_of(read(question["expected"]), {}, NOW, Budget())
    if outcome.value is None or expected is None:
        return outcome.value is expected
    same = compared("=", outcome.value, expected, Budget())
    return same is True or encoded(outcome.value) == encoded(expected)


def lines(folder: Path) -> Iterator[Line]:
    """All tests of the folder: a line for each document."""
    for path in sorted(folder.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        model = path.parent / (root.findtext(f"{_TEST}modelName") or "")
        questions = []
        for case in root.iter(f"{_TEST}testCase"):
            variables = {node.get("name"): _feel(node) for node in case.findall(f"{_TEST}inputNode")}
            for node in case.findall(f"{_TEST}resultNode"):
                expected = node.find(f"{_TEST}expected")
                wrong = expected is None or node.get("errorResult") == "true"
                expects = None if wrong or expected is None else _feel(expected)
                questions.append(
                    {"case": case.get("id"), "decision": node.get("name"), "variables": variables, "expected": expects}
                )
        yield {"file": model.name, "lazy": True, "document": _shorter(model), "questions": questions}


def _shorter(path: Path) -> str:
    """Without pictures and descriptions."""
    root = ElementTree.parse(path).getroot()
    for parent in list(root.iter()):
        for child in list(parent):
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "description"
            if name in ("DMNDI", "description", "extensionElements"):
                parent.remove(child)
        if parent.tag.rpartition("}")[2] != "text":
            parent.text = None if not (parent.text or "").strip() else parent.text
        parent.tail = None
    return ElementTree.tostring(root, encoding="unicode").replace(_NEWEST, "")


def _feel(element: ElementTree.Element) -> str:
    """A value of the tests as an expression."""
    value, items = element.find(f"{_TEST}value"), element.find(f"{_TEST}list")
    members = element.findall(f"{_TEST}component")
    if items is not None and items.get(f"{_XSI}nil") != "true":
        return f"[{', '.join(_feel(item) for item in items.findall(f'{_TEST}item'))}]"
    if members:
        entries = (f"{_quoted(member.get('name') or '')}: {_feel(member)}" for member in members)
        return f"{{{', '.join(entries)}}}"
    if value is None or value.get(f"{_XSI}nil") == "true":
        return "null"
    kind, text = (value.get(f"{_XSI}type") or "string").rpartition(":")[2], value.text or ""
    if kind in _CALLS:
        return f'{_CALLS[kind]}("{text}")'
    if kind == "boolean":
        return text
    if kind == "string":
        return _quoted(text)
    return f"({text})" if _NUMBER.fullmatch(text) else f'number("{text}")'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write(folder: Path) -> None:
    rows = list(lines(folder))
    answers = asked(rows)
    together = [{**row, "answer": answer} for row, answer in zip(rows, answers, strict=True)]
    text = json.dumps(together, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    FILE.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    write(Path(os.environ["DMN_TCK"]))
