"""`dragoman record`: a transparent reverse proxy that writes down what passes."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.exits import Exit
from gateway.loops import loop_factory
from gateway.traffic.labels import Named
from gateway.traffic.messages import Room
from gateway.traffic.own_addresses import OwnAddresses
from gateway.traffic.redaction import redactor_of
from gateway.traffic.relay import Relay, Rules
from gateway.traffic.upstream import READ_AHEAD, Upstream
from gateway.traffic.writer import Writer, unchanged

#: clients at the same time; who comes then is told to come later
MOST_CLIENTS = 1000
#: seconds that exchanges under way have when the recorder is stopped
GRACE = 5.0
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Recorder:
    """Listens on a socket that is bound, until `stop` is called."""

    def __init__(self, rules: Rules, writer: Writer) -> None:
        self._rules = rules
        self._writer = writer
        self._room = Room()
        self._relays = dict[asyncio.Task[None], Relay]()
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self, sock: socket.socket) -> None:
        server = await asyncio.start_server(self._serve, sock=sock, limit=READ_AHEAD, backlog=1024)
        async with server:
            await self._stopped.wait()
            server.close()
            for relay in self._relays.values():
                if not relay.busy:
                    relay.end()
            if self._relays:
                _, late = await asyncio.wait(self._relays, timeout=GRACE)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if len(self._relays) >= MOST_CLIENTS or self._stopped.is_set():
            client.write(_FULL)
            client.close()
            return
        relay = Relay(self._rules, self._writer, self._room, (reader, client))
        task = asyncio.current_task()
        assert task is not None
        self._relays[task] = relay
        try:
            with suppress(asyncio.CancelledError):
                await relay.run()
        finally:
            del self._relays[task]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants it recorded. `patience`: seconds that the server may be silent."""

    rewrite_host: bool = False
    keep_secrets: bool = False
    secret_names: tuple[str, ...] = ()
    patience: float = 300
    connect_within: float = 10


def record(
    path: Path,
    upstream: Upstream,
    sock: socket.socket,
    wishes: Wishes,
    *,
    tell: Callable[[str], None],
    say: Callable[[str], None],
) -> Exit:
    """Until SIGINT or SIGTERM. `tell` is for the terminal, `say` for what goes wrong. Raises CannotAppend."""
    own = OwnAddresses(upstream)
    redactor = None if wishes.keep_secrets else redactor_of(path, wishes.secret_names)
    writer = Writer(
        path,
        source=upstream.url,
        about={**upstream.about, "secrets": "kept" if wishes.keep_secrets else "redacted"},
        labels=Named(),
        change=redactor.exchange if redactor else unchanged,
        beside=[own.look, redactor.save] if redactor else [own.look],
        on_failure=lambda why: say(f"warning: nothing is recorded any more, clients are served: {why}"),
    )
    rules = Rules(upstream, own, wishes.connect_within, wishes.patience, wishes.rewrite_host)
    try:
        gc.enable()
        # the thread that writes must not keep the one that passes on
        sys.setswitchinterval(0.0005)
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_until_told(Recorder(rules, writer), sock, tell))
        writer.flush()
        writer.note(own.told)
    finally:
        writer.close()
    tell(f"{writer.written} exchanges recorded in {path}")
    if own.told:
        tell(own.told)
    if writer.failure:
        say(f"{writer.lost} exchanges could not be recorded: {writer.failure}")
        return Exit.REFUSED
    return Exit.DONE


async def _until_told(recorder: Recorder, sock: socket.socket, tell: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, recorder.stop)
    host, port = sock.getsockname()[:2]
    running = asyncio.create_task(recorder.run(sock))
    await asyncio.sleep(0)  # it listens
    tell(f"recording on http://{f'[{host}]' if ':' in host else host}:{port}")
    await running
