"""infoRouter as the gateway mounts it."""

import re

from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front
from adapters.inforouter.profile import PROFILES
from adapters.inforouter.service import Srv
from adapters.inforouter.transport import Transport, fail
from schemas.inforouter.methods import methods_of

METHODS = methods_of(Srv)
SOAP = Operation("soap", "POST", "/srv.asmx", (200, 400, 413, 415, 500), "measured")
DESCRIPTION = Operation("description", "GET", "/srv.asmx", (200, 405, 500), "measured")


def _operations() -> tuple[Operation, ...]:
    calls = tuple(
        Operation(name, verb, f"/srv.asmx/{name}", (200, 500)) for name in METHODS for verb in ("GET", "POST")
    )
    return (SOAP, DESCRIPTION, *calls)


def build(mount: Mount) -> ASGIApp:
    return Front(Transport(mount, PROFILES[mount.profile], METHODS), fail)


dialect = Dialect(
    name="inforouter",
    title="infoRouter",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/[^/]+\.asmx(/|$)", re.IGNORECASE),
    example="GET /srv.asmx?WSDL",
    operations=_operations(),
    build=build,
    noise=("root/@ticket", "root/@expireOn"),
)
