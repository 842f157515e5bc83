"""Login, tickets and passwords. Source: dossier inforouter.md, sections 1.4 and 3.1."""

import hmac
from datetime import UTC, datetime

from adapters.common.rights import ANYONE, OWN
from adapters.inforouter import errors, mail
from adapters.inforouter.auth import Call, required, ticket_of
from adapters.inforouter.declare import DONE, S_, T_, Answer, S, Service, T, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.passwords import check_policy
from core.clock import HOUR
from core.identity.commands import SpendCredential
from core.identity.queries import CheckCredential, PrincipalOf
from core.people.commands import SetPassword
from core.people.fields import UserWhere
from core.people.queries import SearchUsers, UserByName
from core.principal import Principal
from core.rejections import NotFound, Unauthenticated
from core.search.query import Where
from core.tables.people import User
from core.types import CredentialKind, UserStatus

RESET_LIFETIME = HOUR
INVALID_CODE = "Invalid or expired reset code"


def _session(principal: Principal, expires_at: int, ticket: str = "") -> Answer:
    """The attributes in the order of the vendor's page; `expireOn` is UTC without a fraction."""
    end = datetime.fromtimestamp(expires_at // 1000, UTC)
    return Answer(
        first=(
            *((("ticket", ticket),) if ticket else ()),
            ("userid", str(principal.number)),
            ("username", principal.username),
            ("firstName", principal.first_name),
            ("lastName", principal.last_name),
            ("fullname", f"{principal.first_name} {principal.last_name}".strip()),
            ("email", principal.email),
            ("expireOn", f"{end:%Y-%m-%dT%H:%M:%SZ}"),
            ("isAuthenticated", "True"),
        ),
    )


async def _log_in(call: Call, username: str | None, password: str | None) -> Answer:
    principal = await call.log_in(username or "", password or "")
    if principal.username.casefold() == call.option("sysadmin_account").casefold():
        raise Failure("[902] Ticket generation not allowed", 4030)
    ticket, expires_at = await call.issue(principal)
    return _session(principal, expires_at, ticket)


class Login(Service):
    @web(ANYONE, S, S)
    async def AuthenticateUser(ctx: Call, UID: str | None, PWD: str | None) -> Answer:
        """Logs a user in and returns an authentication ticket."""
        return await _log_in(ctx, UID, PWD)

    @web(ANYONE, S, S, S_)
    async def AuthenticateUser1(ctx: Call, UID: str | None, PWD: str | None, Lang: str | None) -> Answer:
        """Logs a user in, with a language for the session."""
        return await _log_in(ctx, UID, PWD)

    @web(ANYONE, S_, S_)
    async def AuthenticateUserViaWindows(ctx: Call, language: str | None, oldTicket: str | None) -> Answer:
        """Logs the user of a Windows session in."""
        raise Failure("[900] Authentication failed - Unauthenticated User.", 4010)

    @web(ANYONE, S, S, S)
    async def ChangePasswordUsingSecretText(
        ctx: Call, userName: str | None, secretText: str | None, newPassword: str | None
    ) -> Answer:
        """Sets a new password with the code of a reset mail, which is good for one hour and once."""
        name = required("userName", userName)
        code = ticket_of(secretText)
        user = await ctx.ask(UserByName(name, exact=False), ctx.asking)
        try:
            session = await ctx.ask(CheckCredential(code, CredentialKind.RESET), ctx.asking)
        except Unauthenticated:
            raise Failure(INVALID_CODE) from None
        if session.principal.user_key != user.key:
            raise Failure(INVALID_CODE)
        await _new_password(ctx, session.principal, user, newPassword, code=session.digest)
        return DONE

    @web(OWN, T, S, S)
    async def ChangeUserPassword(
        ctx: Call, AuthenticationTicket: str | None, UserName: str | None, NewPassword: str | None
    ) -> Answer:
        """Sets the password of a user: one's own, or anybody's with the right to manage users."""
        who = await ctx.principal(AuthenticationTicket)
        name = required("UserName", UserName)
        user = await ctx.ask(UserByName(name, exact=False), who)
        if user.key != who.user_key and not who.is_administrator:
            raise Denied(errors.INSUFFICIENT)
        await _new_password(ctx, who, user, NewPassword)
        return DONE

    @web(ANYONE, S, S)
    async def CreateTicketforUser(ctx: Call, TrustedUserPwd: str | None, UserName: str | None) -> Answer:
        """A ticket for a user, for a program that knows the trusted password of this server."""
        name = (UserName or "").strip()
        if name.casefold() == ctx.option("sysadmin_account").casefold():
            raise Failure("[902] Ticket generation are not allowed for this user.", 4030)
        trusted = ctx.option("trusted_password")
        if not trusted or not _same(TrustedUserPwd or "", trusted):
            raise Unauthenticated("credentials")
        try:
            user = await ctx.ask(UserByName(name, exact=False), ctx.asking)
            principal = await ctx.ask(PrincipalOf(user_key=user.key, via="ticket"), ctx.asking)
        except NotFound:
            raise Unauthenticated("credentials") from None
        ticket, _ = await ctx.issue(principal)
        return Answer(first=(("ticket", ticket),))

    @web(ANYONE, S)
    async def ForgotPassword(ctx: Call, emailAddress: str | None) -> Answer:
        """Sends a mail to reset the password of each account with an address."""
        address = (emailAddress or "").strip()
        if not address:
            raise Failure("Please enter your Email address.")
        of_address: UserWhere = Where("email", "ilike", _literal(address))
        active: UserWhere = Where("status", "eq", UserStatus.ACTIVE.value)
        users = (await ctx.ask(SearchUsers((of_address, active)), ctx.asking)).items
        if not users:
            raise Failure("No user found with this email", 4041)
        for user in users:
            await mail.send(ctx, ctx.asking, user, mail.RESET, mail.ELSEWHERE, lifetime=RESET_LIFETIME)
        return DONE

    @web(ANYONE, S)
    async def ForgotPasswordByUserName(ctx: Call, userName: str | None) -> Answer:
        """Sends a mail to reset the password of an account."""
        name = (userName or "").strip()
        if not name:
            raise Failure("User name field cannot be empty.")
        user = await ctx.ask(UserByName(name, exact=False), ctx.asking)
        if user.status != UserStatus.ACTIVE:
            raise NotFound("user", name)
        await mail.send(ctx, ctx.asking, user, mail.RESET, mail.ELSEWHERE, lifetime=RESET_LIFETIME)
        return DONE

    @web(ANYONE, T_)
    async def isValidTicket(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """Tells whether a ticket is valid, and whose it is, without extending it."""
        session = await ctx.session(AuthenticationTicket, lenient=True)
        return _session(session.principal, session.expires_at)

    @web(ANYONE, T_)
    async def LogOut(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """Ends the session of a ticket."""
        await ctx.log_out(AuthenticationTicket)
        return DONE

    @web(ANYONE, S, S, S_, S_)
    async def RenewTicket(
        ctx: Call, UID: str | None, PWD: str | None, Lang: str | None, OldTicket: str | None
    ) -> Answer:
        """Extends a ticket for another thirty days, or makes a new one."""
        if (OldTicket or "").strip() and not ticket_of(OldTicket):
            raise Failure("invalid ticket format")
        principal = await ctx.log_in(UID or "", PWD or "")
        old = ticket_of(OldTicket) or ticket_of(ctx.cookie)
        if old:
            try:
                session = await ctx.session(old)
            except Unauthenticated:
                session = None
            if session is not None and session.principal.user_key == principal.user_key:
                return _session(principal, await ctx.extend(session), old)
        ticket, expires_at = await ctx.issue(principal)
        return _session(principal, expires_at, ticket)


def _same(given: str, trusted: str) -> bool:
    return hmac.compare_digest(given.encode(), trusted.encode())


def _literal(text: str) -> str:
    """A text as a pattern that matches only itself."""
    return "".join(f"\\{c}" if c in "*?\\" else c for c in text)


async def _new_password(call: Call, who: Principal, user: User, password: str | None, code: str = "") -> None:
    text = password or ""
    check_policy(call, text, user)
    same: bool = await call.mount.engine.verify_password(text, user.password_hash or None)
    if user.password_hash and same:
        raise Failure("New password cannot be the same as old password")
    if code:
        try:
            await call.execute(SpendCredential(code, CredentialKind.RESET), who)
        except NotFound:
            raise Failure(INVALID_CODE) from None
    hashed = await call.mount.engine.hash_password(text)
    await call.execute(SetPassword(user.username, hashed), who)
