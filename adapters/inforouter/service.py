"""The web service, declared with spyne: the names, parameters and docstrings here are the method table and the WSDL.

Source: seed page "TransferUserTasks API"; dossier inforouter.md, sections 2.1, 3.1 and 3.11.
"""

from datetime import UTC, datetime

from schemas.common import spyne_compat as spyne_compat

from spyne import AnyXml, ServiceBase, Unicode, rpc  # isort: skip

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import RequiredParameter
from core.commands import TransferTasks
from core.principal import Principal
from core.rejections import Forbidden
from core.types import Permission
from schemas.inforouter.element import Element

Required = Unicode(min_occurs=1)
ACKNOWLEDGED = Element("root", (("success", "true"),))
LEFT_BEHIND = "Some tasks could not be transferred."


def _session(principal: Principal, expires_at: int, ticket: str = "") -> Element:
    """The attributes in the order of the vendor's page; `expireOn` is UTC without a fraction."""
    end = datetime.fromtimestamp(expires_at // 1000, UTC)
    full_name = f"{principal.first_name} {principal.last_name}".strip()
    return Element(
        "root",
        (
            ("success", "true"),
            *((("ticket", ticket),) if ticket else ()),
            ("userid", str(principal.number)),
            ("username", principal.username),
            ("firstName", principal.first_name),
            ("lastName", principal.last_name),
            ("fullname", full_name),
            ("email", principal.email),
            ("expireOn", f"{end:%Y-%m-%dT%H:%M:%SZ}"),
            ("isAuthenticated", "True"),
        ),
    )


def _required(name: str, value: str | None) -> str:
    if value is None or not value.strip():
        raise RequiredParameter(name)
    return value.strip()


class Srv(ServiceBase):  # type: ignore[misc]
    @rpc(Required, Required, _returns=AnyXml)  # type: ignore[untyped-decorator]
    async def AuthenticateUser(ctx: Call, UID: str | None, PWD: str | None) -> Element:  # noqa: N805
        """Logs a user in and returns an authentication ticket."""
        principal, ticket, expires_at = await ctx.log_in(UID or "", PWD or "")
        return _session(principal, expires_at, ticket)

    @rpc(Unicode, _returns=AnyXml)  # type: ignore[untyped-decorator]
    async def isValidTicket(ctx: Call, AuthenticationTicket: str | None) -> Element:  # noqa: N805
        """Tells whether a ticket is valid, and whose it is, without extending it."""
        session = await ctx.session(AuthenticationTicket, or_cookie=True)
        return _session(session.principal, session.expires_at)

    @rpc(Unicode, _returns=AnyXml)  # type: ignore[untyped-decorator]
    async def LogOut(ctx: Call, AuthenticationTicket: str | None) -> Element:  # noqa: N805
        """Ends the session of a ticket."""
        await ctx.log_out(AuthenticationTicket)
        return ACKNOWLEDGED

    @rpc(Required, Required, Required, _returns=AnyXml)  # type: ignore[untyped-decorator]
    async def TransferUserTasks(
        ctx: Call,  # noqa: N805
        AuthenticationTicket: str | None,
        FromUserName: str | None,
        ToUserName: str | None,
    ) -> Element:
        """Transfers all open workflow tasks from one user to another. System administrators only."""
        principal = await ctx.principal(AuthenticationTicket)
        if not principal.is_administrator:
            raise Forbidden(Permission.ADMINISTER)
        giver, taker = _required("fromUserName", FromUserName), _required("toUserName", ToUserName)
        moved = await ctx.mount.engine.execute(TransferTasks(giver, taker), principal)
        if moved.left:
            return Element("root", (("success", "true"), ("warnings", LEFT_BEHIND)))
        return ACKNOWLEDGED
