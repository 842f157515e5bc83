"""infoRouter as the gateway mounts it."""

import logging
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.types import ASGIApp

from adapters.common.deliverer import check_pause
from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front
from adapters.common.options import check_number, check_one_of, check_truth
from adapters.common.rights import ANYONE
from adapters.common.smtp import mail_server
from adapters.inforouter.answering import Answering
from adapters.inforouter.auth import Call
from adapters.inforouter.declare import PAGES, Answer, Page
from adapters.inforouter.errors import Failure
from adapters.inforouter.mail import deliver
from adapters.inforouter.numbers import NUMBERS
from adapters.inforouter.profile import PROFILES, ROOTS
from adapters.inforouter.services import SERVICES
from adapters.inforouter.transport import Address, Transport, fail
from schemas.inforouter.methods import Method, methods_of
from schemas.inforouter.offered import BINARY, NOT_OFFERED

log = logging.getLogger("dragoman.inforouter")

METHODS = methods_of(*SERVICES)
#: open for whoever comes: who may is said by the method that is called
SOAP = Operation("soap", "POST", "/srv.asmx", ANYONE, (200, 400, 413, 415, 500), source="measured")
DESCRIPTION = Operation("description", "GET", "/srv.asmx", ANYONE, (200, 405, 500), source="measured")


def _operations() -> tuple[Operation, ...]:
    calls = tuple(
        Operation(name, verb, f"/srv.asmx/{name}", PAGES[name].right, (200, 400, 500))
        for name in METHODS
        for verb in ("GET", "POST")
    )
    return (SOAP, DESCRIPTION, *calls)


async def _not_offered(name: str, call: Call) -> Answer:
    log.warning("%s was called, which this gateway does not offer", name)
    raise Failure(f"{name} is not offered by this gateway", 4000)


def _all_methods() -> dict[str, Method]:
    """Those of the service, and the rest of the vendor's API, which is declared nowhere."""
    methods = dict(METHODS)
    for name, root in NOT_OFFERED.items():
        PAGES[name] = Page(ANYONE, root, binary=name in BINARY)
        methods[name] = Method(name, (), partial(_not_offered, name), declared=False)
    return methods


def _check(options: Mapping[str, str]) -> None:
    """Raises ValueError with the name of the option."""
    try:
        if options["mail_server"]:
            mail_server(options["mail_server"])
    except ValueError as error:
        raise ValueError(f"mail_server: {error}") from None
    check_pause("mail_pause", options)
    check_one_of(options, "root_element", "", *ROOTS)
    check_number(options, "password_min_length", 0)
    check_truth(options, "password_not_user_name", "user_delete_prompt")


def build(mount: Mount) -> ASGIApp:
    _check(mount.options)
    answering = Answering(mount, PROFILES[mount.profile])
    address = Address(mount.public_url, mount.allowed_hosts)
    return Front(Transport(_all_methods(), answering, address), fail)


OPTIONS: dict[str, Any] = {
    "root_element": "",
    "company": "Dragoman",
    "server_name": "DRAGOMAN",
    "sysadmin_account": "sysadmin",
    "trusted_password": "",
    "authorities": "",
    "password_min_length": "0",
    "password_not_user_name": "false",
    "user_delete_prompt": "false",
    "mail_server": "",
    "mail_from": "dragoman@localhost",
    "mail_pause": "5",
}

dialect = Dialect(
    name="inforouter",
    title="infoRouter",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/[^/]+\.asmx(/|$)", re.IGNORECASE),
    example="GET /srv.asmx?WSDL",
    operations=_operations(),
    build=build,
    options=OPTIONS,
    background=deliver,
    wsdl="/srv.asmx?WSDL",
    any_case=True,
    numbers=NUMBERS,
)
