"""Decisions of all kinds with what the vendor's engine makes of them: `decisions.jsonl`, a document in each line.

`python -m tests.dmn.corpus` writes the file anew, with Java (`make interop` brings what it needs).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from xml.sax.saxutils import escape

from tests.dmn.engines import Line, asked

FILE = Path(__file__).parent / "decisions.jsonl"
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
_AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")


def document(*parts: str, namespace: str = NAMESPACE) -> str:
    return f'<definitions xmlns="{namespace}" id="all" name="All" namespace="all">{"".join(parts)}</definitions>'


def decision(logic: str, id: str = "x", *, before: str = "", variable: str = "") -> str:
    """`before` are its requirements."""
    return f'<decision id="{id}" name="{id.upper()}">{variable}{before}{logic}</decision>'


def requires(*ids: str) -> str:
    return "".join(f'<informationRequirement><requiredDecision href="#{id}"/></informationRequirement>' for id in ids)


def knows(*ids: str) -> str:
    return "".join(f'<knowledgeRequirement><requiredKnowledge href="#{id}"/></knowledgeRequirement>' for id in ids)


def text(value: str, element: str = "literalExpression") -> str:
    return f"<{element}><text>{escape(value)}</text></{element}>"


def table(
    inputs: Sequence[str],
    outputs: Mapping[str, Sequence[str]],
    rules: Sequence[Sequence[str]],
    policy: str = "UNIQUE",
    *,
    aggregation: str = "",
    default: str = "",
) -> str:
    """Outputs by name, with their values; rules as the texts of their cells."""
    aggregate = f' aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(f'<input id="i{n}">{text(i, "inputExpression")}</input>' for n, i in enumerate(inputs))
    for name, values in outputs.items():
        known = text(", ".join(values), "outputValues") if values else ""
        columns += f'<output name="{name}">{known}{text(default, "defaultOutputEntry") if default else ""}</output>'
    for number, rule in enumerate(rules):
        cells = "".join(text(cell, "inputEntry") for cell in rule[: len(inputs)])
        cells += "".join(text(cell, "outputEntry") for cell in rule[len(inputs) :])
        columns += f'<rule id="r{number}">{cells}</rule>'
    return f'<decisionTable hitPolicy="{policy}"{aggregate}>{columns}</decisionTable>'


def knowledge(logic: str, *parameters: str, id: str = "k", before: str = "") -> str:
    """Parameters as names, or names and types (`n:number`)."""
    return (
        f'<businessKnowledgeModel id="{id}" name="{id}f"><variable name="{id}f"/>'
        f"<encapsulatedLogic>{_parameters(parameters)}{logic}</encapsulatedLogic>{before}</businessKnowledgeModel>"
    )


def function(logic: str, *parameters: str) -> str:
    return f"<functionDefinition>{_parameters(parameters)}{logic}</functionDefinition>"


def _parameters(parameters: Sequence[str]) -> str:
    typed = [(name, type) for name, _, type in (parameter.partition(":") for parameter in parameters)]
    attributes = (f'name="{name}" typeRef="{type}"' if type else f'name="{name}"' for name, type in typed)
    return "".join(f"<formalParameter {each}/>" for each in attributes)


def context(*entries: tuple[str, str]) -> str:
    """(name, logic), without a name for the result."""
    written = (f'<variable name="{name}"/>' if name else "" for name, _ in entries)
    each = zip(written, entries, strict=True)
    return f"<context>{''.join(f'<contextEntry>{v}{logic}</contextEntry>' for v, (_, logic) in each)}</context>"


def invocation(called: str, **bindings: str) -> str:
    bound = (f'<binding><parameter name="{name}"/>{text(value)}</binding>' for name, value in bindings.items())
    return f"<invocation>{text(called)}{''.join(bound)}</invocation>"


def relation(columns: Sequence[str], *rows: Sequence[str]) -> str:
    head = "".join(f'<column name="{name}"/>' for name in columns)
    cells = ("".join(map(text, row)) for row in rows)
    return f"<relation>{head}{''.join(f'<row>{each}</row>' for each in cells)}</relation>"


def _tables() -> Iterator[str]:
    numbers = [["> 0", "1"], ["> 5", "2"], ["> 10", "2.50"], ["[20..30]", "-1"]]
    words = [["> 0", '"low"'], ["> 5", '"mid"'], ["> 10", '"high"'], ["[20..30]", '"none"']]
    pairs = [["> 0", '"low"', "1"], ["> 5", '"high"', "1"], ["> 10", '"high"', "2"]]
    for policy in _POLICIES:
        yield decision(table(["n"], {"o": []}, numbers, policy))
        yield decision(table(["n"], {"o": ['"high"', '"mid"', '"low"']}, words, policy))
        yield decision(table(["n"], {"a": ['"high"', '"low"'], "b": ["2", "1"]}, pairs, policy))
        yield decision(table(["n"], {"o": []}, [["> 0", "7"], ["> 5", "7.0"], ["> 10", "n"]], policy))
        yield decision(table(["n"], {"o": []}, [["> 100", "1"]], policy, default="0"))
        yield decision(table(["n"], {"a": [], "b": []}, [["> 100", "1", "2"]], policy, default="n + 1"))
        yield decision(table(["n"], {"o": []}, [["> 0", "{a: n}"], ["> 5", "{a: n}"], ["> 10", "[n]"]], policy))
        yield decision(table(["n"], {"o": []}, [["> 0", "null"], ["> 5", "null"]], policy))
    for aggregation in _AGGREGATIONS:
        yield decision(table(["n"], {"o": []}, numbers, "COLLECT", aggregation=aggregation))
        yield decision(table(["n"], {"o": []}, words, "COLLECT", aggregation=aggregation))
        yield decision(table(["n"], {"o": []}, [["> 5", "null"]], "COLLECT", aggregation=aggregation))
        yield decision(table(["n"], {"a": [], "b": []}, pairs, "COLLECT", aggregation=aggregation))
    for cell, input in product(
        ("-", "", "? > 3", "not(7)", "n", "1, 7", "true", '"a"', "missing", "7 + 0"), ("n", "s")
    ):
        yield decision(table([input], {"o": []}, [[cell, '"yes"']]))
    yield decision(table(["n", "s"], {"o": []}, [["> 1", '"a"', "1"], ["> 1", 'not("a")', "2"], ["-", "-", "3"]]))
    yield decision(table(["n / 0", "missing"], {"o": []}, [["null", "-", "1"]]))
    yield decision(table(["assert(n, n > 5)"], {"o": []}, [["-", "1"]]))
    yield decision(table(["n"], {"o": []}, [["-", "assert(n, n > 5)"]]))


def _others() -> Iterator[str]:
    for expression in ("n + 1", "s + s", "missing", "{a: n}.a", "[n, s]", "date(2026, 1, 1)", "assert(n, false)"):
        yield decision(text(expression))
    for type in ("string", "number", "boolean", "date", "time", "dateTime", "feel:string", "tOwn", ""):
        for value in ("n", "s", "null", "date(2026, 1, 2)", "{a: 1}", "[1]"):
            yield decision(text(value), variable=f'<variable name="r" typeRef="{type}"/>')
    yield decision(context(("a", text("n")), ("b", text("a + 1")), ("c", text("b * a"))))
    yield decision(context(("a", text("n")), ("", text("a + 1"))))
    yield decision(context(("f", function(text("a * 2"), "a")), ("v", text("f(n)"))))
    yield decision(context(("f", function(text("a * 2"), "a:number")), ("", text("f(s)"))))
    yield decision(context(("in", context(("n", text("1")))), ("out", text("in.n + n"))))
    yield decision(context(("a", text("assert(n, false)")), ("b", text("1"))))
    yield decision(f"<list>{text('n')}{text('s')}{context(('a', text('1')))}</list>")
    yield decision(f"<list>{text('n')}{text('assert(n, false)')}</list>")
    yield decision(relation(("a", "b"), ("n", "1"), ("s", "2")))
    yield decision(relation(("a", "b"), ("n",)))
    yield decision(relation(("a",), ("assert(n, false)",)))


def _graphs() -> Iterator[tuple[str, ...]]:
    yield decision(text("y + 1"), before=requires("y")), decision(text("n * 2"), "y")
    yield decision(text("r + 1"), before=requires("y")), decision(text("n"), "y", variable='<variable name="r"/>')
    yield (
        decision(text("a + b"), before=requires("a", "b")),
        decision(text("c"), "a", before=requires("c")),
        decision(text("c + 1"), "b", before=requires("c")),
        decision(text("n"), "c"),
    )
    yield decision(text("y"), before=requires("y")), decision(text("assert(n, false)"), "y")
    yield decision(text("y"), before=requires("y")), decision(text("x"), "y", before=requires("x"))
    yield (decision(text("y"), before=requires("y")),)
    plus = knowledge(text("a + 1"), "a")
    yield decision(text("kf(n)"), before=knows("k")), plus
    yield decision(text("kf(a: n)"), before=knows("k")), plus
    yield decision(text("kf(n, n)"), before=knows("k")), plus
    yield decision(text("kf"), before=knows("k")), plus
    yield decision(invocation("kf", a="n"), before=knows("k")), plus
    yield decision(invocation("kf", b="n"), before=knows("k")), plus
    yield decision(invocation("kf", a="assert(n, false)"), before=knows("k")), plus
    yield decision(invocation("kf", a="n")), plus
    yield decision(invocation("other", a="n"), before=knows("k")), plus
    typed = knowledge(text("a"), "a:number")
    yield decision(text("kf(s)"), before=knows("k")), typed
    yield decision(invocation("kf", a="s"), before=knows("k")), typed
    rows = knowledge(table(["a"], {"o": []}, [["> 1", "1"], ["> 2", "2"]]), "a")
    yield decision(text("kf(n)"), before=knows("k")), rows
    yield decision(invocation("kf", a="n"), before=knows("k")), rows
    deep = knowledge(text("mf(a) * 2"), "a", before=knows("m")), knowledge(text("b + 1"), "b", id="m")
    yield decision(text("kf(n)"), before=knows("k")), *deep
    yield decision(invocation("kf", a="n"), before=knows("k")), *deep
    circle = knowledge(text("1"), before=knows("m")), knowledge(text("1"), id="m", before=knows("k"))
    yield decision(text("1")), *circle
    yield decision(text("kf(n)"), before=knows("k")), knowledge(context(("", text("a"))), "a")
    yield decision(text("kf()"), before=knows("k")), '<businessKnowledgeModel id="k" name="kf"/>'
    yield decision(text("n"), before=knows("y")), decision(text("1"), "y")


def _wrong() -> Iterator[str]:
    yield from ("", "<definitions/>", document("<decision/>"), document(decision("")))
    yield document(decision("<literalExpression id='l'/>"))
    yield document(decision("<literalExpression expressionLanguage='JUEL'><text>1</text></literalExpression>"))
    yield document(decision("<literalExpression expressionLanguage='FEEL'><text>1</text></literalExpression>"))
    yield document(decision(text("1 +")), decision(text("1 +"), "y"), decision(text("(")), decision(text(""), "z"))
    yield document(decision(text("1"), variable="<question>Is it?</question>"))
    yield document(decision(text("1") + "<variable name='late'/>"))
    yield document(decision(table(["n"], {"o": []}, [[">", "1"]])))
    yield document(decision(table(["n"], {"o": []}, [], "U")))
    yield document(decision(table(["n"], {"o": []}, [], "COLLECT", aggregation="AVERAGE")))
    yield document(decision(table(["n"], {}, [])))
    yield document(decision("<decisionTable><output/><output label='L'/></decisionTable>"))
    yield document(decision("<decisionTable><input/><output/></decisionTable>"))
    yield document(decision("<decisionTable><output/><rule><inputEntry/></rule></decisionTable>"))
    yield document(decision(text("1"), before="<odd/>"))
    yield document(decision(text("1")), namespace="http://www.omg.org/spec/DMN/20130901")
    for name in ("20151101/dmn.xsd", "20180521/MODEL/"):
        yield document(decision(text("1")), namespace=f"http://www.omg.org/spec/DMN/{name}")
    yield document(decision(text("1")), namespace="https://www.omg.org/spec/DMN/20211108/MODEL/")


def questions() -> list[Line]:
    documents = [document(each) for each in (*_tables(), *_others())]
    documents += [document(*parts) for parts in _graphs()]
    documents += _wrong()
    variables = [{"n": n, "s": '"a"'} for n in ("7", "0.5", "25")]
    return [
        {"document": each, "questions": [{"id": "x", "variables": given} for given in variables]} for each in documents
    ]


def kept() -> list[Line]:
    """With their answers."""
    return [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


def write() -> None:
    lines = questions()
    rows = [{**line, "answer": answer} for line, answer in zip(lines, asked(lines), strict=True)]
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    write()
