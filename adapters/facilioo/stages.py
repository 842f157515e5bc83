"""Types and stages of processes. Source: dossier facilioo.md, section 3.3.

A type is a process of the engine, a stage one of its activities, or one that was made here.
"""

from collections.abc import Mapping
from typing import Any, Never

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN, SIGNED_IN, WORKER
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, time, times
from adapters.facilioo.entity import Common, Entity, Rights
from adapters.facilioo.parties import (
    ADMIN,
    CONTRACTOR,
    ENERGY_PROVIDER,
    GUEST,
    INSURANCE_BROKER,
    INSURER,
    POOL_MANAGER,
    PROPERTY_MANAGEMENT,
    USER,
)
from adapters.facilioo.processes import Processes
from core.process.commands import CreateStage, UpdateStage
from core.process.fields import ActivityField, ActivitySort, ActivityWhere
from core.process.queries import (
    ActivitiesByKey,
    ActivityByNumber,
    ListProcesses,
    ProcessByNumber,
    ProcessesByKey,
    SearchActivities,
    VersionTimes,
)
from core.rejections import NotFound
from core.search.query import Page, PageRequest, Sort, Where, either
from core.tables.process import Activity, Process
from core.turn.command import KEEP, Command
from core.types import Permission

_STAGES = (
    *(ADMIN, PROPERTY_MANAGEMENT, POOL_MANAGER, CONTRACTOR, USER),
    *(ENERGY_PROVIDER, GUEST, INSURANCE_BROKER, INSURER),
)


class Types(Entity[Process, Never, Never]):
    name = "ProcessType"
    path = "process-types"
    offers = ("list", "get")
    reading = SIGNED_IN
    sources: Mapping[str, str] = {"list": "documented"}

    async def one(self, call: Call, number: int) -> Process:
        return await call.ask(ProcessByNumber(number))

    async def find(
        self, call: Call, where: tuple[Where[Common], ...], sort: tuple[Sort[Common], ...], window: PageRequest
    ) -> Page[Process]:
        rows = await call.ask(ListProcesses())
        return Page(rows[window.offset : window.offset + (window.limit or 0)], len(rows))

    async def reads(self, call: Call, views: tuple[Process, ...]) -> list[dict[str, Any]]:
        newest = await call.ask(VersionTimes(tuple(row.key for row in views)))
        return [
            {
                "id": row.number,
                "name": row.name or None,
                "created": time(row.created_at),
                "lastModified": time(newest.get(row.key, row.created_at)),
                "deleted": None,
            }
            for row in views
        ]


class Stages(Entity[Activity, ActivityField, ActivityWhere]):
    name = "ProcessStage"
    path = "process-stages"
    rights = Rights(_STAGES, _STAGES, _STAGES, _STAGES)
    reading, making, changing = SIGNED_IN, WORKER, WORKER
    sources: Mapping[str, str] = dict.fromkeys(
        ("list", "create", "get", "update", "delete", "batch", "search"), "documented"
    )
    conflicts = ("update", "batch", "delete")
    filters: Mapping[str, tuple[ActivityField, str]] = {"ids": ("number", "int"), "typeIds": ("process_key", "int")}
    orders: Mapping[str, ActivityField] = {
        **{"id": "number", "name": "name", "sortOrder": "position"},
        **{"created": "created_at", "lastModified": "changed_at"},
    }

    def __init__(self, processes: Processes, types: Types) -> None:
        self._processes = processes
        self._types = types

    async def one(self, call: Call, number: int) -> Activity:
        return await call.ask(ActivityByNumber(number))

    async def find(
        self, call: Call, where: tuple[ActivityWhere, ...], sort: tuple[ActivitySort, ...], window: PageRequest
    ) -> Page[Activity]:
        return await call.ask(SearchActivities(where, sort, window))

    async def conditions(self, call: Call, name: str, values: tuple[Any, ...]) -> tuple[ActivityWhere, ...]:
        if name == "typeIds":
            return (Where("process_key", "in", await call.keys("type", values)),)
        return await super().conditions(call, name, values)

    async def reads(self, call: Call, views: tuple[Activity, ...]) -> list[dict[str, Any]]:
        types = await call.ask(ProcessesByKey(tuple({row.process_key for row in views})))
        return [
            {
                "id": row.number,
                "name": row.name,
                "typeId": types[row.process_key].number if row.process_key in types else None,
                "sortOrder": row.position,
                **times(row),
            }
            for row in views
        ]

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        refs = await call.refer(values, self.name)
        process_key = refs["typeId"].key if values["typeId"] is not None else 0
        return (await call.do(CreateStage(values["name"], process_key, values["sortOrder"] or 0))).number

    async def change(self, call: Call, view: Activity, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        refs = await call.refer(values, self.name)
        process_key: Any = KEEP
        if "typeId" in values:
            process_key = refs["typeId"].key if values["typeId"] is not None else 0
        position = (values["sortOrder"] or 0) if "sortOrder" in values else KEEP
        return (UpdateStage(view.key, values.get("name", KEEP), process_key, position),)

    async def remove(self, call: Call, view: Activity) -> tuple[Command[Any], ...]:
        return (UpdateStage(view.key, deleted=True),)

    async def _of_type(self, call: Call) -> Response:
        """Those of the type and those of all, in their order; the first is the default, the last one final."""
        call.require(Permission.READ)
        process = await self._types.one(call, call.number())
        of_type: ActivityWhere = either((Where("process_key", "eq", process.key),), (Where("process_key", "eq", 0),))
        sort: tuple[ActivitySort, ...] = (Sort("position"), Sort("key"))
        page = await self.find(call, (of_type,), sort, PageRequest(None, cap=None))
        rows = tuple(row for row in page.items if row.deleted_at is None)
        return await call.page_of(_extended(await self.reads(call, rows)))

    async def _of_process(self, call: Call) -> Response:
        call.require(Permission.READ)
        instance = (await self._processes.one(call, call.number())).instance
        stages = await call.ask(ActivitiesByKey((instance.stage_key,)))
        if instance.stage_key not in stages:
            raise NotFound("stage", instance.number)
        return await self.reply(call, stages[instance.stage_key])

    def endpoints(self) -> list[Endpoint]:
        of_type = Operation("listStagesOfType", "GET", "/api/process-types/{id}/process-stages", SIGNED_IN, calls.READ)
        of_process = Operation("getStageOfProcess", "GET", "/api/processes/{id}/process-stage", OWN, calls.READ)
        return [
            *super().endpoints(),
            Endpoint(of_type, self._of_type, answer="ExtendedProcessStage[]"),
            Endpoint(of_process, self._of_process, answer="ProcessStage"),
        ]


def _extended(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = len(rows) - 1
    stage, moments = ("id", "name", "typeId", "sortOrder"), ("created", "lastModified", "deleted")
    return [
        {
            **{name: row[name] for name in stage},
            "isDefault": n == 0,
            "isFinal": n == last,
            **{name: row[name] for name in moments},
        }
        for n, row in enumerate(rows)
    ]
