"""Basic credentials to a principal. Source: dossier camunda.md, section 1.9; the 401 details are unverified there."""

from starlette.requests import Request

from adapters.common import basic
from adapters.common.dialect import Mount
from core.principal import Principal
from core.types import WORKER_PERMISSIONS


async def authenticate(request: Request, mount: Mount) -> Principal:
    """Raises Unauthenticated: `missing` without a header, something else if it will not do."""
    tenant = mount.engine.default_tenant
    asking = Principal(tenant, 0, "", "camunda")
    if mount.options.get("authentication") == "none":
        return Principal(tenant, 0, "anonymous", "camunda", via="none", permissions=WORKER_PERMISSIONS)
    return await basic.authenticate(request, mount.engine, asking)
