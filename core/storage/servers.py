"""Which of the servers of an address takes writes, and whether it is still the one that it was.

A server that was a standby and became the primary goes on with a *timeline* of its own, one higher than the last. So of
two that both say that they are the primary, the one on the higher timeline is: the other one was frozen or cut off, and
has not heard of it yet. What a process remembers of a database belongs to the timeline on which it was read.
"""

import logging
import os
import re
import select
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from core.storage.address import Address, ServerAddress
from core.storage.store import Retry, Row

log = logging.getLogger("dragoman.storage")

#: one line: whose process answers; whether it is a standby; of which database cluster, on which timeline
IDENTIFY = (
    "SELECT pg_backend_pid(), pg_is_in_recovery(), (pg_control_system()).system_identifier::text, "
    "CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END"
)
#: what every relative of PostgreSQL can answer
_IDENTIFY_ANY = "SELECT pg_backend_pid(), pg_is_in_recovery(), NULL, NULL"
#: seconds at most in which nobody tries again what has just taken long, and failed
HOLD_OFF = 1.0


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which history of the database a server goes on with. The cluster is empty where the server does not tell."""

    cluster: str = ""
    timeline: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    pid: int
    is_standby: bool
    lineage: Lineage


def identity(row: Any) -> Identity:
    """Of an answer to IDENTIFY, as text or as values."""
    pid, standby, cluster, segment = row
    lineage = Lineage(cluster, int(segment[:8], 16)) if cluster and segment else Lineage()
    return Identity(int(pid), standby in (True, "t"), lineage)


class Session:
    """A connection to one server, perhaps through a pooler that gives every transaction to another of its own."""

    __slots__ = ("_cable", "_lock", "commits", "db", "epoch", "is_pooled", "lineage", "looked_at", "server", "since")

    def __init__(self, db: psycopg.Connection[Row], server: ServerAddress, who: Identity) -> None:
        self.db = db
        self.server = server
        self.lineage = who.lineage
        self.is_pooled = who.pid != db.info.backend_pid
        self.epoch = 0
        #: when the statement began that is waited for, 0 if none is; whether it is the commit; when it was doubted last
        self.since = 0.0
        self.commits = False
        self.looked_at = 0.0
        self._lock = threading.Lock()
        self._cable: socket.socket | None = socket.socket(fileno=os.dup(db.fileno()))

    def cut(self) -> None:
        """Whoever waits for an answer, in another thread, hears that the connection is lost."""
        with self._lock:
            if self._cable is not None:
                try:
                    self._cable.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it was closed by the other end

    def let_go(self) -> psycopg.Connection[Row]:
        """For who looks after it from now on."""
        with self._lock:
            if self._cable is not None:
                self._cable.close()
                self._cable = None
        return self.db

    def close(self) -> None:
        self.let_go().close()


def _ask(db: psycopg.Connection[Row], text: str, patience: float) -> list[str | None]:
    """The one row of an answer, within a time: psycopg itself waits for ever."""
    line = db.pgconn
    until = time.monotonic() + patience
    waiting = select.poll()  # of a file with any number
    waiting.register(line.socket, select.POLLIN)
    line.send_query(text.encode())
    line.flush()
    row: list[str | None] = []
    while True:
        while line.is_busy():
            left = until - time.monotonic()
            if left <= 0 or not waiting.poll(left * 1000):
                raise psycopg.OperationalError("it lets one in, and then does not answer")
            line.consume_input()
        result = line.get_result()
        if result is None:
            return row
        if result.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
        if result.status == ExecStatus.TUPLES_OK:
            values = (result.get_value(0, n) for n in range(result.nfields))
            row = [None if value is None else value.decode() for value in values]


def _identify(db: psycopg.Connection[Row], patience: float) -> Identity:
    try:
        return identity(_ask(db, IDENTIFY, patience))
    except psycopg.OperationalError:
        raise
    except psycopg.Error:  # some that are run by others do not tell everything
        return identity(_ask(db, _IDENTIFY_ANY, patience))


def reason(error: psycopg.Error) -> str:
    """The first failure that the driver tells, in one line and without what it says around it."""
    lines = [line.strip(" -") for line in str(error).splitlines()] or [""]
    text = lines[1] if len(lines) > 1 and lines[0].endswith(":") else lines[0]
    text = text.rpartition(" failed: ")[2].removeprefix("FATAL:").strip()
    return re.sub(r"\[Errno -?\d+\] ", "", text)


class Servers:
    """Used by all threads of a store.

    `epoch` counts the times at which the database became another one: what is remembered of it has to be forgotten.
    """

    def __init__(self, address: Address, *, reading: bool) -> None:
        self.address = address
        self.epoch = 0
        #: a pooler may not keep statements that were prepared on one of its connections
        self.prepares = True
        self._reading = reading
        self._is_pooled = False
        self._lineage: Lineage | None = None
        self._primary: ServerAddress | None = None
        self._opening = threading.Lock()
        self._noting = threading.Lock()
        self._failure = ""
        self._failed_at = self._failing_for = 0.0

    def open(self) -> Session:
        """A session on the primary. One thread at a time tries; who waited meanwhile hears what came of it."""
        asked = time.monotonic()
        with self._opening:
            began = time.monotonic()
            holding_off = began - self._failed_at < min(self._failing_for, HOLD_OFF)
            if self._failure and (self._failed_at > asked or holding_off):
                raise Retry(self._failure)
            try:
                session = self._find()
                try:
                    session.epoch = self.see(session.lineage)
                except Retry:
                    session.close()
                    raise
            except Retry as error:
                self._primary = None
                self._failure = str(error)
                self._failed_at = time.monotonic()
                self._failing_for = self._failed_at - began
                raise
            self._failure = ""
            self._primary = session.server
            if session.is_pooled and not self._is_pooled:
                log.info("%s is a pooler: no statements are prepared", session.server.place)
            self._is_pooled = session.is_pooled
            session.db.prepare_threshold = 2 if self.prepares and not session.is_pooled else None
            return session

    def lost(self) -> None:
        """A session was lost: the next one has to be looked for everywhere."""
        with self._noting:
            self._primary = None
            if self._lineage == Lineage():  # it could be any
                self.epoch += 1

    def see(self, lineage: Lineage) -> int:
        """What a primary says of itself, in which epoch. Raises Retry if it is one of the past."""
        with self._noting:
            known = self._lineage
            if known == lineage:
                return self.epoch
            if known is not None and known.cluster == lineage.cluster and known.timeline > lineage.timeline:
                raise Retry(
                    f"cannot use the database {self.address.place}: it was the primary once and goes on with timeline "
                    f"{lineage.timeline}, the primary is on {known.timeline}"
                )
            self._lineage = lineage
            self._primary = None
            if known is not None:
                self.epoch += 1
            return self.epoch

    def look(self) -> Lineage | None:
        """Where the primary is now, on connections of one's own; None if nobody can tell."""
        session = self._survey()[0]
        if session is None:
            return None
        session.close()
        try:
            self.see(session.lineage)
        except Retry:
            return None
        return session.lineage

    def _find(self) -> Session:
        primary = self._primary
        if primary is not None and len(self.address.servers) > 1:
            try:
                session, who = self._open(primary)
                if not who.is_standby:
                    return session
                session.close()
            except psycopg.Error:
                pass
        best, complaints = self._survey()
        if best is None:
            raise Retry(f"cannot reach the database {self.address.place}: {'; '.join(complaints)}")
        return best

    def _survey(self) -> tuple[Session | None, list[str]]:
        """The one on the highest timeline of those that take writes; what is wrong with the others."""
        best: Session | None = None
        complaints = []
        alone = len(self.address.servers) == 1
        for server in self.address.servers:
            try:
                session, who = self._open(server)
            except psycopg.Error as error:
                complaints.append(reason(error) if alone else f"{server.place}: {reason(error)}")
                continue
            if who.is_standby and not self._reading:
                complaints.append(f"{'it' if alone else server.place} is a standby, which takes no writes")
                session.close()
            elif best is None or session.lineage.timeline > best.lineage.timeline:
                if best is not None:
                    best.close()
                best = session
            else:
                session.close()
        return best, complaints

    def _open(self, server: ServerAddress) -> tuple[Session, Identity]:
        try:
            db = psycopg.connect(server.conninfo, autocommit=True)
        except UnicodeError:
            raise psycopg.OperationalError("this can be no name of a host") from None
        try:
            who = _identify(db, self.address.patience)
            return Session(db, server, who), who
        except BaseException:
            db.close()
            raise
