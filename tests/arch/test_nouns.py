"""Each thing that can be asked of the engine is carried out in one place, and asked by somebody."""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gateway.dialects  # noqa: F401  with everything that asks
from core.engine import NOUNS
from core.identity.check import CHECKS
from core.search.kind import Kind
from core.search.query import Query
from core.search.reader import READINGS
from core.turn.command import Command
from core.turn.context import HANDLERS
from core.turn.sets import SET_HANDLERS

ROOT = Path(__file__).parents[2]
REGISTERING = {"handles", "handles_set", "answers"}
#: what a noun asks by itself, now and then
BY_ITSELF = {"DueMessages", "FireTimer", "NextTimers", "OfferMessage", "RemoveExpired", "RemoveExpiredMessages"}


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (ROOT / package).rglob("*.py")


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def kinds(base: type[Any]) -> set[type[Any]]:
    direct = {cls for cls in base.__subclasses__() if cls.__module__.startswith("core.")}
    return direct.union(*(kinds(cls) for cls in direct))


@cache
def registered() -> Counter[str]:
    """How often each name is the argument of one of the decorators."""
    found: Counter[str] = Counter()
    for path in sources("core"):
        for node in nodes(path):
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
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.module, alias.name) for alias in node.names)


@cache
def asked() -> frozenset[tuple[str, str]]:
    """(module, name) of all that an adapter, the gateway, or another part of core takes from where it is."""
    return frozenset(
        what
        for path in sources("core", "adapters", "gateway")
        for what in imported(path)
        if what[0].rpartition(".")[0] != dotted(path.parent)
    )


def unasked(meant: Iterable[type[Any]]) -> set[str]:
    return {cls.__name__ for cls in meant if (cls.__module__, cls.__name__) not in asked()}


def test_whatever_can_be_asked_is_asked() -> None:
    """By an adapter, by the gateway, or by another part of core than the one that carries it out."""
    meant = {cls for cls in kinds(Command) | kinds(Query) if not kinds(cls) and not cls.__name__.startswith("_")}
    assert unasked(meant) == BY_ITSELF
    assert unasked([*meant, type("Planted", (), {"__module__": "core.task.commands"})]) == {*BY_ITSELF, "Planted"}


def public(path: Path) -> Iterator[str]:
    """What a module has at its top for others."""
    for node in nodes(path)[0].body:  # type: ignore[attr-defined]
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def test_what_stands_beside_commands_and_queries_is_used_too() -> None:
    """Outcomes, views, rejections, kinds: whatever others see of an engine."""
    files = [*(ROOT / "core").glob("*/commands.py"), *(ROOT / "core").glob("*/queries.py")]
    files += [ROOT / "core" / name for name in ("rejections.py", "types.py", "times.py", "clock.py", "principal.py")]
    taken = {what for path in sources("core", "adapters", "gateway") for what in imported(path)}
    unused = {
        f"{dotted(path)}.{name}"
        for path in files
        for name in public(path)
        if not name.startswith("_") and (dotted(path), name) not in taken
    }
    assert unused == set()


def texts(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_lists_are_searched_only_by_what_somebody_searches_by() -> None:
    said = {text for path in sources("adapters", "gateway") for text in texts(path)}
    modules = [module for name, module in sys.modules.items() if name.startswith("core.")]
    searched = [kind for module in modules for kind in vars(module).values() if isinstance(kind, Kind)]
    assert len({kind.name for kind in searched}) > 10
    assert {f"{kind.name}: {field}" for kind in searched for field in kind.fields if field not in said} == set()
