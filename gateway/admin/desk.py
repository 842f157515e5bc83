"""Where the gateway takes orders: HTTP on its socket, with the limits of the door, and nothing of the public app."""

import asyncio
import logging
import socket
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.common.http import BodyTooLarge, read_body
from core.engine import Engine
from core.principal import system
from core.rejections import Unavailable
from core.storage.sqlite import file_of
from gateway.admin import orders as orders  # which have names then
from gateway.admin.order import NAMES, Order
from gateway.admin.place import NoPlace, Taken, commanders, identity, peer, place_for
from gateway.admin.wire import DATABASE, FORBIDDEN, MOST, ROOT, STATUS
from gateway.door import server as door
from gateway.door.keeper import Keeper, Trusted
from gateway.door.limits import Limits
from gateway.door.listener import Listener
from gateway.exits import Exit, told
from gateway.settings import Settings

log = logging.getLogger("dragoman.admin")

VERSION = f"version {version('dragoman')}"
#: commands at once, and bytes of them that are held; the next ones wait
CONNECTIONS = 128
HELD = 2 * MOST
#: seconds that a stop waits for orders under way, behind all other requests
LAST_ORDERS = 5


def _json(value: Any, status: int = 200) -> Response:
    """A command asks once."""
    return Response(orjson.dumps(value), status, media_type="application/json", headers={"connection": "close"})


def _refused(exit: Exit, text: str, status: int = 0) -> Response:
    return _json({"exit": exit, "text": text}, status or STATUS[exit])


class Desk:
    """The app."""

    def __init__(self, engine: Engine, database: str) -> None:
        self._engine = engine
        self._database = database
        self._kinds = {name: TypeAdapter(kind) for name, kind in NAMES.items()}
        self.app = Starlette(
            routes=[
                Route(ROOT, self.about, methods=["GET"]),
                Route(ROOT + "{name:path}", self.order, methods=["POST"]),
            ]
        )

    def _elsewhere(self, request: Request) -> Response | None:
        """Who means another file, since the settings name one socket for two, is told so."""
        if request.headers.get(DATABASE) in (None, self._database):
            return None
        return _refused(Exit.DATABASE, "this is the gateway of another database", 421)

    async def about(self, request: Request) -> Response:
        return self._elsewhere(request) or _json({"version": version("dragoman")})

    async def order(self, request: Request) -> Response:
        if refused := self._elsewhere(request):
            return refused
        name = request.path_params["name"]
        kind = self._kinds.get(name)
        if kind is None:
            return _refused(Exit.REFUSED, f"the gateway, {VERSION}, does not know this command", 404)
        request.scope["dragoman.max_body"] = MOST
        try:
            order: Order = kind.validate_json(await read_body(request))
        except BodyTooLarge:
            return _refused(Exit.REFUSED, f"that is more than {MOST} bytes", 413)
        except ValidationError as error:
            return _refused(Exit.REFUSED, f"the gateway, {VERSION}, cannot read it: {_first(error)}", 400)
        except Unavailable as error:
            return _refused(*told(error))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        return await self._carry_out(name, order)

    async def _carry_out(self, name: str, order: Order) -> Response:
        try:
            order.check()
            text = await order.carry_out(self._engine, system(self._engine.default_tenant))
        except Exception as error:
            exit, reason = told(error)
            if exit is Exit.FAULT:
                log.exception("the command %s broke", name.replace("/", " "))
            else:
                log.info("the command %s was refused", name.replace("/", " "))
            return _refused(exit, reason)
        log.info("the command %s was carried out", name.replace("/", " "))
        return _json({"text": text})


def _first(error: ValidationError) -> str:
    """Without values, some of which are secret."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ": ".join(filter(None, (".".join(map(str, fault["loc"])), fault["msg"])))


class AdminServer(door.Server):
    """Beside the public one, in the same event loop."""

    def __init__(self, desk: Desk, taken: Taken, settings: Settings, accounts: frozenset[int]) -> None:
        """`accounts` are those of the machine that may come."""
        limits = replace(
            Limits.of(settings),
            connections=CONNECTIONS,
            per_address=0,
            held_bytes=HELD,
            within=0.0,
            is_short_of_files=False,
        )
        keeper = Keeper(limits, Trusted(("*",)))
        super().__init__(door.configured(desk.app, keeper, settings), keeper)
        self.config.timeout_graceful_shutdown = min(LAST_ORDERS, settings.shutdown_seconds)
        self._taken = taken
        self._accounts = accounts

    async def open(self) -> None:
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup([self._taken.socket])
        self._watch = asyncio.create_task(self._keeper.watch())

    def _listener(self, sock: socket.socket) -> Listener:
        return Listener(sock, self.config.backlog, self._connected, self._keeper.room, self._lets_in)

    def _lets_in(self, connection: socket.socket) -> bool:
        process, user = peer(connection)
        if user in self._accounts:
            return True
        log.warning("process %d of user %d may not command this gateway", process, user)
        connection.setblocking(False)
        with suppress(OSError):  # they may be gone
            connection.send(FORBIDDEN)
        return False

    async def close(self) -> None:
        """Whoever has found it is answered."""
        self._taken.leave()
        await self.shutdown()
        self._watch.cancel()


async def opened(engine: Engine, settings: Settings) -> AdminServer | None:
    """None where a database takes commands itself, and where there can be no socket."""
    if not engine.owns_database:
        return None
    file = file_of(settings.database_url)
    path = place_for(settings, file)
    if path is None:
        return None
    try:
        taken = Taken(path)
    except NoPlace as error:
        log.warning("commands that write have to wait until the gateway is stopped: there is no socket at %s", error)
        return None
    server = AdminServer(Desk(engine, identity(file)), taken, settings, commanders())
    await server.open()
    return server
