"""Addresses of PostgreSQL, as libpq takes them: a URL or keywords, for one server or several."""

import os
import re
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.storage.store import StorageError

#: What is said where the address does not: a server that is away shall be noticed, whatever the machine's defaults
#: are, and whoever looks at the server's sessions shall see whose they are.
_DEFAULTS = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "fallback_application_name": "dragoman",
}
#: libpq has no variables for the others
_VARIABLES = {"connect_timeout": "PGCONNECT_TIMEOUT"}
#: psycopg waits no less
_LEAST_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One server: what libpq needs, and how to call it without what is secret."""

    conninfo: str
    place: str


@dataclass(frozen=True, slots=True)
class Address:
    """`patience` is how many seconds a server may take to let somebody in, or to say that it still lives."""

    servers: tuple[ServerAddress, ...]
    place: str
    patience: float


def read_address(text: str) -> Address:
    """Raises StorageError, without saying anything of the address that could be a password."""
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(text).items() if value is not None}
    except psycopg.Error as error:
        reason = re.sub(r':? ?".*"', "", str(error).strip(), flags=re.DOTALL)
        raise _unreadable(reason) from None
    if "@" in given.get("host", "") + given.get("dbname", ""):
        raise _unreadable(
            "an @ is where none can be; in a user's name and password write %40 for @, %2F for /, %3A for :"
        )
    params = {n: v for n, v in _DEFAULTS.items() if _VARIABLES.get(n, "") not in os.environ} | given
    servers = tuple(ServerAddress(make_conninfo("", **of), _where(of)) for of in _apart(params))
    database = given.get("dbname") or given.get("user")
    name = f"{database} at " if database else ""
    return Address(servers, name + ", ".join(server.place for server in servers), _patience(params))


def _unreadable(reason: str) -> StorageError:
    return StorageError(f"the address of the database cannot be read: {reason}")


def _patience(params: dict[str, str]) -> float:
    text = params.get("connect_timeout") or os.environ.get("PGCONNECT_TIMEOUT") or _DEFAULTS["connect_timeout"]
    try:
        seconds = float(text)
    except ValueError:
        raise _unreadable("connect_timeout has to be a number of seconds") from None
    return max(seconds, _LEAST_PATIENCE) if seconds > 0 else float(_DEFAULTS["connect_timeout"])


def _apart(params: dict[str, str]) -> list[dict[str, str]]:
    """One set of parameters for each server. Lists that come from a service file or a variable are left to libpq."""
    hosts, addresses, ports = (params.get(name, "").split(",") for name in ("host", "hostaddr", "port"))
    count = max(len(hosts), len(addresses))
    if count == 1 == len(ports):
        return [params]
    for name, values, least in (("host", hosts, count), ("hostaddr", addresses, count), ("port", ports, 1)):
        if name in params and len(values) not in (least, count):
            raise _unreadable(f"it has {count} servers, but {len(values)} values of {name}")
    apart = []
    for n in range(count):
        of = dict(params)
        for name, values in (("host", hosts), ("hostaddr", addresses), ("port", ports)):
            value = values[min(n, len(values) - 1)]
            of.pop(name, None)
            if value:
                of[name] = value
        apart.append(of)
    return apart


def _where(of: dict[str, str]) -> str:
    if "service" in of and "host" not in of and "hostaddr" not in of:
        return f"service {of['service']}"
    host = of.get("host") or of.get("hostaddr") or os.environ.get("PGHOST") or "localhost"
    return f"{host}:{of.get('port') or os.environ.get('PGPORT') or 5432}"
