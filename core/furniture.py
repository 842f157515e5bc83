"""What there is in a database from the start: a tenant, its process of one task, what its directory holds."""

from contextlib import suppress
from typing import Protocol

from core.directory.commands import CreateEntry
from core.directory.queries import EntryById
from core.gate import Gate
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.identity.commands import CreateTenant
from core.principal import system
from core.process.commands import DeployProcess
from core.rejections import Conflict, NotFound
from core.types import ADMINISTRATORS, DEFAULT_TENANT, ONE_TASK, EntryKind


class Unfurnished(Gate, Protocol):
    @property
    def has_tenants(self) -> bool: ...

    async def look_again(self) -> None: ...


_ENTRIES = ((EntryKind.ROLE, ADMINISTRATORS, "Admin"), (EntryKind.TENANT, DEFAULT_TENANT, "Default"))


async def furnish(engine: Unfurnished) -> None:
    if not engine.has_tenants:
        await _make_tenant(engine)
    who = system(engine.default_tenant)
    for kind, id, name in _ENTRIES:
        try:
            await engine.ask(EntryById(kind, id), who)
        except NotFound:
            with suppress(Conflict):  # another process was quicker
                await engine.execute(CreateEntry(kind, id, name), who)


async def _make_tenant(engine: Unfurnished) -> None:
    try:
        await engine.execute(CreateTenant("default", 1, {"processmaker": ("workflow",)}), system())
    except Exception:
        await engine.look_again()
        if not engine.has_tenants:
            raise
    graph = Graph(
        ONE_TASK,
        "Task",
        (
            Element("start", ElementKind.START_EVENT),
            Element("task", ElementKind.USER_TASK, "Task", task=TaskTemplate()),
            Element("end", ElementKind.END_EVENT),
        ),
        (Flow("to-task", "start", "task"), Flow("to-end", "task", "end")),
    )
    await engine.execute(DeployProcess(graph), system(engine.default_tenant))
