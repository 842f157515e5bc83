"""Authorizations: who may do what with which resources. Source: dossier camunda.md, section 3.10."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Never

from starlette.responses import Response

from adapters.camunda import directory, errors, groups, users
from adapters.camunda.access import ALL
from adapters.camunda.calls import COMMAND, CREATE, DELETE, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.profile import Profile
from adapters.camunda.searching import Filter, Means, Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.directory.commands import DeleteGrant, PutGrant
from core.directory.fields import GrantField, GrantWhere
from core.directory.queries import GrantByKey, SearchGrants
from core.rejections import Conflict, NotFound
from core.search.query import Where
from core.tables.directory import Grant
from schemas.camunda.identity import OWNER_TYPES, PERMISSIONS, RESOURCE_TYPES, GrantRequest, parse_grant
from schemas.camunda.search import Member

endpoints = Endpoints()

_ACCOUNTS: Mapping[str, Callable[[Call, str], Awaitable[object]]] = {
    "USER": users.find,
    "GROUP": groups.find,
    "ROLE": lambda call, id: directory.find(call, directory.ROLE, id),
    "MAPPING_RULE": lambda call, id: directory.find(call, directory.MAPPING_RULE, id),
}
READ_GRANT = ("READ", "AUTHORIZATION")

_EXACT, _SEVERAL = Member("text"), Member("texts")
_OWNERS = {shown: (shown.lower().replace("_", "-"),) for shown in OWNER_TYPES}
_SHOWN = {kind: shown for shown, (kind,) in _OWNERS.items()}
_MEMBERS: Filter[GrantField, Never] = {
    "ownerId": (_EXACT, "owner_id"),
    "ownerType": (Member("enum", (), OWNER_TYPES), Means("owner_kind", _OWNERS)),
    "resourceIds": (_SEVERAL, "resource_id"),
    "resourceType": (Member("enum", (), RESOURCE_TYPES), "resource_kind"),
}
_SORT: Mapping[str, GrantField] = {
    "ownerId": "owner_id",
    "ownerType": "owner_kind",
    "resourceId": "resource_id",
    "resourceType": "resource_kind",
}
GRANTS: Plain[GrantField] = Searchable(
    {**_MEMBERS, "resourcePropertyNames": (_SEVERAL, "property_name")},
    {**_SORT, "resourcePropertyName": "property_name"},
)
_OLDER: Plain[GrantField] = Searchable(_MEMBERS, _SORT)


def searchable(profile: Profile) -> Plain[GrantField]:
    return GRANTS if profile.has_root else _OLDER


def record(grant: Grant, call: Call) -> dict[str, Any]:
    members: dict[str, Any] = {
        "ownerId": grant.owner_id,
        "ownerType": _SHOWN[grant.owner_kind],
        "resourceType": grant.resource_kind,
        "resourceId": grant.resource_id or None,
        "permissionTypes": grant.permissions,
        "authorizationKey": str(grant.key),
    }
    return {**members, "resourcePropertyName": grant.property_name or None} if call.profile.has_root else members


def _command(wanted: GrantRequest, key: int = 0) -> PutGrant:
    return PutGrant(
        owner_kind=_OWNERS[wanted.owner_type][0],
        owner_id=wanted.owner_id,
        resource_kind=wanted.resource_type,
        permissions=wanted.permissions,
        resource_id=wanted.resource_id,
        property_name=wanted.property_name,
        key=key,
    )


def _exists(intent: str, wanted: GrantRequest) -> Problem:
    reason = (
        f"Expected to {intent.lower()} authorization for owner '{wanted.owner_id}' for resource identifier "
        f"'{wanted.resource_id or wanted.property_name}', but an authorization for this resource identifier already "
        "exists."
    )
    return Problem(409, "ALREADY_EXISTS", f"Command '{intent}' rejected with code 'ALREADY_EXISTS': {reason}")


def _absent(intent: str, key: int) -> Problem:
    reason = (
        f"Expected to {intent.lower()} authorization with key {key}, but an authorization with this key does not exist"
    )
    return Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


async def _check(call: Call, wanted: GrantRequest, intent: str, key: int = 0) -> None:
    """It has to be there if it has a key, and to be about permissions that there are. Raises Problem."""
    call.check_doing()
    if key:
        try:
            await call.ask(GrantByKey(key))
        except NotFound:
            raise _absent(intent, key) from None
    known = PERMISSIONS[wanted.resource_type]
    unknown = [permission for permission in wanted.permissions if permission not in known]
    if unknown:
        reason = (
            f"Expected to {intent.lower()} authorization with permission types '[{', '.join(unknown)}]' and resource "
            f"type '{wanted.resource_type}', but these permissions are not supported. Supported permission types are: "
            f"'[{', '.join(known)}]'"
        )
        detail = f"Command '{intent}' rejected with code 'INVALID_ARGUMENT': {reason}"
        raise Problem(400, "INVALID_ARGUMENT", detail)
    await _check_owner(call, wanted, intent)


async def _check_owner(call: Call, wanted: GrantRequest, intent: str) -> None:
    """Who gets it, and the account that it is about, have to be there, as far as accounts are kept here. Raises
    Problem."""
    for kind, id in ((wanted.owner_type, wanted.owner_id), (wanted.resource_type, wanted.resource_id)):
        if id in ("", ALL) or kind not in _ACCOUNTS or (call.auth.mode == "oidc" and kind in ("USER", "GROUP")):
            continue
        try:
            await _ACCOUNTS[kind](call, id)
        except NotFound:
            noun = kind.lower().replace("_", " ")
            reason = (
                f"Expected to create or update authorization with ownerId or resourceId '{id}', but a {noun} with this "
                "ID does not exist."
            )
            raise errors.unknown(intent, reason) from None


@endpoints("createAuthorization", "POST", "/authorizations", (*CREATE, 404))
async def create(call: Call) -> Response:
    call.means(errors.CREATE_GRANT)
    wanted = parse_grant(await call.body())
    await _check(call, wanted, "CREATE")
    try:
        granted = await call.do(_command(wanted))
    except Conflict:
        raise _exists("CREATE", wanted) from None
    return reply({"authorizationKey": str(granted.key)}, 201)


@endpoints("getAuthorization", "GET", "/authorizations/{authorizationKey}", READ)
async def get(call: Call) -> Response:
    key = call.key("authorizationKey")
    call.check_reading(READ_GRANT, id=str(key))
    return reply(record(await call.ask(GrantByKey(key)), call))


@endpoints("updateAuthorization", "PUT", "/authorizations/{authorizationKey}", COMMAND)
async def update(call: Call) -> Response:
    key = call.key("authorizationKey")
    call.means(errors.UPDATE_GRANT, str(key))
    wanted = parse_grant(await call.body())
    await _check(call, wanted, "UPDATE", key)
    try:
        await call.do(_command(wanted, key))
    except Conflict:
        raise _exists("UPDATE", wanted) from None
    except NotFound:
        raise _absent("UPDATE", key) from None
    return Raw(204)


@endpoints("deleteAuthorization", "DELETE", "/authorizations/{authorizationKey}", (*DELETE, 400))
async def delete(call: Call) -> Response:
    key = call.key("authorizationKey")
    call.means(errors.DELETE_GRANT, str(key))
    try:
        await call.do(DeleteGrant(key))
    except NotFound:
        raise _absent("DELETE", key) from None
    return Raw(204)


@endpoints("searchAuthorizations", "POST", "/authorizations/search", SEARCH)
async def search(call: Call) -> Response:
    return await _search(call, call.access.where(READ_GRANT, "key_text"))


@endpoints("searchOwnAuthorizations", "POST", "/authentication/me/authorizations/search", SEARCH)
async def own(call: Call) -> Response:
    """Those of the caller, of their groups, roles and mapping rules."""
    grants = (await call.auth.belongings(call.principal)).grants
    only_these: GrantWhere = Where("key", "in", [grant.key for grant in grants])
    return await _search(call, (only_these,), authorizationsEnabled=call.auth.authorizations)


async def _search(call: Call, mine: tuple[GrantWhere, ...], **more: Any) -> Response:
    grants = searchable(call.profile)
    wanted = await grants.read(call)
    query = SearchGrants((*mine, *grants.where(wanted)), grants.order(wanted), page_of(wanted.page))
    return await found(await call.ask(query), lambda grant: record(grant, call), **more)
