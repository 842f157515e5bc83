"""Processes: create, read, list. Source: seed page "/api/processes"; dossier facilioo.md, sections 2 and 3.1."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, dumps
from adapters.facilioo.auth import ADMIN, PROPERTY_MANAGEMENT, party_of, raw_json, require
from adapters.facilioo.errors import VERSIONS
from core.commands import StartInstance
from core.principal import Principal
from core.queries import (
    ActivitiesByKey,
    ActivityByNumber,
    InstanceByNumber,
    InstanceView,
    PageRequest,
    ProcessByNumber,
    Query,
    ReferenceByNumber,
    SearchInstances,
    Sort,
    UserByNumber,
    UserNumbers,
)
from core.rejections import Forbidden, NotFound
from core.times import iso_utc, parse_timestamp
from core.types import InstanceState, Permission
from schemas.facilioo.process import ProcessRead, parse_create
from schemas.facilioo.wire import INT32, Invalid, read_page
from schemas.facilioo.wire import page as wire_page

MAY_CREATE = (ADMIN, PROPERTY_MANAGEMENT)


def _time(milliseconds: int | None) -> str | None:
    """As .NET writes a UTC time: no more digits of a second than there are."""
    if milliseconds is None:
        return None
    text = iso_utc(milliseconds)
    return text[:-1].rstrip("0").rstrip(".") + "Z" if milliseconds % 1000 else text[:-5] + "Z"


def _media_type(request: Request) -> dict[str, str]:
    accept = request.headers.get("accept", "")
    for media_type in ("application/json", "text/json", "text/plain"):
        if media_type in accept:
            return {"content-type": f"{media_type}; charset=utf-8", **VERSIONS}
    return {"content-type": "application/json; charset=utf-8", **VERSIONS}


class Processes:
    """The handlers; each expects `request.state.principal`."""

    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine

    async def create(self, request: Request) -> Response:
        principal: Principal = request.state.principal
        require(principal, Permission.START, MAY_CREATE)
        wanted = parse_create(await raw_json(request))
        errors: dict[str, list[str]] = {}

        async def look_up(query: Query[Any], field: str, number: int) -> Any:
            try:
                return await self._engine.ask(query, principal)
            except NotFound:
                errors[field] = [f"The {field} {number} does not exist."]

        process = await look_up(ProcessByNumber(wanted.type_id), "TypeId", wanted.type_id)
        await look_up(ReferenceByNumber("party", wanted.contact_id), "ContactId", wanted.contact_id)
        await look_up(ReferenceByNumber("unit", wanted.unit_id), "UnitId", wanted.unit_id)
        stage = None
        if wanted.stage_id is not None:
            stage = await look_up(ActivityByNumber(wanted.stage_id), "StageId", wanted.stage_id)
            if stage is not None and process is not None and stage.process_key != process.key:
                errors["StageId"] = [f"The StageId {wanted.stage_id} does not belong to the type {wanted.type_id}."]
        finish_at: int | None = None
        if wanted.finish_date is not None:
            try:
                finish_at = parse_timestamp(wanted.finish_date, offset_required=False)
            except ValueError:
                errors["$.finishDate"] = [
                    "The JSON value could not be converted to System.Nullable`1[System.DateTime]. Path: $.finishDate."
                ]
        if errors:
            raise Invalid(errors)
        account = await self._account(principal, wanted.account_id)
        mine = {
            "accountId": account,
            "subject": wanted.subject,
            "contactId": wanted.contact_id,
            "createdByPartyId": party_of(principal).id,
            "unitId": wanted.unit_id,
            "externalId": wanted.external_id,
            "finishAt": finish_at,
        }
        started = await self._engine.execute(
            StartInstance(
                process_key=process.key,
                title=wanted.subject or "",
                description=wanted.report,
                stage_key=stage.key if stage is not None else 0,
                finished=wanted.is_finished,
                ext={"facilioo": mine},
            ),
            principal,
        )
        return await self._one(request, started.number)

    async def _account(self, principal: Principal, number: int | None) -> int:
        """Somebody else's account has to be one of the company."""
        if number is None:
            return principal.number
        try:
            return (await self._engine.ask(UserByNumber(number), principal)).number
        except NotFound:
            raise Forbidden(Permission.START, kind="account", id=str(number)) from None

    async def get(self, request: Request) -> Response:
        require_read(request.state.principal)
        text: str = request.path_params["id"]
        if not (text.isascii() and text.isdigit()):
            raise Invalid({"id": [f"The value '{text}' is not valid."]})
        if len(text) > 10 or int(text) >= INT32:
            raise NotFound("process", text)
        return await self._one(request, int(text))

    async def _one(self, request: Request, number: int) -> Response:
        principal: Principal = request.state.principal
        view = await self._engine.ask(InstanceByNumber(number), principal)
        reads = await self._reads((view,), principal)
        return Raw(200, dumps(reads[0]), _media_type(request))

    async def page(self, request: Request) -> Response:
        """All of the company; filters are ignored, as upstream does."""
        principal: Principal = request.state.principal
        require_read(principal)
        wanted = read_page(request.query_params.multi_items())
        window = PageRequest(wanted.size, (wanted.number - 1) * wanted.size, cap=None)
        found = await self._engine.ask(SearchInstances((), (Sort("key"),), window), principal)
        body, content_range = wire_page(list(await self._reads(found.items, principal)), wanted, found.total)
        return Raw(200, dumps(body), {**_media_type(request), "content-range": content_range})

    async def _reads(self, views: tuple[InstanceView, ...], principal: Principal) -> list[ProcessRead]:
        creators = {v.instance.creator_key for v in views if v.instance.creator_key}
        users = await self._engine.ask(UserNumbers(tuple(creators)), principal) if creators else {}
        stage_keys = {v.instance.stage_key for v in views if v.instance.stage_key}
        stages = await self._engine.ask(ActivitiesByKey(tuple(stage_keys)), principal) if stage_keys else {}
        return [_read(view, users, stages) for view in views]


def require_read(principal: Principal) -> None:
    if not principal.may(Permission.READ):
        raise Forbidden(Permission.READ)


def _read(view: InstanceView, users: Any, stages: Any) -> ProcessRead:
    """An instance as a process; one that came from another dialect shows what it has."""
    instance = view.instance
    mine = orjson.loads(instance.ext).get("facilioo", {})
    creator = users.get(instance.creator_key)
    party = mine.get("createdByPartyId")
    if party is None:
        ext = orjson.loads(creator.ext).get("facilioo", {}) if creator is not None else {}
        party = ext.get("partyId", creator.number if creator is not None else 0)
    stage = stages.get(instance.stage_key)
    created = _time(instance.created_at) or ""
    return {
        "id": instance.number,
        "number": instance.number,
        "fullyQualifiedNumber": f"{instance.number}/{party}",
        "subject": mine.get("subject", instance.title),
        "report": instance.description,
        "accountId": mine.get("accountId", creator.number if creator is not None else None),
        "contactId": mine.get("contactId", party),
        "createdByPartyId": party,
        "typeId": view.known.process.number,
        "stageId": stage.number if stage is not None else None,
        "isFinished": instance.state == InstanceState.COMPLETED,
        "finishDate": _time(mine.get("finishAt")),
        "unitId": mine.get("unitId"),
        "externalId": mine.get("externalId"),
        "externalIdOfPantaenius": None,
        "created": created,
        "lastModified": _time(instance.changed_at) or created,
        "deleted": _time(instance.ended_at) if instance.state == InstanceState.TERMINATED else None,
    }
