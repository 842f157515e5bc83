"""Commits, each of them once, also where the connection is lost on the way.

Whoever did all of it again could do it twice; whoever did not could lose it. So the transaction's own event is the
witness: once no transaction that wrote it is under way, either it is there or it never will be.
"""

import time

from sqlalchemy import BigInteger, bindparam, func, literal_column, select

from core.storage.cache import cached
from core.storage.statements import Bulk, Statement, bulk_insert, table_of
from core.storage.store import Connection, Retry, StorageError, Unsure
from core.tables.event import Event

#: seconds in which it may come out whether a commit was done, and between two looks
PATIENCE = 5.0
PAUSE = 0.1

events = table_of(Event)

#: writes to the log of PostgreSQL, and waits for nobody's locks
_SOMETHING = Statement(select(func.pg_logical_emit_message(literal_column("true"), "dragoman", "")))


class Undecided(StorageError):
    """Nobody could tell within a time whether a commit was done: who asked for it cannot be told either."""

    def __init__(self, text: str, witness: Event | None = None) -> None:
        super().__init__(text)
        self.witness = witness


def commit_once(connection: Connection, witness: Event | None) -> None:
    """Raises Retry if it was not done, Undecided if nobody knows. What has no witness may be done twice."""
    try:
        connection.commit()
    except Unsure as failure:
        connection.rollback()
        if not was_done(connection, witness):
            raise Retry(str(failure)) from failure


def was_done(connection: Connection, witness: Event | None, patience: float = PATIENCE) -> bool:
    """Raises Undecided if that cannot be told within `patience` seconds."""
    connection.expects = None  # whoever goes on with the database now has to know
    until = time.monotonic() + patience
    while True:
        try:
            return _is_there(connection, witness)
        except Retry as failure:
            connection.rollback()
            if time.monotonic() >= until:
                raise Undecided(str(failure), witness) from failure
            time.sleep(PAUSE)


def _is_there(connection: Connection, witness: Event | None) -> bool:
    """The key alone says nothing: a standby that lacks the last of what was written gives the same keys out again."""
    if connection.commits_hang():
        raise Retry("commits wait for a standby")
    if witness is None:
        return False
    insert = _insert()
    if not connection.clashes(insert, insert.row(witness)):
        return False
    same = (witness.at, witness.tenant_key, witness.kind, witness.actor_key)
    if connection.fetch(_witness(), {"key": witness.key}) != [same]:
        return False
    connection.begin()
    connection.fetch(_SOMETHING)
    connection.commit()  # what comes later is not on the standby's disk without it
    return True


@cached(maxsize=1)
def _insert() -> Bulk:
    return bulk_insert(Event)


@cached(maxsize=1)
def _witness() -> Statement:
    columns = (events.c.at, events.c.tenant_key, events.c.kind, events.c.actor_key)
    return Statement(select(*columns).where(events.c.key == bindparam("key", type_=BigInteger)))
