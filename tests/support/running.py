"""An engine with somebody at work."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adapters.common.bpmn import graph
from core.engine import Engine
from core.graph.elements import Offer
from core.incident.queries import SearchIncidents
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey, SearchElements, SearchInstances, Variables
from core.job.commands import ActivateJobs
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.search.query import Sort, Where
from core.tables.incident import Incident
from core.tables.job import Job
from core.task.queries import SearchTasks, TaskByKey
from schemas.bpmn.reader import read
from tests.support.bpmn import document


class Running:
    """An engine with somebody at work."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.who: Principal = system(engine.default_tenant)

    async def deploy(
        self,
        id: str,
        content: str,
        extensions: str = "",
        *,
        offer: Offer | None = None,
        more: str = "",
        incidents: bool = False,
    ) -> int:
        """`offer`: of user tasks that are not marked; `more`: in the document besides the process; `incidents`: what
        cannot go on stands still."""
        (record,) = read(document(id, content, extensions, more).encode())
        compiled = replace(graph(record, offer=offer, strict=not incidents), incidents=incidents)
        return (await self.engine.execute(DeployProcess(compiled), self.who)).process_key

    async def start(self, process_key: int, **variables: Any) -> int:
        return (await self.engine.execute(StartInstance(process_key, variables=variables), self.who)).key

    async def run(self, content: str, **variables: Any) -> int:
        return await self.start(await self.deploy("p", content), **variables)

    async def do(self, command: Any) -> Any:
        return await self.engine.execute(command, self.who)

    async def tasks(self, key: int = 0) -> dict[str, int]:
        """Open tasks by their elements."""
        still_open = SearchTasks((Where("state", "notin", ["COMPLETED", "CANCELED"]),), (Sort("key"),))
        found = await self.engine.ask(still_open, self.who)
        return {v.task.element_id: v.task.key for v in found.items if key in (0, v.task.instance_key)}

    async def task(self, key: int) -> Any:
        return (await self.engine.ask(TaskByKey(key), self.who)).task

    async def variables(self, key: int) -> dict[str, Any]:
        return dict(await self.engine.ask(Variables(key), self.who))

    async def state(self, key: int) -> str:
        return (await self.engine.ask(InstanceByKey(key), self.who)).instance.state

    async def elements(self, key: int) -> dict[str, str]:
        found = await self.engine.ask(SearchElements((Where("instance_key", "eq", key),), (Sort("key"),)), self.who)
        return {view.element.element_id: view.element.state for view in found.items}

    async def called(self, key: int) -> int:
        found = await self.engine.ask(SearchInstances((Where("parent_key", "eq", key),)), self.who)
        (view,) = found.items
        return view.instance.key

    async def incidents(self, key: int = 0) -> list[Incident]:
        """The open ones, by their elements."""
        still_open = SearchIncidents((Where("state", "eq", "ACTIVE"),), (Sort("key"),))
        found = await self.engine.ask(still_open, self.who)
        return [view.incident for view in found.items if key in (0, view.incident.instance_key)]

    async def incident(self) -> Incident:
        (found,) = await self.incidents()
        return found

    async def jobs(self, type: str) -> tuple[Job, ...]:
        found: tuple[Job, ...] = await self.do(ActivateJobs(type, "worker", 60_000, 10))
        return found

    async def job(self, type: str) -> Job:
        (found,) = await self.jobs(type)
        return found

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait for something that is to happen in its time."""
        while not await holds():  # noqa: ASYNC110  other connections may do it
            await asyncio.sleep(0.05)

    async def all_tasks(self) -> list[Any]:
        """Open ones, in the order in which they were made."""
        still_open = SearchTasks((Where("state", "notin", ["COMPLETED", "CANCELED"]),), (Sort("key"),))
        return [view.task for view in (await self.engine.ask(still_open, self.who)).items]
