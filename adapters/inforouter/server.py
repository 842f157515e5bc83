"""The server itself. Source: dossier inforouter.md, sections 3.1 and 3.2."""

import re
from datetime import UTC, datetime

from adapters.common.rights import ADMINISTRATOR, ANYONE, SIGNED_IN
from adapters.inforouter import errors, passwords
from adapters.inforouter.auth import Call
from adapters.inforouter.declare import T_, Answer, S, Service, T, void, web
from adapters.inforouter.errors import Denied
from core.people.fields import UserWhere
from core.people.queries import SearchUsers
from core.search.query import PageRequest, Where
from core.types import UserStatus
from schemas.common.numbers import whole
from schemas.inforouter.element import Element
from schemas.inforouter.people import fields, lower, upper

#: what clients ask to be translated: the texts behind the bracketed numbers
RESOURCES = {
    115: "Domain not found",
    347: "User has been deleted",
    900: "Authentication failed",
    901: "Session expired or Invalid ticket",
    902: "Ticket generation not allowed",
    903: "Required parameter.",
    921: "Insufficient rights",
    1573: "Only the system administrator can perform this operation",
    2285: "Document not found at specified path",
    2730: "Insufficient rights. Anonymous users cannot perform this action.",
    2767: "Password confirmation is required",
    2840: "Administrator role required",
}
NEVER_ENDS = "2099-12-31T23:59:59Z"
UPLOAD_LIMIT = "0"


def _offset(local: datetime) -> str:
    """Hours east of Greenwich, decimal."""
    delta = local.utcoffset()
    hours = delta.total_seconds() / 3600 if delta is not None else 0.0
    return f"{hours:g}"


class Server(Service):
    @web(ANYONE)
    async def ServerInfo(ctx: Call) -> Answer:
        """Version, clock and features of the server."""
        now = datetime.fromtimestamp(ctx.now // 1000, UTC)
        local = now.astimezone()
        return Answer(
            first=(
                ("VersionNumber", ctx.profile.version),
                ("Server_date_time", f"{local:%Y-%m-%dT%H:%M:%S}"),
                ("Coordinated_Universal_Time", f"{now:%Y-%m-%dT%H:%M:%SZ}"),
                ("UTC_Offset", _offset(local)),
                ("Company", ctx.option("company")),
                ("ServerName", ctx.option("server_name")),
                ("LicenseCount", "0"),
                ("SubscriptionEndDate", NEVER_ENDS),
                ("WindowsAuthenticationIsOn", "false"),
                ("WorkflowIsOn", "true"),
                ("AnonymousAccessIsOn", "false"),
                ("ComplianceModuleIsOn", "false"),
            )
        )

    @void(ANYONE)
    async def MaintenanceBeat(ctx: Call) -> None:
        """Does nothing, for monitors."""

    @web(ANYONE, T, root="response")
    async def getApplicationParameters(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The parameters of the application that clients need."""
        session = await ctx.session(AuthenticationTicket) if AuthenticationTicket or ctx.cookie else None
        if session is not None:
            await ctx.extend(session)
        values: list[tuple[str, object]] = [
            ("WEBDAV", upper(False)),
            ("ALLOWEMAILATTACHMENTS", upper(False)),
            ("ATTACHMENTSIZELIMIT", 0),
            ("APPLICATIONURL", ctx.mount.public_url),
            ("SYSTEMEMAILADDRESS", ctx.option("mail_from")),
            ("INDEXSRV", upper(False)),
            ("SEARCHPAGESIZE", 100),
            ("FILEUPLOADLIMIT", UPLOAD_LIMIT),
            ("ALLOWPARTIALEMAILUPLOADS", upper(False)),
        ]
        children: tuple[Element, ...] = ()
        if session is not None and session.principal.is_administrator:
            values += [
                ("PWDMINLEN", passwords.minimum(ctx)),
                ("PWDALPHA", upper(False)),
                ("PWDNUM", upper(False)),
                ("PWDEXPIRES", 0),
                ("PWDWEAKLIST", upper(False)),
                ("PWDNONALPHA", upper(False)),
                ("PWDNOUSERNAME", upper(passwords.flag(ctx, "password_not_user_name"))),
                ("PWDNOEMAIL", upper(False)),
            ]
            children = (Element("WarehousePaths"),)
        parameters = fields("PARAMETERS", *values)
        return Answer((Element("PARAMETERS", children=(*parameters.children, *children)),))

    @web(SIGNED_IN, T, root="response")
    async def GetAuthenticationAndPasswordPolicy(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The rules for passwords, and when they are asked for again."""
        await ctx.principal(AuthenticationTicket)
        rules = fields(
            "PasswordPolicy",
            ("Expires", 0),
            ("MinLen", passwords.minimum(ctx)),
            ("MustIncludeAlphaNumericCharacters", lower(False)),
            ("MustIncludeNumericCharacters", lower(False)),
            ("MustIncludeNonAlphaNumericCharacters", lower(False)),
            ("MustNotEqualEmailAddress", lower(False)),
            ("MustNotEqualUserName", lower(passwords.flag(ctx, "password_not_user_name"))),
            ("MustNotInCommonPasswordList", lower(False)),
        )
        prompts = fields(
            "PasswordRePromptActions",
            ("DomainDelete", lower(False)),
            ("OnDelete", lower(False)),
            ("UserDelete", lower(passwords.flag(ctx, "user_delete_prompt"))),
            ("SecurityApply", lower(False)),
            ("OnOwnerChange", lower(False)),
            ("OnClassify", lower(False)),
            ("OnReviewTask", lower(False)),
        )
        return Answer((Element("AuthenticationAndPasswordPolicy", children=(rules, prompts)),))

    @web(ADMINISTRATOR, T, root="response")
    async def GetLicenseInfo(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The licence: this gateway needs none, so it is one without limits."""
        who = await ctx.principal(AuthenticationTicket)
        if not who.is_administrator:
            raise Denied(errors.INSUFFICIENT_921)
        active: tuple[UserWhere, ...] = (Where("status", "eq", UserStatus.ACTIVE.value),)
        count = PageRequest(limit=0, cap=None)
        users = (await ctx.ask(SearchUsers(page=count), who)).total
        enabled = (await ctx.ask(SearchUsers(active, page=count), who)).total
        info = fields(
            "LicenseInfo",
            ("CompanyName", ctx.option("company")),
            ("Address", ""),
            ("Country", ""),
            ("ContactName", ""),
            ("PhoneNumber", ""),
            ("EmailAddress", ctx.option("mail_from")),
            ("IsConcurrent", lower(False)),
            ("UserCount", users),
            ("ActiveUserCount", enabled),
            ("DisabledUserCount", users - enabled),
            ("DatabaseType", ctx.mount.engine.database),
            ("AuthenticationType", "native"),
            ("MaxDocumentCount", 0),
            ("MaxLibraryCount", 0),
            ("AnonymousAccess", lower(False)),
            ("Workflow", lower(True)),
            ("ComplianceModule", lower(False)),
            ("TrialCopy", lower(False)),
            ("ExpirationDate", NEVER_ENDS),
            ("SubscriptionStartDate", "2000-01-01T00:00:00Z"),
            ("SubscriptionEndDate", NEVER_ENDS),
        )
        return Answer((info,))

    @web(ANYONE, T_, S, root="response")
    async def GetLocalizedResources(ctx: Call, AuthenticationTicket: str | None, resourceIds: str | None) -> Answer:
        """The texts of resource ids; ids that are none or unknown are dropped."""
        if (AuthenticationTicket or "").strip():
            await ctx.principal(AuthenticationTicket)
        wanted = dict.fromkeys(whole(text) for text in re.findall(r"(?<![\w-])\d{1,6}(?!\w)", resourceIds or ""))
        elements = tuple(fields("Res", ("Id", id), ("Value", RESOURCES[id])) for id in wanted if id in RESOURCES)
        return Answer((Element("Resources", children=elements),))
