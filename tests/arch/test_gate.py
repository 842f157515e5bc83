"""Who works through the gate sees the gate: commands, queries, what they answer, and nothing of how it is done."""

import ast
from pathlib import Path

from core.gate import Gate
from tests.arch.imports import imported

ROOT = Path(__file__).parents[2]

#: of the two machines, what is asked, what comes of it, and the names of fields
OF_THE_MACHINES = (
    "core.turn.command.",
    "core.turn.known.KnownDefinition",
    "core.search.query.",
    "core.search.field.",
    "core.search.kept.",
    "core.search.patterns.",
)
CLOSED = ("core.engine", "core.turn", "core.search", "core.flow", "core.identity.check", "core.identity.memory")
#: modules of a noun that are for the engine
INSIDES = ("decisions", "answers")
PRIVATE = {"store", "memory", "passwords", "throttle"}


def is_closed(name: str) -> bool:
    if name.startswith(OF_THE_MACHINES):
        return False
    parts = name.split(".")
    is_inside = parts[0] == "core" and len(parts) > 2 and parts[2] in INSIDES
    return is_inside or any(f"{name}.".startswith(f"{closed}.") for closed in CLOSED)


def of_an_engine(source: str) -> set[str]:
    """What is reached by `engine.x` and `self._engine.x`."""
    reached = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            reached |= {node.attr} if name in ("engine", "_engine") else set()
    return reached


def test_adapters_import_what_the_gate_is_about() -> None:
    assert all(map(is_closed, ("core.engine.Engine", "core.turn.context.Plan", "core.task.decisions.find_task")))
    assert not any(
        map(is_closed, ("core.turn.command.Done", "core.task.commands.CompleteTask", "core.tables.task.Task"))
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "adapters").rglob("*.py")
        for name in imported(path.read_text(encoding="utf-8"))
        if is_closed(name)
    ]
    assert wrong == []


def test_nobody_outside_reaches_into_an_engine() -> None:
    source = "engine.ask(x)\nself._engine.store.inline\ncall.mount.engine.memory"
    assert of_an_engine(source) == {"ask", "store", "memory"}
    wrong = [
        f"{path.relative_to(ROOT)}: engine.{name}"
        for package in ("adapters", "gateway")
        for path in (ROOT / package).rglob("*.py")
        for name in of_an_engine(path.read_text(encoding="utf-8"))
        if name in PRIVATE or name.startswith("_")
    ]
    assert wrong == []


def test_the_gate_has_nothing_that_no_adapter_uses() -> None:
    used = {
        name for path in (ROOT / "adapters").rglob("*.py") for name in of_an_engine(path.read_text(encoding="utf-8"))
    }
    assert {name for name in vars(Gate) if not name.startswith("_")} - used == set()
