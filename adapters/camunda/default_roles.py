"""The roles that a store of the vendor's begins with, and what they may. Source: the vendor's source, unverified."""

import logging
from collections.abc import Iterator, Mapping

from adapters.common.dialect import Mount
from core.directory.commands import AddAssociate, CreateEntry, PutGrant
from core.principal import system
from core.rejections import Conflict, Rejection
from core.turn.command import Command, Several
from core.types import ADMINISTRATORS, DEFAULT_TENANT, EntryKind, MemberKind, OwnerKind
from schemas.camunda.identity import PERMISSIONS

log = logging.getLogger("dragoman.camunda")

#: by the id of a role: what it is called
_NAMES: Mapping[str, str] = {
    "readonly-admin": "Readonly Admin",
    "rpa": "RPA",
    "connectors": "Connectors",
    "app-integrations": "App Integrations",
}
_READS = ("READ", "ACCESS")
_MAY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "readonly-admin": {
        kind: tuple(permission for permission in known if permission.startswith(_READS))
        for kind, known in PERMISSIONS.items()
    },
    ADMINISTRATORS: PERMISSIONS,
    "rpa": {"RESOURCE": ("READ",), "PROCESS_DEFINITION": ("UPDATE_PROCESS_INSTANCE",)},
    "connectors": {
        "PROCESS_DEFINITION": (
            "READ_PROCESS_INSTANCE",
            "READ_PROCESS_DEFINITION",
            "CREATE_PROCESS_INSTANCE",
            "UPDATE_PROCESS_INSTANCE",
        ),
        "MESSAGE": ("CREATE",),
        "DOCUMENT": ("CREATE", "READ", "DELETE"),
    },
    "app-integrations": {
        "PROCESS_DEFINITION": (
            "READ_PROCESS_DEFINITION",
            "CREATE_PROCESS_INSTANCE",
            "READ_PROCESS_INSTANCE",
            "UPDATE_PROCESS_INSTANCE",
            "READ_USER_TASK",
            "UPDATE_USER_TASK",
        ),
        "DOCUMENT": ("CREATE",),
    },
}
#: who is in the tenant
_MEMBERS = (ADMINISTRATORS, "rpa", "connectors", "app-integrations")


def _commands() -> Iterator[Command[object]]:
    for id, name in _NAMES.items():
        yield CreateEntry(EntryKind.ROLE, id, name)
    for id, may in _MAY.items():
        for kind, permissions in may.items():
            if permissions:
                yield PutGrant(OwnerKind.ROLE, id, kind, tuple(sorted(permissions)), resource_id="*")
    for id in _MEMBERS:
        yield AddAssociate(OwnerKind.TENANT, DEFAULT_TENANT, MemberKind.ROLE, id)


async def put_default_roles(mount: Mount) -> None:
    """All of them, or none: where one is there somebody has seen to them."""
    if mount.options.get("default_roles", "off") != "on":
        return
    try:
        await mount.engine.execute(Several(tuple(_commands())), system(mount.engine.default_tenant))
    except Conflict:
        return
    except Rejection as error:
        log.warning("the default roles of Camunda could not be made: %s", error)
