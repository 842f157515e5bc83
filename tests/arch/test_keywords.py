"""Who passes more than five things names them: a number beside a number beside a text reads like nothing."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway", "tests")
MOST = 5

#: where the arguments are a list, each of the same kind
LISTS = {
    *("web", "fields", "endpoints"),  # what a method takes, what an element holds, what a handler answers
    *("_accept", "subscribe"),
    *("curl", "dragoman", "run"),  # command lines
    *("select", "one_of"),  # of libraries
    "parsed",
    "run_in_executor",  # a function with its arguments
}
#: where everybody knows the order
KNOWN = {"datetime"}


def crowded(source: str) -> list[str]:
    calls = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            positional = sum(not isinstance(argument, ast.Starred) for argument in node.args)
            if positional > MOST and name not in LISTS | KNOWN:
                calls.append(f"{node.lineno}: {name or 'a call'} with {positional}")
    return calls


def test_many_arguments_are_named() -> None:
    assert crowded("f(1, 2, 3, 4, 5)\nf(1, 2, *c, d=4, e=5, f=6)\ndatetime(1, 2, 3, 4, 5, 6)") == []
    assert crowded("Row(a, 2, '', None, 5, 6)") == ["1: Row with 6"]
    wrong = [
        f"{path.relative_to(ROOT)}:{call}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not {"versions", "site-packages", "node_modules"} & set(path.parts)  # nor what was installed for the tests
        for call in crowded(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
