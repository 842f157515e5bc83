"""Creating, changing and deleting users. Source: dossier inforouter.md, section 3.3."""

from adapters.common.rights import ADMINISTRATOR, OWN
from adapters.inforouter import errors, mail, passwords
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, B, I, S, Service, T, X, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.people import (
    NAMESPACE,
    as_administrator,
    find_library,
    find_user,
    shape,
)
from core.clock import HOUR
from core.library.commands import SetLibraryMember
from core.people.commands import CreateUser as CreateUserCommand
from core.people.commands import DeleteUser as DeleteUserCommand
from core.people.commands import RenameUser, SetUserStatus, UpdateUser
from core.principal import Principal
from core.rejections import NotFound, Unauthenticated
from core.tables.people import User
from core.turn.command import KEEP
from core.types import WORKER_PERMISSIONS, AssigneeKind, UserStatus
from schemas.common.xml import BadXml
from schemas.inforouter import people, xmltext

WELCOME_LIFETIME = 48 * HOUR


async def _himself_or_administrator(call: Call, ticket: str | None, name: str) -> tuple[Principal, User]:
    who = await call.principal(ticket)
    user = await find_user(call, who, name)
    if user.key != who.user_key and not who.is_administrator:
        raise Denied
    return who, user


class Accounts(Service):
    @web(ADMINISTRATOR, T, S, I, root="response")
    async def ChangeUserStatus(
        ctx: Call, AuthenticationTicket: str | None, UserName: str | None, StatusCode: int
    ) -> Answer:
        """Disables (0) or enables (1) a user."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        user = await find_user(ctx, who, required("UserName", UserName))
        if StatusCode not in (0, 1):
            raise Failure("Invalid status code")
        status = UserStatus.ACTIVE if StatusCode else UserStatus.INACTIVE
        if user.status != status:
            await ctx.execute(SetUserStatus(user.username, status), who)
        return DONE

    @web(ADMINISTRATOR, T, S, I, root="response")
    async def ChangeUserType(
        ctx: Call, AuthenticationTicket: str | None, userName: str | None, userType: int
    ) -> Answer:
        """Makes a user an author (1) or a reader (2)."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        user = await find_user(ctx, who, required("userName", userName))
        if userType not in (1, 2):
            raise Failure("Invalid user type")
        await ctx.execute(UpdateUser(user.username, read_only=userType == 2), who)
        return DONE

    @web(ADMINISTRATOR, T, S_, S, S, S, S_, S_, B, S, root="response")
    async def CreateUser(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        UserName: str | None,
        FirstName: str | None,
        LastName: str | None,
        EmailAddress: str | None,
        Password: str | None,
        ReadOnlyUser: bool,
        AuthenticationSource: str | None,
    ) -> Answer:
        """Creates a user, who belongs to the library that is named."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        name = required("UserName", UserName)
        library = await find_library(ctx, who, DomainName) if (DomainName or "").strip() else None
        authority = _authority(ctx, AuthenticationSource)
        hashed = ""
        if Password:
            passwords.check_policy(ctx, Password, None, username=name)
            hashed = await ctx.mount.engine.hash_password(Password)
        command = CreateUserCommand(
            username=name,
            password_hash=hashed,
            first_name=required("FirstName", FirstName),
            last_name=required("LastName", LastName),
            email=(EmailAddress or "").strip(),
            permissions=WORKER_PERMISSIONS,
            authority=authority,
            read_only=ReadOnlyUser,
            library_key=library.key if library is not None else 0,
        )
        created = await ctx.execute(command, who)
        if library is not None:
            await ctx.execute(SetLibraryMember(library.key, AssigneeKind.USER, created.key), who)
        return Answer(first=(("id", str(created.number)),))

    @web(ADMINISTRATOR, T, S, root="response")
    async def DeleteUser(ctx: Call, AuthenticationTicket: str | None, UserName: str | None) -> Answer:
        """Deletes a user for good. Transfer what he has to do first."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        name = required("UserName", UserName)
        if passwords.flag(ctx, "user_delete_prompt"):
            raise Failure(errors.PASSWORD_2767)
        await _delete(ctx, who, name)
        return DONE

    @web(ADMINISTRATOR, T, S, S, root="response")
    async def DeleteUser1(
        ctx: Call, AuthenticationTicket: str | None, UserPassword: str | None, UserName: str | None
    ) -> Answer:
        """Deletes a user for good, with the password of the caller."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        name = required("UserName", UserName)
        if passwords.flag(ctx, "user_delete_prompt"):
            same = await ctx.log_in(who.username, UserPassword or "")
            if same.user_key != who.user_key:
                raise Unauthenticated("credentials")
        await _delete(ctx, who, name)
        return DONE

    @web(ADMINISTRATOR, T, S)
    async def SendWelcomeEmailForUser(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """Sends a new user a mail with the way to his password."""
        who = await ctx.principal(AuthenticationTicket)
        if not who.is_administrator:
            raise Denied(errors.ONLY_ADMINISTRATOR)
        try:
            user = await find_user(ctx, who, required("userName", userName))
        except NotFound:
            raise Failure("User does not exist", 4041) from None
        await mail.send(ctx, who, user, mail.WELCOME, mail.WELCOME_ELSEWHERE, lifetime=WELCOME_LIFETIME)
        return DONE

    @web(OWN, T, S, S, S, root="response")
    async def UpdateUserContactInfo(
        ctx: Call,
        AuthenticationTicket: str | None,
        userName: str | None,
        emailAddress: str | None,
        mobileNumber: str | None,
    ) -> Answer:
        """Changes mail address and phone number: an empty text clears, in SOAP an absent element keeps."""
        who, user = await _himself_or_administrator(ctx, AuthenticationTicket, required("userName", userName))
        email = KEEP if emailAddress is None else emailAddress.strip()
        mobile = KEEP if mobileNumber is None else mobileNumber.strip()
        await ctx.execute(UpdateUser(user.username, email=email, mobile=mobile), who)
        return DONE

    @web(OWN, T, S, S, root="response")
    async def UpdateUserEmail(
        ctx: Call, AuthenticationTicket: str | None, UserName: str | None, NewEmailAddress: str | None
    ) -> Answer:
        """Changes the mail address of a user."""
        who, user = await _himself_or_administrator(ctx, AuthenticationTicket, required("UserName", UserName))
        await ctx.execute(UpdateUser(user.username, email=(NewEmailAddress or "").strip()), who)
        return DONE

    @web(OWN, T, S, X, root="response")
    async def UpdateUserPreferences(
        ctx: Call, AuthenticationTicket: str | None, UserName: str | None, xmlPreferences: str | None
    ) -> Answer:
        """Changes the preferences that stand in the document."""
        who, user = await _himself_or_administrator(ctx, AuthenticationTicket, required("UserName", UserName))
        chosen = _preferences(required("xmlPreferences", xmlPreferences))
        preferences = shape(user, {}).preferences
        await ctx.execute(UpdateUser(user.username, ext={NAMESPACE: {"preferences": {**preferences, **chosen}}}), who)
        return DONE

    @web(ADMINISTRATOR, T, S, S, S, S, S, root="response")
    async def UpdateUserProfile(
        ctx: Call,
        AuthenticationTicket: str | None,
        UserName: str | None,
        NewUserName: str | None,
        NewFirstName: str | None,
        NewLastName: str | None,
        AuthenticateSource: str | None,
    ) -> Answer:
        """Changes names and authority of a user."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        user = await find_user(ctx, who, required("UserName", UserName))
        new_name = required("NewUserName", NewUserName)
        authority = _authority(ctx, AuthenticateSource or user.authority)
        first, last = required("NewFirstName", NewFirstName), required("NewLastName", NewLastName)
        if new_name != user.username:
            await ctx.execute(RenameUser(user.username, new_name), who)
        await ctx.execute(UpdateUser(new_name, first_name=first, last_name=last, authority=authority), who)
        return DONE


def _authority(call: Call, name: str | None) -> str:
    """Who keeps the password: empty for this gateway. Raises Failure with the names that are valid."""
    text = (name or "").strip()
    if text.casefold() in ("", "native", "inforouter"):
        return ""
    authorities = [a.strip() for a in call.option("authorities").split(",") if a.strip()]
    for authority in authorities:
        if authority.casefold() == text.casefold():
            return authority
    raise Failure(f"Invalid authentication source. Valid ones: {', '.join(['native', *authorities])}")


async def _delete(call: Call, who: Principal, name: str) -> None:
    user = await find_user(call, who, name)
    if user.key == who.user_key:
        raise Failure("You cannot delete yourself")
    await call.execute(DeleteUserCommand(user.username), who)


_FLAGS = ("AttachDocumentToEmail", "ShowHiddens", "ShowArchives")


def _preferences(text: str) -> dict[str, str]:
    try:
        node = xmltext.read(text)
    except BadXml as error:
        raise Failure(f"xmlPreferences parsing error:{error}") from None
    chosen: dict[str, str] = {}
    for name in people.PREFERENCES:
        value = node.value(name)
        if value is None or name == "NotificationTypeId":
            continue
        chosen[name] = _preference(name, value.strip())
    return chosen


def _preference(name: str, value: str) -> str:
    if name in _FLAGS:
        return people.upper(value.lower() in ("true", "1"))
    allowed = {"EmailType": ("HTML", "TEXT"), "NotificationType": tuple(people.NOTIFICATION_TYPES)}.get(name)
    if allowed is not None and value.upper() not in allowed:
        raise Failure(f"[{name}] error:Value is not valid.")
    return value.upper() if allowed is not None else value
