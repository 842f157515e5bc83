"""Accounts: the users. Source: dossier facilioo.md, sections 1.2, 3.4 and 3.7; what is not there is our choice."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, time
from adapters.facilioo.entity import Entity, Rights
from adapters.facilioo.parties import ADMIN, STAFF
from core.people.commands import UpdateUser
from core.people.fields import UserField, UserSort, UserWhere
from core.people.queries import SearchUsers, UserByNumber
from core.search.query import Page, PageRequest
from core.tables.people import User
from core.turn.command import KEEP, Command
from core.types import Permission, UserStatus


class Accounts(Entity[User, UserField, UserWhere]):
    """They are made where users are made, in any other way; here they change, and change their party."""

    name = "Account"
    path = "accounts"
    rights = Rights(read=STAFF, update=(ADMIN,))
    offers = ("list", "get", "update", "batch", "search")
    filters: Mapping[str, tuple[UserField, str]] = {"ids": ("number", "int"), "emails": ("email", "text")}
    orders: Mapping[str, UserField] = {
        **{"id": "number", "email": "email", "firstName": "first_name", "lastName": "last_name"},
        **{"created": "created_at", "lastModified": "changed_at"},
    }

    async def one(self, call: Call, number: int) -> User:
        return await call.ask(UserByNumber(number))

    async def find(
        self, call: Call, where: tuple[UserWhere, ...], sort: tuple[UserSort, ...], window: PageRequest
    ) -> Page[User]:
        return await call.ask(SearchUsers(where, sort, window))

    def is_deleted(self, view: User) -> bool:
        return view.status == UserStatus.CLOSED

    async def reads(self, call: Call, views: tuple[User, ...]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.number,
                "email": row.email,
                "firstName": row.first_name,
                "lastName": row.last_name,
                "partyId": row.ext.get("facilioo", {}).get("partyId", 0),
                "created": time(row.created_at),
                "lastModified": time(row.changed_at),
                "deleted": time(row.changed_at) if self.is_deleted(row) else None,
            }
            for row in views
        ]

    async def change(self, call: Call, view: User, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        refs = await call.refer(values, self.name)
        ext = {}
        if "partyId" in refs:
            party = refs["partyId"]
            kind = party.ext.get("type")
            ext = {"facilioo": {"partyId": party.number, **({"partyType": kind} if kind is not None else {})}}
        return (
            UpdateUser(
                view.username,
                first_name=values.get("firstName", KEEP),
                last_name=values.get("lastName", KEEP),
                email=values.get("email", KEEP),
                ext=ext,
            ),
        )

    async def _myself(self, call: Call) -> Response:
        call.require(Permission.READ)
        return await self.reply(call, await self.one(call, call.principal.number))

    def endpoints(self) -> list[Endpoint]:
        operation = Operation("getMyself", "GET", "/api/accounts/myself", OWN, calls.LIST, source="measured")
        return [Endpoint(operation, self._myself, answer="Account"), *super().endpoints()]
