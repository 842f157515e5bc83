"""Basic credentials to a principal. Source: dossier camunda.md, section 1.9; the 401 details are unverified there."""

from starlette.requests import Request

from adapters.common.dialect import Mount
from adapters.common.http import basic_credentials
from core.principal import Principal
from core.queries import CheckPassword
from core.rejections import Unauthenticated
from core.types import WORKER_PERMISSIONS


async def authenticate(request: Request, mount: Mount) -> Principal:
    """Raises Unauthenticated: `missing` without credentials, else `credentials`."""
    tenant = mount.engine.default_tenant
    asking = Principal(tenant, 0, "", "camunda")
    if mount.options.get("authentication") == "none":
        return Principal(tenant, 0, "anonymous", "camunda", via="none", permissions=WORKER_PERMISSIONS)
    header = request.headers.get("authorization")
    if header is None:
        raise Unauthenticated("missing")
    credentials = basic_credentials(header)
    if credentials is None:
        raise Unauthenticated("credentials")
    return await mount.engine.ask(CheckPassword(*credentials), asking)
