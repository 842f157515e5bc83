"""Basic credentials, tenants and languages. Source: dossier inubit.md, sections 1.2 and 1.4."""

from dataclasses import replace

from starlette.requests import Request

from adapters.common import basic
from adapters.common.dialect import Mount
from core.principal import NOBODY, Principal
from core.rejections import NotFound


async def authenticate(request: Request, mount: Mount) -> Principal:
    """One status for missing and for wrong credentials. Accounts belong to their own tenant; see `check_client`."""
    asking = replace(NOBODY, tenant_key=mount.engine.default_tenant, dialect="inubit")
    return await basic.authenticate(request, mount.engine, asking)


def check_client(request: Request, mount: Mount, principal: Principal) -> str:
    """The tenant name in the query, empty if there is none. A tenant that is unknown or not the caller's is a 404."""
    client = request.query_params.get("client", "")
    if client and mount.engine.tenant("inubit", client) != principal.tenant_key:
        raise NotFound("tenant", client)
    return client


def language(request: Request) -> str:
    lang = request.query_params.get("lang", "de")
    return lang if lang in ("de", "en") else "de"
