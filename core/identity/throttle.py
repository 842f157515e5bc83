"""How often somebody may try a password. Asked before a password is checked, which costs a processor 20 ms and more.

Only failures count. Three buckets are looked at: of an account from one address, of an address whatever the account,
and of an account from all addresses together. The last one does not stop an address from which the account was logged
in to lately, so that whoever hammers at an account from many places does not lock its owner out.
"""

import logging
from collections import OrderedDict
from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from core.clock import MINUTE, Clock
from core.rejections import Unavailable

#: the address of who is being answered, empty if nobody knows
peer: ContextVar[str] = ContextVar("peer", default="")

_REMEMBERED = 20_000

log = logging.getLogger("dragoman.identity")


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures at once, and as many in each minute after that: of an account from one address, of an address, of an
    account from everywhere; 0 is without a limit. `queue` passwords may wait to be checked."""

    account: int = 10
    address: int = 100
    everywhere: int = 100
    queue: int = 64


class _Buckets:
    """Failures by a name; those not seen for the longest time are forgotten."""

    def __init__(self, failures: int, clock: Clock) -> None:
        self._failures = failures
        self._clock = clock
        self._levels: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def _level(self, name: Hashable) -> float:
        level, at = self._levels.get(name, (0.0, 0))
        # the clock may be set back meanwhile
        return max(0.0, level - max(0, self._clock() - at) * self._failures / MINUTE)

    def is_full(self, name: Hashable) -> bool:
        return bool(self._failures) and self._level(name) > self._failures - 1

    def add(self, name: Hashable, count: int = 1) -> None:
        self._levels[name] = (max(0.0, self._level(name) + count), self._clock())
        self._levels.move_to_end(name)
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)

    def forget(self, name: Hashable) -> None:
        self._levels.pop(name, None)


class Throttle:
    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._account = _Buckets(limits.account, clock)
        self._address = _Buckets(limits.address, clock)
        self._everywhere = _Buckets(limits.everywhere, clock)
        self._welcome: OrderedDict[tuple[Hashable, str], None] = OrderedDict()
        self._clock = clock
        self._logged_at = -MINUTE
        #: how many were turned away
        self.refused = 0

    def admit(self, account: Hashable) -> None:
        """An attempt counts as a failure until it is something else, so that many at once are counted, too.

        Raises Unavailable (`throttled`) if a password for the account may not be tried now from where it is.
        """
        address = _network(peer.get())
        if (
            self._account.is_full((account, address))
            or (address and self._address.is_full(address))
            or (self._everywhere.is_full(account) and (account, address) not in self._welcome)
        ):
            self._refuse(account, address)
        self._count(account, address, 1)

    def _refuse(self, account: Hashable, address: str) -> None:
        self.refused += 1
        if self._clock() - self._logged_at >= MINUTE:  # an attack shall not fill the log
            self._logged_at = self._clock()
            log.warning("too many wrong passwords, now for account %s from %s", account, address or "nowhere")
        raise Unavailable("throttled")

    def _count(self, account: Hashable, address: str, count: int) -> None:
        self._account.add((account, address), count)
        self._everywhere.add(account, count)
        if address:
            self._address.add(address, count)

    def undecided(self, account: Hashable) -> None:
        """The password was not looked at."""
        self._count(account, _network(peer.get()), -1)

    def succeeded(self, account: Hashable) -> None:
        address = _network(peer.get())
        self._count(account, address, -1)
        self._account.forget((account, address))
        self._welcome[account, address] = None
        self._welcome.move_to_end((account, address))
        if len(self._welcome) > _REMEMBERED:
            self._welcome.popitem(last=False)


def _network(address: str) -> str:
    """Who has one IPv6 address has 2 ** 64 of them."""
    if ":" not in address:
        return address
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped) if mapped is not None else str(ip_network(f"{ip}/64", strict=False))
