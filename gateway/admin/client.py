"""The command line's half: an order is carried out here, or by the gateway that has the SQLite file.

Who has the file is found out by trying to have it. It may be another command, or a gateway that starts or stops: both
are waited for. What was handed over is not handed over again.
"""

import asyncio
import json
import socket
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from core.engine import Engine
from core.principal import system
from core.storage import open_store
from core.storage.store import Store, StoreInUse
from gateway.admin.order import Order, name_of
from gateway.admin.place import connect, identity, listener, listens_for, place_for
from gateway.admin.wire import DATABASE, MOST, ROOT
from gateway.exits import Answered, Exit, Failed, Unreachable
from gateway.settings import Settings

#: seconds that somebody may have the file who takes no orders, and between two looks
PATIENCE = 10.0
PAUSE = 0.05
#: seconds until a gateway has to answer
ANSWER = 60.0

_UNKNOWN = "whether it was done nobody knows"


def carry_out(settings: Settings, order: Order) -> str:
    """What the command prints. Makes the database if there is none."""
    order.check()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            store = open_store(settings.database_url)
        except StoreInUse as in_use:
            gateway = _Gateway.at(settings, in_use)
            answer = gateway.hand_over(order) if gateway is not None else None
            if answer is not None:
                return answer
            if time.monotonic() >= until:
                raise
            time.sleep(PAUSE)
        else:
            return asyncio.run(_here(store, order))


def check_served(settings: Settings, in_use: StoreInUse) -> None:
    """Raises StoreInUse if nobody takes orders for the file, although it was waited for."""
    until = time.monotonic() + PATIENCE
    while True:
        gateway = _Gateway.at(settings, in_use)
        if gateway is not None and gateway.is_there():
            return
        try:
            open_store(settings.database_url).close()
            return
        except StoreInUse:
            if time.monotonic() >= until:
                raise
        time.sleep(PAUSE)


async def _here(store: Store, order: Order) -> str:
    engine = Engine(store)
    try:
        await engine.start()
        return await order.carry_out(engine, system(engine.default_tenant))
    finally:
        await engine.stop()


class _Connection(HTTPConnection):
    def __init__(self, path: Path, database: Path) -> None:
        super().__init__("localhost", timeout=ANSWER)
        self._path = path
        self._database = database

    def connect(self) -> None:
        self.sock: socket.socket = connect(self._path, ANSWER)
        if not listens_for(listener(self.sock, self._path), self._database):
            raise _Stranger


class _Stranger(Exception):
    """Somebody else listens."""


class _Gateway:
    """The one that has a file, or so it seems."""

    def __init__(self, path: Path, in_use: StoreInUse) -> None:
        self._path = path
        self._in_use = in_use

    @classmethod
    def at(cls, settings: Settings, in_use: StoreInUse) -> "_Gateway | None":
        path = place_for(settings, in_use.file)
        return cls(path, in_use) if path is not None and path.is_socket() else None

    def is_there(self) -> bool:
        return self._ask("GET", ROOT, b"", "version") is not None

    def hand_over(self, order: Order) -> str | None:
        """None: nobody took it. Raises Answered for a refusal."""
        body = json.dumps(order.values()).encode()
        if len(body) > MOST:
            raise Failed(
                f"that is more than the {MOST // 1024 // 1024} MiB that a gateway takes which has the database"
            )
        return self._ask("POST", ROOT + name_of(order), body, "text")

    def _ask(self, method: str, path: str, body: bytes, member: str) -> str | None:
        """What the answer has as that member; None: nobody has looked at it."""
        with closing(_Connection(self._path, self._in_use.file)) as connection:
            if not self._send(connection, method, path, body):
                return None
            unknown = f": {_UNKNOWN}" if body else ""
            try:
                response = connection.getresponse()
                status, answer = response.status, response.read()
            except TimeoutError:
                raise Unreachable(f"no answer at {self._path} within {ANSWER:.0f} seconds{unknown}") from None
            except (OSError, HTTPException):
                raise Unreachable(f"the gateway at {self._path} ended before it answered{unknown}") from None
        return self._read(status, answer, member)

    def _send(self, connection: _Connection, method: str, path: str, body: bytes) -> bool:
        """False: it was not taken as a whole, so nothing is done about it."""
        try:
            connection.connect()
            headers = {DATABASE: identity(self._in_use.file), "content-type": "application/json"}
            connection.request(method, path, body or None, headers)
        except _Stranger:
            text = f"{self._in_use} Somebody else listens at {self._path}, to whom nothing was told."
            raise StoreInUse(text, self._in_use.file) from None
        except PermissionError:
            raise self._of_others() from None
        except TimeoutError:
            raise Unreachable(f"nobody answers at {self._path} within {ANSWER:.0f} seconds") from None
        except OSError:
            with suppress(OSError, HTTPException):
                if connection.getresponse().status == 403:  # they did not wait for the rest
                    raise self._of_others() from None
            return False
        return True

    def _of_others(self) -> StoreInUse:
        return StoreInUse(f"{self._in_use} It takes commands of its own account, and of root.", self._in_use.file)

    def _read(self, status: int, text: bytes, member: str) -> str | None:
        if status == 421:
            return None
        if status == 403:
            raise self._of_others()
        try:
            answer = json.loads(text)
            if status == 200:
                return str(answer[member])
            raise Answered(Exit(answer["exit"]), str(answer["text"]))
        except (ValueError, TypeError, KeyError):
            if status == 503:  # too many come at once: it was not looked at
                return None
            raise Unreachable(f"whoever listens at {self._path} is no gateway: it answered {status}") from None
