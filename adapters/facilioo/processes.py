"""Processes. Source: seed page "/api/processes"; dossier facilioo.md, sections 2, 3.1 and 3.2.

A process is an instance. Staff sees all of the company; others what they made, what concerns their party or account,
and what they have or had a task in.
"""

from collections.abc import Mapping
from typing import Any

from adapters.facilioo.calls import Call, time
from adapters.facilioo.entity import Entity
from adapters.facilioo.parties import STAFF
from core.instance.commands import ChangeInstance, FinishInstance, RemoveInstance, ReopenInstance, StartInstance
from core.instance.fields import InstanceColumn, InstanceSort, InstanceWhere
from core.instance.queries import InstanceByNumber, InstanceView, SearchInstances
from core.people.queries import UserByNumber, UserNumbers
from core.process.queries import ActivitiesByKey
from core.registry.queries import ReferenceByNumber, ReferencesByKey
from core.rejections import Forbidden, NotFound
from core.search.query import Is, Page, PageRequest, Where, either
from core.tables.process import Activity, Process
from core.turn.command import KEEP, Command
from core.types import InstanceState, Involved, Permission
from schemas.facilioo.wire import Invalid

_EVERY = {"list": "measured", "get": "our choice", "create": "documented"}


async def member_keys(call: Call) -> tuple[int, ...]:
    """The keys by which the caller has to do with things: their account's, and their party's if it is registered."""
    keys: tuple[int, ...] = (call.principal.user_key,)
    try:
        return (*keys, (await call.ask(ReferenceByNumber("party", call.party.id))).key)
    except NotFound:
        return keys


async def visible(call: Call) -> tuple[InstanceWhere, ...]:
    """Which processes the caller sees."""
    if call.party.type in STAFF:
        return ()
    keys, name = await member_keys(call), call.principal.username
    return (either((Is("involved", keys),), (Where("creator", "eq", name),), (Is("participant", name),)),)


async def see(call: Call, number: int) -> InstanceView:
    """Raises NotFound for a process that the caller does not see."""
    view = await call.ask(InstanceByNumber(number))
    where = await visible(call)
    if where:
        page = await call.ask(SearchInstances((Where("key", "eq", view.instance.key), *where), (), PageRequest(1)))
        if not page.items:
            raise NotFound("process", number)
    return view


def check_stage(stage: Activity | None, process: Process, type_id: int) -> None:
    """A stage is one of its type, or of all. Raises Invalid."""
    if stage is not None and stage.process_key not in (0, process.key):
        raise Invalid({"StageId": [f"The StageId {stage.number} does not belong to the type {type_id}."]})


class Processes(Entity[InstanceView, InstanceColumn, InstanceWhere]):
    name = "Process"
    path = "processes"
    plural = "Processes"
    sources: Mapping[str, str] = _EVERY
    conflicts = ("update", "batch", "delete")
    filters: Mapping[str, tuple[InstanceColumn, str]] = {
        "ids": ("number", "int"),
        "typeIds": ("process_key", "int"),
        "stageIds": ("stage_key", "int"),
        "unitIds": ("reference_key", "int"),
        "isFinished": ("state", "bool"),
        "externalIds": ("business_id", "text"),
    }
    orders: Mapping[str, InstanceColumn] = {
        **{"id": "number", "number": "number", "created": "created_at", "lastModified": "changed_at"},
        **{"subject": "title", "isFinished": "state", "externalId": "business_id"},
    }

    async def one(self, call: Call, number: int) -> InstanceView:
        return await see(call, number)

    async def find(
        self, call: Call, where: tuple[InstanceWhere, ...], sort: tuple[InstanceSort, ...], window: PageRequest
    ) -> Page[InstanceView]:
        return await call.ask(SearchInstances((*where, *await visible(call)), sort, window))

    async def conditions(self, call: Call, name: str, values: tuple[Any, ...]) -> tuple[InstanceWhere, ...]:
        if name == "isFinished":
            return (Where("state", "eq" if values[0] else "neq", InstanceState.COMPLETED.value),)
        kinds = {"typeIds": "type", "stageIds": "stage", "unitIds": "unit"}
        if name not in kinds:
            return await super().conditions(call, name, values)
        keys = await call.keys(kinds[name], values)
        return (Where(self.filters[name][0], "in", keys),)

    def is_deleted(self, view: InstanceView) -> bool:
        return _deleted(view) is not None

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        refs = await call.refer(values, self.name, "accountId")
        check_stage(refs.get("stageId"), refs["typeId"], values["typeId"])
        account = await self._account(call, values["accountId"])
        stage = refs.get("stageId")
        ext = {
            "accountId": account,
            "subject": values["subject"],
            "contactId": values["contactId"],
            "createdByPartyId": call.party.id,
            "unitId": values["unitId"],
            "externalId": values["externalId"],
            "finishAt": values["finishDate"],
        }
        started = await call.do(
            StartInstance(
                process_key=refs["typeId"].key,
                title=values["subject"] or "",
                description=values["report"],
                stage_key=stage.key if stage is not None else 0,
                finished=bool(values["isFinished"]),
                business_id=values["externalId"] or "",
                reference_key=refs["unitId"].key,
                involved=await self._creators(call),
                ext={"facilioo": ext},
            )
        )
        return started.number

    @staticmethod
    async def _creators(call: Call) -> tuple[tuple[str, str, int], ...]:
        """The party of whoever makes a process sees it, if it is registered."""
        try:
            party = await call.ask(ReferenceByNumber("party", call.party.id))
        except NotFound:
            return ()
        return ((Involved.ACCESSOR, "party", party.key),)

    @staticmethod
    async def _account(call: Call, number: int | None) -> int:
        """Somebody else's account has to be one of the company."""
        if number is None:
            return call.principal.number
        try:
            return (await call.ask(UserByNumber(number))).number
        except NotFound:
            raise Forbidden(Permission.START, kind="account", id=str(number)) from None

    async def change(self, call: Call, view: InstanceView, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        process = view.known.process
        if values.get("typeId", process.number) != process.number:
            raise Invalid({"TypeId": ["The TypeId of a process cannot be changed."]})
        refs = await call.refer(values, self.name, "accountId", "typeId")
        check_stage(refs.get("stageId"), process, process.number)
        ext: dict[str, Any] = {n: values[n] for n in ("subject", "contactId", "unitId", "externalId") if n in values}
        if "accountId" in values:
            ext["accountId"] = await self._account(call, values["accountId"])
        if "finishDate" in values:
            ext["finishAt"] = values["finishDate"]
        stage: Any = KEEP
        if "stageId" in values:
            stage = refs["stageId"].key if refs.get("stageId") is not None else 0
        commands: list[Command[Any]] = [
            ChangeInstance(
                view.instance.key,
                title=(values["subject"] or "") if "subject" in values else KEEP,
                description=values.get("report", KEEP),
                stage_key=stage,
                reference_key=refs["unitId"].key if "unitId" in refs else KEEP,
                business_id=(values["externalId"] or "") if "externalId" in values else KEEP,
                ext={"facilioo": ext} if ext else {},
            )
        ]
        if "isFinished" in values and bool(values["isFinished"]) != (view.instance.state == InstanceState.COMPLETED):
            commands.append((FinishInstance if values["isFinished"] else ReopenInstance)(view.instance.key))
        return tuple(commands)

    async def remove(self, call: Call, view: InstanceView) -> tuple[Command[Any], ...]:
        deleted = {"facilioo": {"deletedAt": call.mount.engine.clock()}}
        return (RemoveInstance(view.instance.key, ext=deleted),)

    async def reads(self, call: Call, views: tuple[InstanceView, ...]) -> list[dict[str, Any]]:
        creators = {v.instance.creator_key for v in views if v.instance.creator_key}
        users = await call.ask(UserNumbers(tuple(creators))) if creators else {}
        stage_keys = {v.instance.stage_key for v in views if v.instance.stage_key}
        stages = await call.ask(ActivitiesByKey(tuple(stage_keys))) if stage_keys else {}
        unit_keys = {v.instance.reference_key for v in views if v.instance.reference_key}
        units = await call.ask(ReferencesByKey(tuple(unit_keys))) if unit_keys else {}
        return [_read(view, users, stages, units) for view in views]


def _mine(view: InstanceView) -> Mapping[str, Any]:
    return view.instance.ext.get("facilioo", {})


def _deleted(view: InstanceView) -> int | None:
    """When: by this dialect, or ended by another one."""
    ended = view.instance.ended_at if view.instance.state == InstanceState.TERMINATED else None
    deleted: int | None = _mine(view).get("deletedAt", ended)
    return deleted


def _read(view: InstanceView, users: Any, stages: Any, units: Any) -> dict[str, Any]:
    """An instance as a process; one that came from another dialect shows what it has."""
    instance, instance_ext = view.instance, _mine(view)
    creator = users.get(instance.creator_key)
    party = instance_ext.get("createdByPartyId")
    if party is None:
        ext = creator.ext.get("facilioo", {}) if creator is not None else {}
        party = ext.get("partyId", 0)
    stage, unit = stages.get(instance.stage_key), units.get(instance.reference_key)
    external = instance_ext.get("externalId") if not instance.business_id else instance.business_id
    return {
        "id": instance.number,
        "number": instance.number,
        "fullyQualifiedNumber": f"{instance.number}/{party}",
        "subject": instance_ext.get("subject", instance.title),
        "report": instance.description,
        "accountId": instance_ext.get("accountId", creator.number if creator is not None else None),
        "contactId": instance_ext.get("contactId", party),
        "createdByPartyId": party,
        "typeId": view.known.process.number,
        "stageId": stage.number if stage is not None else None,
        "isFinished": instance.state == InstanceState.COMPLETED,
        "finishDate": time(instance_ext.get("finishAt")),
        "unitId": unit.number if unit is not None else instance_ext.get("unitId"),
        "externalId": external,
        "externalIdOfPantaenius": None,
        "created": time(instance.created_at),
        "lastModified": time(instance.changed_at or instance.created_at),
        "deleted": time(_deleted(view)),
    }
