"""Removing credentials that have expired: clients that log in for each call leave many."""

import asyncio
import logging
from functools import lru_cache

from sqlalchemy import BigInteger, Integer, bindparam, delete, select

from core.clock import DAY, HOUR, MINUTE, SECOND
from core.gate import Gate
from core.identity.commands import RemoveExpired
from core.principal import system
from core.rejections import Forbidden, Unavailable
from core.storage.statements import Statement, table_of
from core.tables.identity import Credential
from core.turn.command import Removed
from core.turn.sets import SetTurn, handles_set
from core.types import Permission

log = logging.getLogger("dragoman.engine")

#: seconds after the start, and from then on
FIRST_PAUSE, PAUSE = MINUTE / SECOND, HOUR / SECOND
#: for how long who comes with an expired one is told so, and a clock that was wrong for hours has done no harm
KEPT = DAY
#: rows in one turn
BATCH = 1_000

credentials = table_of(Credential)


@lru_cache(maxsize=1)
def _delete() -> Statement:
    oldest = (
        select(credentials.c.digest)
        .where(credentials.c.expires_at < bindparam("before", type_=BigInteger))
        .order_by(credentials.c.expires_at)
        .limit(bindparam("count", type_=Integer))
        .with_for_update(skip_locked=True)  # for another process may be at it
    )
    return Statement(delete(credentials).where(credentials.c.digest.in_(oldest)))


@handles_set(RemoveExpired)
def remove_expired(cmd: RemoveExpired, turn: SetTurn) -> Removed:
    if not turn.who.may(Permission.ADMINISTER):
        raise Forbidden(Permission.ADMINISTER, kind="credential")
    count = turn.connection.run(_delete(), {"before": turn.now - KEPT, "count": BATCH})
    return Removed(count)


async def clean(engine: Gate) -> int:
    """Remove all that has expired; returns how much. Turns of others come in between."""
    count = 0
    while removed := (await engine.execute(RemoveExpired(), system(engine.default_tenant))).count:
        count += removed
    if count:
        log.info("removed %d credentials that had expired", count)
    return count


async def keep_clean(engine: Gate) -> None:
    """Until it is cancelled."""
    pause = FIRST_PAUSE
    while True:
        await asyncio.sleep(pause)
        pause = PAUSE
        try:
            await clean(engine)
        except Unavailable as error:
            log.warning("what has expired could not be removed: %s", error.detail or error.reason)
