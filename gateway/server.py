"""Running the gateway: uvicorn, signals, draining."""

import asyncio
import ctypes
import errno
import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from core.clock import Clock, monotonic_clock
from core.engine import Engine
from core.identity.throttle import Limits
from core.people.commands import CreateUser
from core.people.queries import ListUsers
from core.principal import system
from core.rejections import Conflict
from core.storage import open_store
from core.storage.store import Store
from core.types import ALL_PERMISSIONS
from gateway.about import serves_demo
from gateway.app import Gateway
from gateway.door import server as door
from gateway.exits import CannotListen, Exit, told
from gateway.logs import RequestLog
from gateway.settings import Settings

log = logging.getLogger("dragoman.server")


async def first_administrator(engine: Engine, settings: Settings) -> None:
    """Made from the settings if nobody is there yet."""
    who = system(engine.default_tenant)
    if not settings.admin_user:
        return
    users = await engine.ask(ListUsers(), who)
    if users:
        return
    if not settings.admin_password:
        log.warning("admin_user is set but admin_password is not: no administrator was made")
        return
    hashed = await engine.hash_password(settings.admin_password)
    try:
        await engine.execute(CreateUser(settings.admin_user, hashed, permissions=ALL_PERMISSIONS), who)
    except Conflict:
        return  # another process that started with this one was quicker
    log.info("made the administrator %s", settings.admin_user)


def limits_of(settings: Settings) -> Limits:
    """How often passwords may be tried."""
    return Limits(
        account=settings.login_failures,
        address=settings.login_failures_per_address,
        everywhere=settings.login_failures_everywhere,
        queue=settings.login_queue,
    )


def engine_of(store: Store, settings: Settings, monotonic: Clock = monotonic_clock) -> Engine:
    return Engine(
        store,
        monotonic=monotonic,
        limits=limits_of(settings),
        within=settings.admit_within,
        max_list_rows=settings.max_list_rows,
    )


def create_app(settings: Settings, *, demo: bool = False, log_request: RequestLog | None = None) -> Gateway:
    """The ASGI app with its engine. Raises StorageError if the database cannot be opened."""

    if demo:
        from gateway import demo as world

        settings = world.with_authorizations(settings)

    async def on_start(engine: Engine) -> None:
        if demo and not await world.load(engine) and not serves_demo(engine):
            log.warning("the database is not empty: the demo world was not loaded")
        if serves_demo(engine):
            log.warning("serving the demo world: every password is the user's name")
        await first_administrator(engine, settings)
        if settings.processes:
            from gateway.processes import deploy_all

            await deploy_all(engine, settings)

    store = open_store(settings.database_url)
    for concern in store.concerns():
        log.warning("%s", concern)
    return Gateway(settings, engine_of(store, settings), on_start=on_start, log_request=log_request)


def bind(host: str, port: int) -> socket.socket:
    """A socket that has its port, but refuses connections until somebody listens. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise CannotListen(_cannot(host, port, error)) from None
    sock.setblocking(False)
    return sock


def _cannot(host: str, port: int, error: OSError) -> str:
    reason = "there is something on this port already" if error.errno == errno.EADDRINUSE else error.strerror
    return f"cannot listen on {host}:{port}: {reason or error}"


class Beside(Protocol):
    """What goes on in the same event loop, for as long as the gateway can answer."""

    async def close(self) -> None: ...


#: begins it, unless there is nothing to do
Opening = Callable[[Engine, Settings], Awaitable[Beside | None]]


class Server(door.Server):
    """Accepts connections once the gateway can answer, and stops it when they are gone."""

    def __init__(self, gateway: Gateway, open_beside: Opening | None = None) -> None:
        super().__init__(door.configured(gateway, gateway.keeper, gateway.settings), gateway.keeper)
        self._gateway = gateway
        self._has_files = True
        self._open_beside = open_beside
        self._beside: Beside | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        assert sockets
        await self._gateway.start()
        give_back_memory()
        if self.should_exit:  # a signal came meanwhile
            await self._gateway.stop()
            return
        host, port = sockets[0].getsockname()[:2]
        try:
            await super().startup(sockets)
        except OSError as error:
            await self._gateway.stop()
            raise CannotListen(_cannot(host, port, error)) from None
        if self._open_beside is not None:
            self._beside = await self._open_beside(self._gateway.engine, self._gateway.settings)
        log.info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % 10 == 0:
            self._look_for_files()
        return await super().on_tick(counter)

    def _look_for_files(self) -> None:
        """Who comes when no more files can be opened waits in the system, of which nobody hears."""
        could = self._has_files
        try:
            os.close(os.dup(2))
            self._has_files = True
        except OSError:
            self._has_files = False
        if could and not self._has_files:
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            text = "no more files can be opened (the limit is %d, %d connections are open): who comes now has to wait"
            log.error(text, limit, len(self.server_state.connections))
        elif self._has_files and not could:
            log.warning("files can be opened again")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("stopping: %d connections are open", len(self.server_state.connections))
        await super().shutdown(sockets)
        if self._beside is not None:
            await self._beside.close()
        await self._gateway.stop()
        log.info("stopped")


def give_back_memory() -> None:
    """What the start needed and freed goes back to the system, where the C library can do that."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def serve(
    settings: Settings,
    *,
    demo: bool = False,
    summary: str,
    log_request: RequestLog | None,
    open_beside: Opening | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Returns the exit status."""
    log.info("%s", summary)
    try:
        with bind(settings.host, settings.port) as sock:
            _run(create_app(settings, demo=demo, log_request=log_request), sock, open_beside)
    except Exception as error:
        status, text = told(error)
        log.error("could not start: %s", text, exc_info=status is Exit.FAULT)
        return status
    return Exit.DONE


def _run(app: Gateway, sock: socket.socket, open_beside: Opening | None) -> None:
    server = Server(app, open_beside)
    # the server raises a signal again once it has stopped; a stop that was asked for is no failure
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: None)
    # what is there now stays: the collector need not look at it again
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
    # a thread that comes back from the disk or the database is not to wait long for the interpreter
    sys.setswitchinterval(0.0005)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[sock]))
