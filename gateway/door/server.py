"""uvicorn's server, with a stop that ends in time and loses nothing that has arrived."""

import asyncio
import logging
import socket

import uvicorn
from starlette.types import ASGIApp

from gateway.door.keeper import Keeper
from gateway.door.listener import Listener
from gateway.door.protocol import bound
from gateway.settings import Settings

log = logging.getLogger("dragoman.server")

#: seconds for requests that were cut off to notice it
LAST_SECOND = 1.0


def configured(app: ASGIApp, keeper: Keeper, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bound(keeper),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=settings.shutdown_seconds,
        backlog=settings.max_connections,
    )


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, keeper: Keeper) -> None:
        super().__init__(config)
        self._keeper = keeper
        self._listeners: tuple[Listener, ...] = ()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        self._listeners = tuple(self._listener(sock) for sock in sockets or ())

    def _listener(self, sock: socket.socket) -> Listener:
        return Listener(sock, self.config.backlog, self._connected, self._keeper.room)

    def _connected(self) -> asyncio.Protocol:
        protocol: type[asyncio.Protocol] = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)  # type: ignore[call-arg]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody new comes in; requests that have arrived are answered, for as long as the settings say; then all that
        is left is cut off."""
        for listener in self._listeners:
            await listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._wait_tasks_to_complete()
        except TimeoutError:
            await self._cut_off()

    async def _cut_off(self) -> None:
        connections, tasks = list(self.server_state.connections), list(self.server_state.tasks)
        log.warning("stopping: %d connections are cut off, with %d requests", len(connections), len(tasks))
        for connection in connections:
            connection.transport.abort()
        if not tasks:
            return
        _, stuck = await asyncio.wait(tasks, timeout=LAST_SECOND)
        for task in stuck:
            task.cancel()
        if stuck:
            await asyncio.wait(stuck, timeout=LAST_SECOND)
