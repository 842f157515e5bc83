"""Definitions that are known to this process: they never change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.graph.graph import Graph
from core.graph.program import Program
from core.rejections import NotFound
from core.storage.rows import load_any
from core.storage.store import Connection
from core.tables.process import Activity, Definition, Process
from core.turn.workingset import WorkingSet


@dataclass(frozen=True, slots=True)
class KnownDefinition:
    """A definition as the engine keeps it in memory: immutable, so never stale."""

    definition: Definition
    process: Process
    program: Program
    activities: Mapping[str, int]


def load_definitions(connection: Connection, definitions: dict[int, KnownDefinition], keys: Iterable[int]) -> None:
    missing = [key for key in keys if key not in definitions]
    rows = load_any(connection, Definition, "key", missing)
    processes = {p.key: p for p in load_any(connection, Process, "key", {d.process_key for d in rows})}
    activities: dict[int, dict[str, int]] = {}
    for activity in load_any(connection, Activity, "process_key", list(processes)):
        activities.setdefault(activity.process_key, {})[activity.element_id] = activity.key
    for definition in rows:
        definitions[definition.key] = remember(
            definition, processes[definition.process_key], activities.get(definition.process_key, {})
        )


def remember(definition: Definition, process: Process, activities: Mapping[str, int]) -> KnownDefinition:
    program = Program(Graph.from_json(definition.graph))
    keys = {id: key for id, key in activities.items() if id in program.elements}
    return KnownDefinition(definition, process, program, keys)


class Definitions(dict[int, KnownDefinition]):
    """The definitions known to this process; others are loaded when asked for. Those that the present turn deploys are
    only known to it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._ws: WorkingSet | None = None
        self._deployed: dict[int, tuple[Definition, KnownDefinition]] = {}

    def of_turn(self, ws: WorkingSet | None) -> None:
        self._ws = ws
        self._deployed.clear()

    def __missing__(self, key: int) -> KnownDefinition:
        if self._ws is not None:
            for definition in self._ws.added(Definition):
                if definition.key == key:
                    return self._of(definition, self._ws)
        load_definitions(self._connection, self, [key])
        if key not in self.keys():
            raise NotFound("definition", key)
        return self[key]

    def _of(self, definition: Definition, ws: WorkingSet) -> KnownDefinition:
        """Whoever deployed it has loaded or made its process and activities."""
        known = self._deployed.get(id(definition))
        if known is None:
            process = next(p for p in ws.all(Process) if p.key == definition.process_key)
            activities = ws.find(Activity, "process_key", process.key)
            program = remember(definition, process, {a.element_id: a.key for a in activities})
            known = self._deployed[id(definition)] = definition, program
        return known[1]
