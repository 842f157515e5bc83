"""Logging in with a browser's means, and the first user. Source: dossier camunda.md, sections 1.9 and 3.10."""

from contextlib import suppress

from starlette.responses import Response

from adapters.camunda.auth import COOKIE, SESSION_LIFETIME, session_of, token_of
from adapters.camunda.calls import Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.users import names_of, record
from adapters.common.http import Raw, max_fields, parsed, read_body
from adapters.common.rights import ANYONE
from core.clock import SECOND
from core.directory.commands import CreateFirstAdministrator
from core.identity.commands import IssueCredential, RevokeCredential
from core.identity.digests import digest
from core.identity.queries import CheckPassword
from core.people.fields import UserWhere
from core.people.queries import SearchUsers, UserByName
from core.principal import Principal, system
from core.rejections import Conflict, NotFound
from core.search.query import PageRequest, Where
from core.types import CredentialKind, Permission
from schemas.camunda.body import BadRequest
from schemas.camunda.identity import parse_user
from schemas.common.forms import TooManyFields, fields

endpoints = Endpoints()


@endpoints("login", "POST", "/login", (204, 400, 401, 404, 405, 413, 500, 503), right=ANYONE, prefix="")
async def login(call: Call) -> Response:
    """`username` and `password` as a form or in the query."""
    if not call.auth.sessions:
        raise Problem(404, "Not Found", "No static resource login.")
    body = await read_body(call.request)
    try:
        text = body.decode("utf-8", "replace")
        form = dict(await parsed(call.request, len(body), fields, text, max_fields(call.request)))
    except TooManyFields:
        raise BadRequest("Failed to read request") from None
    sent = {**call.request.query_params, **form}
    engine = call.mount.engine
    asking = Principal(engine.default_tenant, 0, "", "camunda")
    user = await engine.ask(CheckPassword(sent.get("username", ""), sent.get("password", "")), asking)
    issued = await engine.execute(IssueCredential(CredentialKind.TICKET, user.user_key, SESSION_LIFETIME), user)
    cookie = (
        f"{COOKIE}={issued.text}; Path=/; Max-Age={SESSION_LIFETIME // SECOND}; HttpOnly; SameSite=Lax"
        f"{'; Secure' if _is_secure(call) else ''}"
    )
    return Raw(204, b"", {"set-cookie": cookie, "x-csrf-token": token_of(issued.text)})


def _is_secure(call: Call) -> bool:
    """Also if whoever speaks TLS stands before us and does not say so."""
    return "https" in (call.request.url.scheme, call.mount.public_url.partition(":")[0])


@endpoints("logout", "POST", "/logout", (204, 405, 500, 503), right=ANYONE, prefix="")
async def logout(call: Call) -> Response:
    """Ends the session of the cookie; without one there is nothing to end."""
    session = session_of(call.request)
    if session:
        engine = call.mount.engine
        ending = RevokeCredential(digest(session), CredentialKind.TICKET)
        with suppress(NotFound):
            await engine.execute(ending, system(engine.default_tenant, dialect="camunda"))
    return Raw(204, b"", {"set-cookie": f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"})


@endpoints("createAdminUser", "POST", "/setup/user", (201, 400, 403, 405, 413, 415, 500, 503), right=ANYONE)
async def setup(call: Call) -> Response:
    """Only while there is no administrator."""
    engine = call.mount.engine
    who = system(engine.default_tenant, dialect="camunda")
    wanted = parse_user(await call.body(), new=True)
    administrators: tuple[UserWhere, ...] = (Where("permissions", "like", f"*{Permission.ADMINISTER.value}*"),)
    if (await engine.ask(SearchUsers(administrators, page=PageRequest(limit=1)), who)).items:
        raise _there_is_one()
    hashed = await engine.hash_password(wanted.password or "")
    username = wanted.username or ""
    try:
        names = names_of(wanted.name or "")
        await engine.execute(CreateFirstAdministrator(username, hashed, *names, wanted.email or ""), who)
    except Conflict:
        raise _there_is_one() from None
    return reply(record(await engine.ask(UserByName(username), who)), 201)


def _there_is_one() -> Problem:
    reason = "Expected to create an initial admin user, but there already is a user with the role 'admin'."
    return Problem(403, "FORBIDDEN", f"Command 'CREATE' rejected with code 'FORBIDDEN': {reason}")
