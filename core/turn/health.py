"""What is known of the storage from what was tried with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from core.clock import SECOND, Clock
from core.rejections import Unavailable
from core.storage.store import Busy, Damaged, StorageError

log = logging.getLogger("dragoman.engine")

#: milliseconds until it is tried again whether one can write
AGAIN = 1 * SECOND
#: seconds that whoever asks waits for it; if it takes longer, they hear what is known
PATIENCE = 0.5


class Health:
    """Noted by whoever reads or writes, in any thread. The log tells what changes, not each failure: with a full disk
    there would be thousands."""

    def __init__(self, monotonic: Clock) -> None:
        self._monotonic = monotonic
        self._failure: StorageError | None = None
        self._damage = ""
        #: what was told of reading since something could be written
        self._unread = ""
        self.wrote_at: int | None = None
        #: whoever starts an engine hears of it anyhow
        self.is_quiet = True

    def wrote(self) -> None:
        if self._failure is not None:
            log.warning("the storage takes writes again")
            self._failure = None
        self.wrote_at = self._monotonic()
        self._unread = ""

    def could_not_write(self, error: StorageError) -> None:
        if str(error) != str(self._failure):
            self._tell("writing", error)
        self._failure = error
        self.wrote_at = None
        self._note_damage(error)

    def could_not_read(self, error: StorageError) -> None:
        if str(error) not in (self._unread, self._damage):
            self._tell("reading", error)
            self._unread = str(error)
        self._note_damage(error)

    def _tell(self, what: str, error: StorageError) -> None:
        log.log(logging.DEBUG if self.is_quiet else logging.ERROR, "%s failed: %s", what, error)

    def _note_damage(self, error: StorageError) -> None:
        """It does not heal while the process runs."""
        if isinstance(error, Damaged):
            self._damage = str(error)

    @property
    def is_locked_out(self) -> bool:
        """Another program held the lock longer than there was patience, and nothing could be written since."""
        return isinstance(self._failure, Busy)

    @property
    def complaint(self) -> str:
        """What keeps the storage from being of use, empty if nothing is known."""
        if self._damage:
            return "what is stored is damaged"
        return "the last write failed" if self._failure is not None else ""


class Proof:
    """That one can write, by writing: at most once a second, and not if somebody else did."""

    def __init__(self, health: Health, write: Callable[[], Awaitable[None]], monotonic: Clock) -> None:
        self._health = health
        self._write = write
        self._monotonic = monotonic
        self._tried_at: int | None = None
        self._trying: asyncio.Task[None] | None = None

    async def renew(self) -> None:
        """Afterwards the storage's health is known, as far as can be told in half a second."""
        if self._trying is None or self._trying.done():
            now = self._monotonic()
            last = max((at for at in (self._tried_at, self._health.wrote_at) if at is not None), default=None)
            if last is not None and now - last < AGAIN:
                return
            self._tried_at = now
            self._trying = asyncio.create_task(self._try())
        await asyncio.wait({self._trying}, timeout=PATIENCE)

    async def _try(self) -> None:
        with suppress(Unavailable):
            await self._write()
