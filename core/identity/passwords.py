"""argon2id at 19 MiB, two passes, one lane: the least that OWASP recommends. About 20 ms; never on the event loop."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.clock import Clock, monotonic_clock
from core.pool import Pool

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

#: of a random text that nobody kept, so that an unknown user costs the same as a wrong password
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$nM5Wz4c/jHja+qNwWLQpQA$dHU+AfG9+uhIHsfTO+tca59v3sj/CDDB5J+TXxW8MU0"


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Takes the same time whether the user exists (`password_hash` None: no) or not."""
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


class Passwords:
    """Hashing and verifying in threads that do nothing else: no other slow work keeps anybody from logging in."""

    def __init__(self, queue: int, clock: Clock = monotonic_clock, within: int = 0, threads: int = 2) -> None:
        self._pool = Pool("hash", threads, clock, most=queue, within=within)

    @property
    def waiting(self) -> int:
        """Passwords that wait for a thread or are in one."""
        return self._pool.under_way

    @property
    def refused(self) -> int:
        return self._pool.refused

    async def hash(self, password: str) -> str:
        """Raises Unavailable (`overload`), as does `verify`."""
        return await self._pool.run(hash_password, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """See `verify_password`."""
        return await self._pool.run(verify_password, password, password_hash)

    def close(self) -> None:
        self._pool.close()
