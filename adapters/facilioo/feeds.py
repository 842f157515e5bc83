"""Feed entries: what was said about a process. Source: dossier facilioo.md, section 3.5.

An entry is a comment on the instance: notes of other dialects are entries too. One with accessor parties is seen by
those, by its author and by the staff; others by whoever sees the process.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, moment, times
from adapters.facilioo.entity import Entity, Rights
from adapters.facilioo.parties import (
    ADMIN,
    INSURANCE_BROKER,
    PROPERTY_MANAGEMENT,
    STAFF,
    USER,
    right_of,
)
from adapters.facilioo.processes import Processes, member_keys, visible
from core.instance.commands import AddComment, ReviseComment
from core.instance.fields import CommentField, CommentSort, CommentWhere
from core.instance.queries import InstancesByKey, SearchComments, SearchInstances
from core.people.queries import UserNumbers
from core.rejections import Forbidden, NotFound
from core.search.query import Is, Page, PageRequest, Where, either
from core.tables.instance import Comment
from core.turn.command import KEEP, Command
from core.types import Permission
from schemas.facilioo.body import read_create
from schemas.facilioo.wire import Invalid

_WRITERS = (ADMIN, PROPERTY_MANAGEMENT, INSURANCE_BROKER)


class Feeds(Entity[Comment, CommentField, CommentWhere]):
    name = "ProcessFeed"
    path = "process-feeds"
    rights = Rights(create=(*_WRITERS, USER), update=_WRITERS, delete=(ADMIN, PROPERTY_MANAGEMENT, USER))
    sources: Mapping[str, str] = dict.fromkeys(
        ("list", "create", "get", "update", "delete", "batch", "search"), "documented"
    )
    filters: Mapping[str, tuple[CommentField, str]] = {"ids": ("number", "int"), "processIds": ("instance_key", "int")}
    orders: Mapping[str, CommentField] = {"id": "number", "created": "created_at", "lastModified": "changed_at"}

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    async def _seen(self, call: Call) -> tuple[CommentWhere, ...]:
        if call.party.type in STAFF:
            return ()
        processes = await call.ask(SearchInstances(await visible(call), (), PageRequest(None, cap=None, counted=False)))
        own: CommentWhere = Where("author_key", "eq", call.principal.user_key)
        involved: CommentWhere = Is("involved", await member_keys(call))
        inside: CommentWhere = Where("instance_key", "in", tuple(view.instance.key for view in processes.items))
        return (inside, either((own,), (involved,), (Is("unshared"),)))

    async def one(self, call: Call, number: int) -> Comment:
        page = await self.find(call, (Where("number", "eq", number),), (), PageRequest(1))
        if not page.items or not number:
            raise NotFound("feed", number)
        return page.items[0]

    async def find(
        self, call: Call, where: tuple[CommentWhere, ...], sort: tuple[CommentSort, ...], window: PageRequest
    ) -> Page[Comment]:
        about_instances: CommentWhere = Where("task_key", "eq", 0)
        return await call.ask(SearchComments((about_instances, *where, *await self._seen(call)), sort, window))

    async def conditions(self, call: Call, name: str, values: tuple[Any, ...]) -> tuple[CommentWhere, ...]:
        if name == "processIds":
            return (Where("instance_key", "in", await call.keys("process", values)),)
        return await super().conditions(call, name, values)

    async def reads(self, call: Call, views: tuple[Comment, ...]) -> list[dict[str, Any]]:
        instances = await call.ask(InstancesByKey(tuple({row.instance_key for row in views})))
        users = await call.ask(UserNumbers(tuple({row.author_key for row in views})))
        entries = []
        for row in views:
            ext = row.ext
            author = users.get(row.author_key)
            entries.append(
                {
                    "id": row.number,
                    "processId": instances[row.instance_key].instance.number if row.instance_key in instances else 0,
                    "typeId": ext.get("typeId"),
                    "contactTypeId": ext.get("contactTypeId"),
                    "text": row.text,
                    "externalId": ext.get("externalId"),
                    "accountId": author.number if author is not None else None,
                    **times(row),
                }
            )
        return entries

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        refs = await call.refer(values, self.name, process=self._processes.live)
        return await self._add(call, refs["processId"].instance.key, values)

    async def _add(self, call: Call, instance_key: int, values: Mapping[str, Any]) -> int:
        ext = {name: values[name] for name in ("typeId", "contactTypeId", "externalId")}
        return (await call.do(AddComment(instance_key, values["text"], ext))).number

    @staticmethod
    def _check_author(call: Call, view: Comment) -> None:
        """Others than staff write and delete their own entries. Raises Forbidden."""
        if call.party.type not in STAFF and view.author_key != call.principal.user_key:
            raise Forbidden(Permission.WORK, kind="feed", id=str(view.number))

    async def change(self, call: Call, view: Comment, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        self._check_author(call, view)
        refs = await call.refer(values, self.name, process=self._processes.live)
        if "processId" in refs and refs["processId"].instance.key != view.instance_key:
            raise Invalid({"ProcessId": ["The ProcessId of an entry cannot be changed."]})
        ext = {name: values[name] for name in ("typeId", "contactTypeId", "externalId") if name in values}
        return (ReviseComment(view.key, values.get("text", KEEP), ext),)

    async def remove(self, call: Call, view: Comment) -> tuple[Command[Any], ...]:
        self._check_author(call, view)
        return (ReviseComment(view.key, deleted=True),)

    async def _of_process(self, call: Call) -> Response:
        call.require(Permission.READ)
        view = await self._processes.one(call, call.number())
        return await self.reply_page(call, (Where("instance_key", "eq", view.instance.key),), ())

    async def _add_to_process(self, call: Call) -> Response:
        """The process of the path may be named in the body again, but no other one."""
        call.require(Permission.WORK, _WRITERS)
        number = call.number()
        values = read_create(await call.body(), "ProcessFeedOfProcess", moment)
        if values["processId"] not in (None, number):
            raise Invalid({"ProcessId": [f"The ProcessId {values['processId']} is not that of the path."]})
        view = await self._processes.live(call, number)
        await call.refer(values, self.name, "processId")
        await self._add(call, view.instance.key, values)
        return await self.reply_page(call, (Where("instance_key", "eq", view.instance.key),), ())

    def endpoints(self) -> list[Endpoint]:
        path = "/api/processes/{id}/feed"
        listing = Operation("listFeedOfProcess", "GET", path, OWN, calls.READ, source="our choice")
        adding = Operation("addToFeedOfProcess", "POST", path, right_of(_WRITERS, OWN), calls.CHANGE)
        return [
            *super().endpoints(),
            Endpoint(listing, self._of_process, answer="ProcessFeed[]"),
            Endpoint(adding, self._add_to_process, "ProcessFeedOfProcessCreate", "ProcessFeed[]"),
        ]
