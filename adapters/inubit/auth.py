"""Basic credentials, tenants and languages. Source: dossier inubit.md, sections 1.2 and 1.4."""

from dataclasses import replace

from starlette.requests import Request

from adapters.common import basic
from adapters.common.dialect import Mount
from adapters.common.http import bearer_token
from adapters.common.tokens import STATIC
from core.gate import Gate
from core.identity.queries import CheckCredential
from core.people.queries import UserByName
from core.principal import NOBODY, Principal
from core.rejections import NotFound, Unauthenticated
from core.tables.people import User
from core.types import CredentialKind
from schemas.inubit.tasklist import BadQuery, parse_roles

#: the header with the token of a user of an external frontend
FRONTEND = "x-auth-token"


async def authenticate(request: Request, mount: Mount) -> Principal:
    """One status for missing and for wrong credentials. Accounts belong to their own tenant; see `check_client`."""
    asking = replace(NOBODY, tenant_key=mount.engine.default_tenant, dialect="inubit")
    token = bearer_token(request.headers.get(FRONTEND))
    if token is not None and "authorization" not in request.headers:
        session = await mount.engine.ask(CheckCredential(token, CredentialKind.ACCESS), asking)
        if session.client_id != STATIC:
            raise Unauthenticated("token")
        return session.principal
    return await basic.authenticate(request, mount.engine, asking)


def check_client(request: Request, mount: Mount, principal: Principal) -> str:
    """The tenant name in the query, empty if there is none. A tenant that is unknown or not the caller's is a 404."""
    client = request.query_params.get("client", "")
    if client and mount.engine.tenant("inubit", client) != principal.tenant_key:
        raise NotFound("tenant", client)
    return client


async def acting_for(engine: Gate, username: str, caller: Principal) -> User:
    """Oneself, or anybody if the caller is a service account. Raises NotFound."""
    user = await engine.ask(UserByName(username), caller)
    if user.key != caller.user_key and not caller.is_administrator:
        raise NotFound("user", username)
    return user


def check_standalone(request: Request) -> None:
    """Who gives roles says that they are a portal of its own. Raises BadQuery."""
    if request.query_params.get("portal") != "standalone":
        raise BadQuery("portal")


async def roles_of(request: Request, body: bytes) -> tuple[str, ...]:
    """Those in the body, or in the header `ProcessRoles`. Service accounts may name any, others get those of them that
    they have. Raises BadQuery."""
    principal: Principal = request.state.principal
    named = parse_roles(body)
    if named is None:
        named = tuple(filter(None, (role.strip() for role in request.headers.get("processroles", "").split(","))))
    return named if principal.is_administrator else tuple(role for role in named if role in principal.groups)


def language(request: Request) -> str:
    lang = request.query_params.get("lang", "de")
    return lang if lang in ("de", "en") else "de"
