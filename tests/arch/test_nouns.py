"""Each thing that can be asked of the engine is carried out in one place, and asked by somebody."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gateway.dialects  # noqa: F401  with everything that asks
from core.engine import NOUNS
from core.identity.check import CHECKS
from core.search.query import Query
from core.search.reader import READINGS
from core.turn.command import Command
from core.turn.context import HANDLERS
from core.turn.sets import SET_HANDLERS

ROOT = Path(__file__).parents[2]
REGISTERING = {"handles", "handles_set", "answers"}
#: what a noun asks by itself, now and then
BY_ITSELF = {"FireTimer", "NextTimers", "RemoveExpired"}


def kinds(base: type[Any]) -> set[type[Any]]:
    direct = {cls for cls in base.__subclasses__() if cls.__module__.startswith("core.")}
    return direct.union(*(kinds(cls) for cls in direct))


@cache
def registered() -> Counter[str]:
    """How often each name is the argument of one of the decorators."""
    found: Counter[str] = Counter()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", ()):
                match decorator:
                    case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=kind), *_]) if name in REGISTERING:
                        found[kind] += 1
    return found


def test_every_command_has_one_decision() -> None:
    commands = {cls for cls in kinds(Command) if not kinds(cls)}
    assert commands == {*HANDLERS, *SET_HANDLERS}
    assert not HANDLERS.keys() & SET_HANDLERS.keys()
    assert {cls.__name__: registered()[cls.__name__] for cls in commands} == {cls.__name__: 1 for cls in commands}


def test_every_query_has_one_answer() -> None:
    queries = kinds(Query)
    assert queries == {*READINGS, *CHECKS}
    assert not READINGS.keys() & CHECKS.keys()
    names = {cls.__name__ for cls in READINGS}
    assert {name: registered()[name] for name in names} == dict.fromkeys(names, 1)


def test_a_command_is_decided_and_a_query_answered_in_its_own_folder() -> None:
    folders = {noun.__name__ for noun in NOUNS}
    for kind, function in (
        *((kind, handler.decide) for kind, handler in HANDLERS.items()),
        *SET_HANDLERS.items(),
        *READINGS.items(),
    ):
        here, there = (what.__module__.rpartition(".")[0] for what in (kind, function))
        assert here == there, f"{kind.__name__} is said in {here} and carried out in {there}"
        assert here in folders | {"core.turn"}


def imported(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.module, alias.name) for alias in node.names)


def test_whatever_can_be_asked_is_asked() -> None:
    """By an adapter, by the gateway, or by another part of core than the one that carries it out."""
    used = {
        what
        for package in ("core", "adapters", "gateway")
        for path in (ROOT / package).rglob("*.py")
        for what in imported(path)
        if package != "core" or what[0].rpartition(".")[0] != ".".join(path.relative_to(ROOT).parent.parts)
    }
    meant = {cls for cls in kinds(Command) | kinds(Query) if not kinds(cls) and not cls.__name__.startswith("_")}
    unused = {cls.__name__ for cls in meant if (cls.__module__, cls.__name__) not in used}
    assert unused == BY_ITSELF
