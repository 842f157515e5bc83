"""A server that was frozen, or whose machine is away, says nothing: no statement fails, none is answered.

So when an answer takes longer than one waits to be let in, the sentry asks on a connection of its own where the primary
is. If nobody knows, or it is another one now, the connection that waits is cut; if it is the same, the statement just
takes its time. Only a commit may not: then the primary waits for a standby, and whoever asked has to hear that nobody
knows how long.
"""

import logging
import threading
import time

from core.storage.servers import Servers, Session

log = logging.getLogger("dragoman.storage")

#: seconds between two rounds
ROUND = 0.5


class Sentry(threading.Thread):
    def __init__(self, servers: Servers) -> None:
        super().__init__(name="dragoman-sentry", daemon=True)
        self._servers = servers
        self._sessions: set[Session] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def watch(self, session: Session) -> None:
        with self._lock:
            self._sessions.add(session)
            if self.ident is None:
                self.start()

    def leave(self, session: Session) -> None:
        with self._lock:
            self._sessions.discard(session)

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        while not self._stopped.wait(ROUND):
            self._round(time.monotonic())

    def _round(self, now: float) -> None:
        patience = self._servers.address.patience
        with self._lock:
            waiting = [(session, session.since) for session in self._sessions if session.since]
        late = [(s, since) for s, since in waiting if now - max(since, s.looked_at) > patience]
        if not late:
            return
        primary = self._servers.look()
        for session, since in late:
            session.looked_at = time.monotonic()
            if session.since != since:
                continue  # it was answered after all
            if primary is None or primary != session.lineage:
                why = "and cannot be found" if primary is None else "and is no primary any more"
            elif session.commits:
                why = "to a commit, as if it waited for a standby"
            else:
                continue
            log.warning("%s does not answer %s: the connection is cut", session.server.place, why)
            session.cut()
