"""Which version of a process runs, and what has to be loaded for that."""

from collections.abc import Mapping

from core.flow.plans import plan_activities, plan_calls, plan_document, plan_participants
from core.tables.process import Definition, Process
from core.turn.context import Plan
from core.turn.known import KnownDefinition
from core.turn.workingset import Read, WorkingSet
from core.types import ProcessStatus


def latest(ws: WorkingSet, process_key: int) -> Definition | None:
    of_process = ws.find(Definition, "process_key", process_key)
    definitions = [d for d in of_process if d.status == ProcessStatus.ACTIVE]
    return max(definitions, key=lambda d: d.version) if definitions else None


def version(ws: WorkingSet, process_key: int, definition_key: int) -> Definition | None:
    """A certain version, or the newest if the key is 0."""
    if not definition_key:
        return latest(ws, process_key)
    of_process = ws.find(Definition, "process_key", process_key)
    return next((d for d in of_process if d.key == definition_key and d.status == ProcessStatus.ACTIVE), None)


def plan_process(
    process_key: int,
    ws: WorkingSet,
    known: Mapping[int, KnownDefinition],
    *,
    definition_key: int = 0,
    document_key: int = 0,
    chosen: Mapping[str, tuple[int, ...]] | None = None,
) -> Plan:
    """What a new instance needs."""
    yield from plan_document(document_key)
    yield [Read(Process, "key", (process_key,)), Read(Definition, "process_key", (process_key,))]
    definition = version(ws, process_key, definition_key)
    if definition is not None:
        yield from plan_definition(known[definition.key], ws, known, document_key, chosen)


def plan_definition(
    definition: KnownDefinition,
    ws: WorkingSet,
    known: Mapping[int, KnownDefinition],
    document_key: int,
    chosen: Mapping[str, tuple[int, ...]] | None = None,
) -> Plan:
    """What tokens need that enter this version of a process anywhere."""
    yield from plan_activities(definition, ws)
    yield from plan_participants(definition, ws, document_key, chosen)
    yield from plan_calls(definition, ws, known, document_key)
