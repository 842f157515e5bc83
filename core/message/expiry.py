"""Messages that nobody will get any more are removed, and those that may start something now are offered."""

import asyncio
import logging
from functools import lru_cache

from sqlalchemy import BigInteger, Integer, bindparam, delete, select

from core.gate import Gate
from core.message.commands import OfferMessage, RemoveExpiredMessages
from core.message.queries import DueMessages
from core.principal import system
from core.rejections import Forbidden
from core.storage.statements import Statement, table_of
from core.tables.message import Message
from core.turn.command import Removed
from core.turn.sets import SetTurn, handles_set
from core.types import Permission

log = logging.getLogger("dragoman.engine")

#: rows in one turn
BATCH = 1_000

messages = table_of(Message)


@lru_cache(maxsize=1)
def _delete() -> Statement:
    oldest = (
        select(messages.c.key)
        .where(messages.c.expires_at <= bindparam("now", type_=BigInteger))
        .order_by(messages.c.expires_at)
        .limit(bindparam("count", type_=Integer))
        .with_for_update(skip_locked=True)  # for another process may be at it
    )
    return Statement(delete(messages).where(messages.c.key.in_(oldest)))


@handles_set(RemoveExpiredMessages)
def remove_expired(cmd: RemoveExpiredMessages, turn: SetTurn) -> Removed:
    if not turn.who.may(Permission.ADMINISTER):
        raise Forbidden(Permission.ADMINISTER, kind="message")
    return Removed(turn.connection.run(_delete(), {"now": turn.now, "count": BATCH}))


async def tend(engine: Gate) -> None:
    """What is due with messages that are kept."""
    due = await engine.ask(DueMessages(engine.clock()), system(engine.default_tenant))
    offering = (engine.execute(OfferMessage(message.key), system(message.tenant_key)) for message in due.offered)
    for message, outcome in zip(due.offered, await asyncio.gather(*offering, return_exceptions=True), strict=True):
        if isinstance(outcome, BaseException):
            log.error("the message %d starts nothing: %s", message.key, outcome)
    if due.expired:
        await engine.execute(RemoveExpiredMessages(), system(engine.default_tenant))
