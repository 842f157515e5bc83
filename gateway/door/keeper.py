"""Who keeps the connection: all connections of this process, what they hold, and which of them are turned away."""

import asyncio
import logging
from collections import Counter
from ipaddress import ip_address, ip_network
from operator import attrgetter
from typing import Protocol

from gateway.door.limits import Limits
from gateway.door.line import Line

log = logging.getLogger("dragoman.door")

#: why a client is turned away, and the setting that says when
REASONS = {
    "connections": ("too many connections", "max_connections"),
    "address": ("too many connections from there; a proxy belongs to trusted_proxies", "max_connections_per_address"),
    "first_byte": ("no request came", "first_byte_seconds"),
    "head_time": ("the head of a request took too long", "head_seconds"),
    "head_size": ("the head of a request is too long", "max_header_bytes"),
    "headers": ("too many headers", "max_headers"),
    "path": ("the path is too long", "max_path"),
    "body_time": ("a body came too slowly", "body_seconds, min_rate"),
    "write_time": ("an answer was taken too slowly", "write_seconds, min_rate"),
    "held": ("too much is held for requests that are not complete", "max_held_bytes"),
    "host": ("no Host, more than one, or one that is not served", "allowed_hosts"),
    "syntax": ("not HTTP", ""),
    "pipeline": ("too many requests at once on one connection", ""),
    "overload": ("requests stand in line for too long", "admit_within"),
}
#: lines of a kind in a minute; what is more is only counted
LINES = 5
MINUTE = 60.0


class Trusted(dict[str, bool]):
    """Which addresses are those of proxies that are believed. What has been looked up is remembered, up to a bound."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        super().__init__()
        self._everybody = "*" in networks
        self._networks = [ip_network(network) for network in networks if network != "*"]

    def __missing__(self, address: str) -> bool:
        try:
            ip = ip_address(address)
            is_trusted = self._everybody or any(ip in network for network in self._networks)
        except ValueError:
            is_trusted = self._everybody
        if len(self) >= 4096:
            self.clear()
        if len(address) < 64:
            self[address] = is_trusted
        return is_trusted


class Kept(Protocol):
    """A connection, as far as who keeps it wants to know."""

    address: str
    is_counted: bool
    #: not reading any more
    is_leaving: bool
    #: since when it is in the state that it is in
    since: float

    @property
    def held(self) -> int:
        """Bytes of a request that is not answered."""
        ...

    @property
    def is_unfinished(self) -> bool: ...

    @property
    def is_idle(self) -> bool: ...

    @property
    def is_slow_head(self) -> bool: ...

    def look(self, now: float) -> None: ...

    def leave(self) -> None: ...

    def give_up(self) -> None: ...


class Keeper:
    def __init__(self, limits: Limits, trusted: Trusted) -> None:
        self.limits = limits
        self.trusted = trusted
        self.connections: set[Kept] = set()
        self.line = Line(limits.within)
        #: bytes of unfinished heads, and of the bodies of requests that are not answered
        self.heads = 0
        self.bodies = 0
        self.refusals: Counter[str] = Counter()
        self._by_address: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._lines: Counter[str] = Counter()
        self._minute = 0.0

    # connections

    def admit(self, connection: Kept) -> str:
        """Empty if the connection may stay, else why not."""
        limits = self.limits
        self.connections.add(connection)
        address = connection.address
        if limits.per_address and not self.trusted[address]:
            self._by_address[address] += 1
            connection.is_counted = True
            if self._by_address[address] > limits.per_address:
                return "address"
        if len(self.connections) > limits.connections and not self._make_place(connection):
            return "connections"
        return ""

    def room(self) -> int:
        """How many more connections there is place for."""
        return self.limits.connections - len(self.connections)

    @property
    def is_overrun(self) -> bool:
        """Are there so many who are being turned away that nobody can be told?"""
        return len(self.connections) > self.limits.connections * 9 // 8

    def release(self, connection: Kept) -> None:
        self.connections.discard(connection)
        if connection.is_counted:
            connection.is_counted = False
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def _make_place(self, newest: Kept) -> bool:
        """Connections that do nothing go first, then unfinished heads that have been seen before; some at a time."""
        staying = [c for c in self.connections if c is not newest and not c.is_leaving]
        if len(staying) < self.limits.connections:
            return True
        staying.sort(key=attrgetter("since"))
        idle = [c for c in staying if c.is_idle] or [c for c in staying if c.is_slow_head]
        chosen = idle[: max(1, self.limits.connections // 64)]
        for connection in chosen:
            self.refusals["connections"] += 1
            connection.leave()
        return bool(chosen)

    def enter(self, address: str) -> bool:
        """A request of this client begins; False if too many are under way. Every True wants a `leave`.

        Connections are counted where clients come by themselves; where proxies are trusted, requests are.
        """
        if self.limits.per_address and self._under_way[address] >= self.limits.per_address:
            return False
        self._under_way[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._under_way[address] -= 1
        if not self._under_way[address]:
            del self._under_way[address]

    # bytes

    def make_room(self, newest: Kept) -> None:
        """The request that has been coming for longest is given up, until what is held is within the limit."""
        while self.heads + self.bodies > self.limits.held_bytes:
            unfinished = (c for c in self.connections if c.held and c.is_unfinished)
            oldest = min(unfinished, key=lambda c: (c.since, -c.held), default=newest)
            held = oldest.held
            oldest.give_up()
            if oldest is newest or oldest.held == held:
                return

    # time

    def look(self, now: float) -> None:
        """At all connections, once in a while: no request has a timer of its own."""
        for connection in tuple(self.connections):
            connection.look(now)
        if now - self._minute >= MINUTE:
            self._minute = now
            for kind, count in self._lines.items():
                if count > LINES:
                    log.warning("turned away %d more in a minute: %s", count - LINES, REASONS[kind][0])
            self._lines.clear()

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        if self.limits.is_short_of_files:
            log.warning("no more than %d connections: there are not enough files (ulimit -n)", self.limits.connections)
        while True:
            await asyncio.sleep(self.limits.pause)
            self.look(loop.time())

    def note(self, kind: str, address: str) -> None:
        """Counted always, logged a few times a minute."""
        self.refusals[kind] += 1
        self._lines[kind] += 1
        if self._lines[kind] <= LINES:
            text, setting = REASONS[kind]
            log.warning("turned away %s: %s%s", address or "a client", text, f" ({setting})" if setting else "")
