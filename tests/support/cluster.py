"""Two PostgreSQL servers, one of them a synchronous standby of the other, with the files that the documentation shows.

They are those of tests/support/postgresql.py; what is asked of them here is that they fail.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.support.postgresql import LOCALE, binaries_for, owner_of
from tests.support.server import own_port, until

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "high-availability"

PASSWORD = "n0t-that-secret"
#: the disk is not what is tested
HASTE = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "listen_addresses=127.0.0.1")


def example(name: str, places: dict[str, str]) -> str:
    """A file of the documentation, with other addresses in it."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for place, other in places.items():
        assert place in text, f"{name} has no {place}"
        text = text.replace(place, other)
    return text


@dataclass
class Node:
    """One server; `folder` is also where its socket is."""

    name: str
    folder: Path
    binaries: Path
    owner: dict[str, Any]
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.folder / self.name

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def run(self, *command: str | Path, **environment: str) -> None:
        told = {
            "PATH": f"{self.binaries}:/usr/bin:/bin",
            "PGDATA": str(self.data),
            "PGHOST": str(self.folder),
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGPASSFILE": str(self.folder / "pgpass"),
            **environment,
        }
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env=told, **self.owner)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = [*HASTE, f"port={self.port}", f"cluster_name={self.name}", f"unix_socket_directories={self.folder}"]
        command = [
            str(self.binaries / "postgres"),
            "-D",
            str(self.data),
            *(w for option in options for w in ("-c", option)),
        ]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **self.owner
            )
        until(self._lets_in)

    def _lets_in(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / f"{self.name}.log").read_text()
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        where: dict[str, Any] = {"host": str(self.folder), "port": self.port, "user": "postgres", "dbname": database}
        return psycopg.connect("", autocommit=True, **where)

    def ask(self, text: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with self.connect(database) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def stop_immediately(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def _all(self) -> list[int]:
        """The server's processes, itself the first."""
        assert self.process is not None
        pids = [self.process.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(") ")[2].split()[1])
            except OSError:
                continue  # it has ended
            if parent == self.process.pid:
                pids.append(int(stat.parent.name))
        return pids

    def _tell_all(self, number: signal.Signals) -> None:
        for pid in self._all():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self) -> None:
        self._tell_all(signal.SIGSTOP)
        self._tell_all(signal.SIGSTOP)  # those that came meanwhile

    def thaw(self) -> None:
        self._tell_all(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self._tell_all(signal.SIGKILL)
            self.process.wait()


@dataclass
class Pair:
    primary: Node
    standby: Node

    def promote(self) -> None:
        """Afterwards what was the primary is the standby that is to be, whatever it thinks."""
        self.standby.run("sh", self.standby.folder / "promote.sh")
        self.primary, self.standby = self.standby, self.primary

    def rejoin(self) -> None:
        self.standby.kill()
        to = f"host=127.0.0.1 port={self.primary.port} user=replicator"
        self.standby.run("sh", self.standby.folder / "rejoin.sh", self.standby.name, to, "--no-sync")
        self.standby.start()
        self.primary.ask("ALTER SYSTEM RESET synchronous_standby_names")
        self.primary.ask("SELECT pg_reload_conf()")
        until(self._is_synchronous)

    def _is_synchronous(self) -> bool:
        text = "SELECT application_name, state, sync_state FROM pg_stat_replication"
        return self.primary.ask(text) == [(self.standby.name, "streaming", "quorum")]


@contextmanager
def pair() -> Iterator[Pair]:
    """With an empty database `dragoman` that belongs to an account of the same name."""
    folder = Path(tempfile.mkdtemp(prefix="dragoman-pair-", dir="/tmp"))  # the path of a socket has to be short
    nodes: list[Node] = []
    try:
        owner = owner_of(folder)
        folder.chmod(0o755)
        binaries = binaries_for(folder, owner)
        nodes += [Node(name, folder, binaries, owner, own_port()) for name in ("db1", "db2")]
        first, second = nodes
        for node in nodes:
            node.data.mkdir(mode=0o700)
            if owner:
                os.chown(node.data, owner["user"], owner["group"])
        first.run(binaries / "initdb", "--auth=trust", "--username=postgres", "--no-sync", *LOCALE)
        conf = first.data / "postgresql.conf"
        conf.write_text(conf.read_text() + example("postgresql.conf", {}))
        access = first.data / "pg_hba.conf"
        places = {"10.0.0.0/24": "127.0.0.1/32", "10.0.0.10/32": "127.0.0.1/32"}
        access.write_text(example("pg_hba.conf", places) + "local all postgres trust\n")
        for script in ("promote.sh", "rejoin.sh"):
            (folder / script).write_text(example(script, {}))
        passwords = folder / "pgpass"
        passwords.write_text(f"*:*:*:*:{PASSWORD}\n")
        passwords.chmod(0o600)
        if owner:
            os.chown(passwords, owner["user"], owner["group"])
        # as whoever follows the documentation does, before there is a standby
        first.start()
        first.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
        first.ask("SELECT pg_reload_conf()")
        for statement in example("roles.sql", {"'s3cret'": f"'{PASSWORD}'"}).split(";")[:-1]:
            first.ask(statement)
        both = Pair(first, second)
        both.rejoin()
        yield both
    finally:
        for node in nodes:
            node.kill()
        shutil.rmtree(folder)
