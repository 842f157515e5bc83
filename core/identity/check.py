"""Proving who somebody is. Slow work (argon2) happens in threads, and its result is remembered for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.gate import Gate
from core.identity.digests import digest
from core.identity.memory import CredentialMemory, Remembered
from core.identity.passwords import Passwords
from core.identity.queries import CheckCredential, CheckPassword, PrincipalOf, Session
from core.identity.throttle import Throttle
from core.people.answers import principal_of
from core.principal import Principal
from core.rejections import Expired, NotFound, Unauthenticated, Unavailable
from core.search.query import Query
from core.search.reader import Reader, answers
from core.storage.rows import load_any
from core.tables.identity import Credential
from core.tables.people import User
from core.types import ALL_PERMISSIONS, CredentialKind, UserStatus

Check = Callable[["Means", Any, Principal], Awaitable[Any]]
CHECKS: dict[type[Query[Any]], Check] = {}

#: where other processes write to the same database, a remembered credential is looked after this often
RECHECK = 1000


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to prove who somebody is."""

    gate: Gate
    memory: CredentialMemory
    throttle: Throttle
    passwords: Passwords
    monotonic: Clock


class _UserByLogin(Query[tuple[str, Principal] | None]):
    """The password hash and the principal of an active user; of several with one address, of who has it the longest."""

    __slots__ = ("by", "login", "via")

    def __init__(self, login: Any, by: str, via: str) -> None:
        self.login = login
        self.by = by
        self.via = via


@answers(_UserByLogin)
def _user_by_login(query: _UserByLogin, r: Reader) -> tuple[str, Principal] | None:
    users = load_any(r.connection, User, query.by, [query.login])
    if len(users) > 1:
        users.sort(key=lambda user: (user.email_since, user.key))
    for user in users:
        if user.status == UserStatus.ACTIVE and r.principal.tenant_key in (0, user.tenant_key):
            return user.password_hash, principal_of(r.connection, user, query.via, r.principal.dialect)
    return None


class _CredentialByDigest(Query[Credential | None]):
    __slots__ = ("digest",)

    def __init__(self, digest: str) -> None:
        self.digest = digest


@answers(_CredentialByDigest)
def _credential_by_digest(query: _CredentialByDigest, r: Reader) -> Credential | None:
    rows = load_any(r.connection, Credential, "digest", [query.digest])
    return rows[0] if rows else None


async def _still_valid(means: Means, entry: Remembered) -> bool:
    """In a process that owns its database the memory is exact; elsewhere compare with the database now and then."""
    if means.gate.owns_database or means.monotonic() - entry.checked_at < RECHECK:
        return True
    principal = entry.principal
    if principal.user_key and not await _is_unchanged(means, principal):
        return False
    if entry.credential_digest:
        row = await means.gate.ask(_CredentialByDigest(entry.credential_digest), principal)
        if row is None:
            return False
    entry.checked_at = means.monotonic()
    return True


async def _is_unchanged(means: Means, principal: Principal) -> bool:
    stored = await means.gate.ask(_UserByLogin(principal.user_key, "key", principal.via), principal)
    return stored is not None and stored[1].revision == principal.revision


async def _check_password(means: Means, query: CheckPassword, who: Principal) -> Principal:
    kind = f"{query.by}{int(query.fold_case)}:{who.tenant_key}"
    text = f"{query.login}\0{query.password}"
    entry = means.memory.get(kind, text)
    if entry is not None and await _still_valid(means, entry):
        return entry.principal.speaking(who.dialect)
    by, login = query.by, query.login
    if query.fold_case and by == "username":
        by, login = "username_folded", login.casefold()
    forgotten = means.memory.forgotten
    principal = await _prove(means, query, by, login, who)
    while means.memory.forgotten != forgotten:  # somebody was changed while the password was looked at; was it they?
        forgotten = means.memory.forgotten
        if not await _is_unchanged(means, principal):
            principal = await _prove(means, query, by, login, who)
    means.memory.put(kind, text, principal)
    return principal


async def _prove(means: Means, query: CheckPassword, by: str, login: str, who: Principal) -> Principal:
    usable = "\0" not in login
    stored = await means.gate.ask(_UserByLogin(login, by, "basic"), who) if usable else None
    account = stored[1].user_key if stored is not None else (who.tenant_key, login.casefold())
    means.throttle.admit(account)
    try:
        good = await means.passwords.verify(query.password, stored[0] if stored is not None else None)
    except Unavailable:
        means.throttle.undecided(account)
        raise
    if stored is None or not good:
        raise Unauthenticated("credentials")
    means.throttle.succeeded(account)
    return stored[1]


async def _check_credential(means: Means, query: CheckCredential, who: Principal) -> Session:
    kind = f"{query.kind}:{who.dialect}:{who.tenant_key}"
    entry = means.memory.get(kind, query.text)
    if entry is not None and await _still_valid(means, entry):
        principal = entry.principal.speaking(who.dialect)
        return Session(
            principal=principal,
            kind=query.kind,
            digest=entry.credential_digest,
            expires_at=entry.credential_expires_at,
            client_id=principal.client_id,
            scope=None,
        )
    known = digest(query.text)
    row = await means.gate.ask(_CredentialByDigest(known), who)
    if row is None or (row.kind, row.dialect, row.tenant_key) != (query.kind, who.dialect, who.tenant_key):
        raise Unauthenticated("unknown")
    if means.memory.has_expired(known, row.expires_at):
        raise Expired()
    via = "ticket" if query.kind is CredentialKind.TICKET else "oauth"
    if row.user_key:
        stored = await means.gate.ask(_UserByLogin(row.user_key, "key", via), who)
        if stored is None or stored[1].tenant_key != row.tenant_key:
            raise Unauthenticated("user")
        _check_age(row.created_at, stored[1])
        principal = replace(stored[1], client_id=row.client_id, reach=query.reach)
    else:
        principal = Principal(
            row.tenant_key, 0, "", who.dialect, via=via, permissions=ALL_PERMISSIONS, client_id=row.client_id
        )
    if query.kind not in (CredentialKind.REFRESH, CredentialKind.CODE):
        means.memory.put(kind, query.text, principal, credential_digest=known, expires_at=row.expires_at)
    return Session(
        principal,
        query.kind,
        known,
        expires_at=row.expires_at,
        client_id=row.client_id,
        scope=row.scope,
        redirect_uri=row.redirect_uri,
        challenge=row.challenge,
        family=row.family,
    )


def _check_age(issued_at: int, principal: Principal) -> None:
    """A new password ends all that was issued before it: that is not known any more."""
    if issued_at <= principal.password_changed_at:
        raise Unauthenticated("unknown")


async def _principal_of(means: Means, query: PrincipalOf, who: Principal) -> Principal:
    text = f"{query.user_key}:{query.user_number}"
    entry = means.memory.get(f"{query.via}:{who.tenant_key}", text)
    if entry is not None and await _still_valid(means, entry):
        if query.issued_at:
            _check_age(query.issued_at, entry.principal)
        return entry.principal.speaking(who.dialect)
    by, value = ("key", query.user_key) if query.user_key else ("number", query.user_number)
    stored = await means.gate.ask(_UserByLogin(value, by, query.via), who)
    if stored is None:
        raise NotFound("user", value)
    means.memory.put(f"{query.via}:{who.tenant_key}", text, stored[1])
    if query.issued_at:
        _check_age(query.issued_at, stored[1])
    return stored[1]


CHECKS[CheckPassword] = _check_password
CHECKS[CheckCredential] = _check_credential
CHECKS[PrincipalOf] = _principal_of
