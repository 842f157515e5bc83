"""Timers that are due. Every process looks, and whoever is quicker fires them."""

import asyncio
import logging

from core.clock import SECOND
from core.gate import Gate
from core.job.commands import FireTimer
from core.job.queries import NextTimers
from core.principal import system

log = logging.getLogger("dragoman.engine")

#: seconds until the next look at the latest: another process may set a timer
POLL_SECONDS = 1.0
#: milliseconds until a timer is tried again behind which the flow could not go on
RETRY = 60 * SECOND


async def fire_due(engine: Gate) -> float:
    """Returns how many seconds it is until the next look."""
    known = await engine.ask(NextTimers(), system(engine.default_tenant))
    due = [timer for timer in known if timer.due_at <= engine.clock()]
    firing = (engine.execute(FireTimer(timer.key), system(timer.tenant_key)) for timer in due)
    for timer, outcome in zip(due, await asyncio.gather(*firing, return_exceptions=True), strict=True):
        if isinstance(outcome, BaseException):
            log.error("the timer of %s in %d failed: %s", timer.element_id, timer.instance_key, outcome)
            await engine.execute(FireTimer(timer.key, postpone=RETRY), system(timer.tenant_key))
    if due and len(due) == len(known):
        return POLL_SECONDS / 10
    wait = (known[len(due)].due_at - engine.clock()) / SECOND if known else POLL_SECONDS
    return min(max(wait, POLL_SECONDS / 100), POLL_SECONDS)
