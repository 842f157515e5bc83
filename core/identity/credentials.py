"""Tickets, tokens and clients. Their texts are never stored, only digests."""

from collections.abc import Mapping

from core.identity.commands import (
    ExtendCredential,
    IssueCredential,
    RegisterClient,
    RevokeCredential,
    RevokeFamily,
    SetSetting,
    SpendCredential,
    TryWriting,
)
from core.identity.digests import digest, new_text
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.tables.identity import Credential, OAuthClient, Setting
from core.tables.people import User
from core.turn.command import Done, Issued, Removed
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import CredentialKind, Permission

#: the setting that is written to see whether that can be done
WRITTEN = "written"


def _plan_issue(cmd: IssueCredential, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    if cmd.text:
        yield [Load(Credential, "digest", (digest(cmd.text),))]
    yield [Load(User, "key", (cmd.user_key,))]


@handles(IssueCredential, _plan_issue)
def issue(cmd: IssueCredential, ctx: Context) -> Issued:
    text = cmd.text or new_text(cmd.kind)
    if cmd.text and ctx.ws.get(Credential, digest(text), "digest") is not None:
        raise Conflict("credential", cmd.kind.value, "exists")
    key = ctx.key()
    expires_at = ctx.now + cmd.lifetime
    user = ctx.ws.get(User, cmd.user_key)
    # what is older than the user's password is refused: a new one is younger also within the same millisecond
    created_at = max(ctx.now, (user.password_changed_at or 0) + 1) if user is not None else ctx.now
    ctx.ws.add(
        Credential(
            digest=digest(text),
            kind=cmd.kind.value,
            dialect=ctx.principal.dialect,
            tenant_key=ctx.principal.tenant_key,
            user_key=cmd.user_key,
            client_id=cmd.client_id,
            scope=cmd.scope,
            redirect_uri=cmd.redirect_uri,
            challenge=cmd.challenge,
            family=cmd.family or key,
            created_at=created_at,
            expires_at=expires_at,
        )
    )
    logs_in = cmd.kind is not CredentialKind.RESET
    if logs_in and user is not None and user.tenant_key == ctx.principal.tenant_key:
        ctx.ws.change(user, logged_in_at=max(ctx.now, user.logged_in_at or 0))
    ctx.emit("credential.issued", "credential", key, after={"kind": cmd.kind.value, "user": cmd.user_key})
    return Issued(text, expires_at)


def _plan_credential(
    cmd: ExtendCredential | RevokeCredential | SpendCredential,
    who: Principal,
    ws: WorkingSet,
    known: Mapping[int, KnownDefinition],
) -> Plan:
    yield [Load(Credential, "digest", (cmd.digest,))]


def _credential(ctx: Context, digest: str, kind: CredentialKind) -> Credential:
    """One of this very kind, of the caller's dialect and tenant: another one is as good as none."""
    row = ctx.ws.get(Credential, digest, "digest")
    who = ctx.principal
    if row is None or (row.kind, row.dialect, row.tenant_key) != (kind, who.dialect, who.tenant_key):
        raise NotFound("credential", "")
    return row


@handles(ExtendCredential, _plan_credential)
def extend(cmd: ExtendCredential, ctx: Context) -> Done:
    row = _credential(ctx, cmd.digest, cmd.kind)
    ctx.ws.change(row, expires_at=max(row.expires_at, cmd.expires_at))
    return Done()


def _end(ctx: Context, row: Credential) -> None:
    ctx.ws.remove(row)
    ctx.forget(row.user_key)
    ctx.emit("credential.revoked", "credential", row.family, before={"kind": row.kind, "user": row.user_key})


@handles(RevokeCredential, _plan_credential)
def revoke(cmd: RevokeCredential, ctx: Context) -> Removed:
    _end(ctx, _credential(ctx, cmd.digest, cmd.kind))
    return Removed(1)


@handles(SpendCredential, _plan_credential)
def spend(cmd: SpendCredential, ctx: Context) -> Done:
    row = _credential(ctx, cmd.digest, cmd.kind)
    if not cmd.until:
        _end(ctx, row)
        return Done()
    ctx.ws.change(row, kind=CredentialKind.SPENT.value, expires_at=cmd.until)
    ctx.forget(row.user_key)
    ctx.emit("credential.spent", "credential", row.family, before={"kind": cmd.kind.value, "user": row.user_key})
    return Done()


def _plan_family(cmd: RevokeFamily, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Credential, "digest", (cmd.digest,))]
    yield [Load(Credential, "family", tuple(row.family for row in ws.find(Credential, "digest", cmd.digest)))]


@handles(RevokeFamily, _plan_family)
def revoke_family(cmd: RevokeFamily, ctx: Context) -> Removed:
    try:
        spent = _credential(ctx, cmd.digest, CredentialKind.SPENT)
    except NotFound:
        return Removed(0)
    others = [row for row in ctx.ws.find(Credential, "family", spent.family) if row is not spent]
    for row in others:
        _end(ctx, row)
    return Removed(len(others))


def _plan_client(cmd: RegisterClient, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(OAuthClient, "client_id", (cmd.client_id,))]


@handles(RegisterClient, _plan_client)
def register_client(cmd: RegisterClient, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    if ctx.ws.get(OAuthClient, cmd.client_id, "client_id") is not None:
        raise Conflict("client", cmd.client_id, "exists")
    ctx.ws.add(
        OAuthClient(
            client_id=cmd.client_id,
            tenant_key=ctx.principal.tenant_key,
            name=cmd.name,
            secret_digest=cmd.secret_digest,
            redirect_uri=cmd.redirect_uri,
        )
    )
    ctx.emit("client.registered", "client", ctx.key(), after={"client": cmd.client_id})
    return Done()


def _plan_setting(cmd: SetSetting, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Setting, "name", (cmd.name,))]


def _plan_try(cmd: TryWriting, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Setting, "name", (WRITTEN,))]


@handles(TryWriting, _plan_try)
def try_writing(cmd: TryWriting, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    row = ctx.ws.get(Setting, WRITTEN, "name")
    if row is None:
        ctx.ws.add(Setting(name=WRITTEN, value=str(ctx.now)))
    else:
        ctx.ws.change(row, value=str(ctx.now))
    return Done()


@handles(SetSetting, _plan_setting)
def set_setting(cmd: SetSetting, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    row = ctx.ws.get(Setting, cmd.name, "name")
    if row is not None and cmd.only_if_absent:
        return Done()
    if row is None:
        ctx.ws.add(Setting(name=cmd.name, value=cmd.value))
    else:
        ctx.ws.change(row, value=cmd.value)
    ctx.emit("setting.changed", "setting", ctx.key(), after={"name": cmd.name})
    return Done()
