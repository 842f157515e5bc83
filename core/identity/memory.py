"""Verified credentials, remembered for minutes under a keyed digest and forgotten when their user changes."""

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass

from core.clock import MINUTE, Clock
from core.principal import Principal

LIFETIME = 10 * MINUTE
CAPACITY = 20_000


@dataclass(slots=True)
class Remembered:
    """`until` and `checked_at`, when the user's revision was compared with the database last, are by the monotonic
    clock, `credential_expires_at` (0 if never) by the one on the wall."""

    principal: Principal
    until: int
    checked_at: int
    credential_digest: str = ""
    credential_expires_at: int = 0


class CredentialMemory:
    """What expires is forgotten by whichever clock says so first: setting one back lets nothing live longer than it was
    to live when it was first seen."""

    def __init__(self, clock: Clock, monotonic: Clock) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._key = os.urandom(32)
        self._entries: OrderedDict[bytes, Remembered] = OrderedDict()
        self._by_user: dict[int, set[bytes]] = {}
        self._ends: OrderedDict[str, tuple[int, int]] = OrderedDict()
        #: how often somebody was forgotten: what was read of a user before is not to be remembered after
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._entries)

    def _digest(self, kind: str, text: str) -> bytes:
        return hashlib.blake2b(
            f"{kind}\0{text}".encode("utf-8", "surrogatepass"), key=self._key, digest_size=16
        ).digest()

    def get(self, kind: str, text: str) -> Remembered | None:
        digest = self._digest(kind, text)
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if entry.until <= self._monotonic() or 0 < entry.credential_expires_at <= self._clock():
            self._drop(digest)
            return None
        return entry

    def has_expired(self, id: str, expires_at: int) -> bool:
        """Whether something with this end, on the wall, has expired. Once it has, it has."""
        return self._end(id, expires_at) <= self._monotonic() or expires_at <= self._clock()

    def _end(self, id: str, expires_at: int) -> int:
        """By the monotonic clock, from what was left when it was first seen."""
        known = self._ends.get(id)
        if known is None or known[0] != expires_at:  # it is new, or was extended
            known = self._ends[id] = expires_at, self._monotonic() + expires_at - self._clock()
            if len(self._ends) > CAPACITY:
                self._ends.popitem(last=False)
        return known[1]

    def put(
        self,
        kind: str,
        text: str,
        principal: Principal,
        *,
        credential_digest: str = "",
        expires_at: int = 0,
    ) -> Remembered:
        now = self._monotonic()
        until = now + LIFETIME
        if expires_at:
            until = min(until, self._end(credential_digest, expires_at))
        entry = Remembered(principal, until, now, credential_digest, expires_at)
        digest = self._digest(kind, text)
        self._drop(digest)  # it becomes the youngest
        self._entries[digest] = entry
        self._by_user.setdefault(principal.user_key, set()).add(digest)
        self._make_room(now)
        return entry

    def _make_room(self, now: int) -> None:
        """The oldest is the first: what nobody comes back with is held no longer than it is good for."""
        while self._entries:
            digest, oldest = next(iter(self._entries.items()))
            if oldest.until > now and len(self._entries) <= CAPACITY:
                return
            self._drop(digest)

    def _drop(self, digest: bytes) -> None:
        entry = self._entries.pop(digest, None)
        if entry is not None:
            digests = self._by_user.get(entry.principal.user_key, set())
            digests.discard(digest)
            if not digests:
                self._by_user.pop(entry.principal.user_key, None)

    def forget(self, user_key: int) -> None:
        self.forgotten += 1
        for digest in self._by_user.pop(user_key, set()):
            self._entries.pop(digest, None)

    def clear(self) -> None:
        self.forgotten += 1
        self._entries.clear()
        self._by_user.clear()
