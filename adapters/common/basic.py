"""HTTP Basic, which comes with every request and so has to be quick."""

from starlette.requests import Request

from adapters.common.http import basic_credentials, header
from core.gate import Gate
from core.identity.queries import CheckPassword
from core.principal import Principal
from core.rejections import Unauthenticated

_KIND = "authorization"


async def authenticate(request: Request, engine: Gate, asking: Principal) -> Principal:
    """The principal behind the Authorization header, speaking the dialect of `asking`.

    Raises Unauthenticated: `missing` without the header, `malformed` if it holds no Basic credentials, `credentials` if
    they are wrong.
    """
    sent = header(request, b"authorization")
    if not sent:
        raise Unauthenticated("missing")
    known = engine.recall(_KIND, sent)
    if known is not None and known.tenant_key == asking.tenant_key:
        return known.speaking(asking.dialect)
    credentials = basic_credentials(sent)
    if credentials is None:
        raise Unauthenticated("malformed")
    principal = await engine.ask(CheckPassword(*credentials), asking)
    engine.remember(_KIND, sent, principal)
    return principal
