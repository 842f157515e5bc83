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
    """`checked_at` is when the user's revision was compared with the database last."""

    principal: Principal
    until: int
    checked_at: int
    credential_digest: str = ""
    credential_expires_at: int = 0


class CredentialMemory:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = os.urandom(32)
        self._entries: OrderedDict[bytes, Remembered] = OrderedDict()
        self._by_user: dict[int, set[bytes]] = {}

    def _digest(self, kind: str, text: str) -> bytes:
        return hashlib.blake2b(
            f"{kind}\0{text}".encode("utf-8", "surrogatepass"), key=self._key, digest_size=16
        ).digest()

    def get(self, kind: str, text: str) -> Remembered | None:
        digest = self._digest(kind, text)
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if entry.until <= self._clock():
            self._drop(digest)
            return None
        return entry

    def put(
        self,
        kind: str,
        text: str,
        principal: Principal,
        *,
        credential_digest: str = "",
        expires_at: int = 0,
    ) -> Remembered:
        now = self._clock()
        until = min(now + LIFETIME, expires_at) if expires_at else now + LIFETIME
        entry = Remembered(principal, until, now, credential_digest, expires_at)
        digest = self._digest(kind, text)
        self._entries[digest] = entry
        self._by_user.setdefault(principal.user_key, set()).add(digest)
        if len(self._entries) > CAPACITY:
            self._drop(next(iter(self._entries)))
        return entry

    def _drop(self, digest: bytes) -> None:
        entry = self._entries.pop(digest, None)
        if entry is not None:
            digests = self._by_user.get(entry.principal.user_key, set())
            digests.discard(digest)
            if not digests:
                self._by_user.pop(entry.principal.user_key, None)

    def forget(self, user_key: int) -> None:
        for digest in self._by_user.pop(user_key, set()):
            self._entries.pop(digest, None)

    def clear(self) -> None:
        self._entries.clear()
        self._by_user.clear()
