"""Tickets: GUIDs with a sliding window of 30 days. Source: dossier inforouter.md, section 1.4 and Q4."""

from dataclasses import dataclass, replace

from adapters.common.dialect import Mount
from adapters.inforouter.profile import Profile
from core.clock import DAY, MINUTE
from core.commands import ExtendCredential, IssueCredential, RevokeCredential
from core.ids import undashed
from core.principal import NOBODY, Principal
from core.queries import CheckCredential, CheckPassword, Session
from core.rejections import Unauthenticated
from core.types import CredentialKind

LIFETIME = 30 * DAY
#: a ticket's end is moved when that gains at least this much; so a busy ticket costs one write a minute
SLIDE = MINUTE


def _ticket(text: str | None) -> str:
    """The ticket as it is stored, whatever the case; empty if the text is none."""
    uid = undashed((text or "").strip())
    return (text or "").strip().lower() if uid is not None else ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a web method: what the methods get as their context."""

    mount: Mount
    profile: Profile
    cookie: str = ""

    @property
    def _asking(self) -> Principal:
        return replace(NOBODY, tenant_key=self.mount.engine.default_tenant, dialect="inforouter")

    async def log_in(self, username: str, password: str) -> tuple[Principal, str, int]:
        """(principal, ticket, its end)"""
        engine = self.mount.engine
        principal = await engine.ask(CheckPassword(username.strip(), password, fold_case=True), self._asking)
        command = IssueCredential(CredentialKind.TICKET, principal.user_key, LIFETIME)
        issued = await engine.execute(command, principal)
        return principal, issued.text, issued.expires_at

    async def session(self, text: str | None, *, or_cookie: bool = False) -> Session:
        """The session of a ticket, not extended. Raises Unauthenticated: `ticket` for what is no ticket at all."""
        ticket = _ticket(text) or (_ticket(self.cookie) if or_cookie and not (text or "").strip() else "")
        if not ticket:
            raise Unauthenticated("unknown" if or_cookie else "ticket")
        return await self.mount.engine.ask(CheckCredential(ticket, CredentialKind.TICKET), self._asking)

    async def principal(self, text: str | None) -> Principal:
        """The owner of a ticket, whose window slides."""
        engine = self.mount.engine
        session = await self.session(text)
        end = engine.clock() + LIFETIME
        if end - session.expires_at >= SLIDE:
            await engine.execute(ExtendCredential(session.digest, end), session.principal)
        return session.principal

    async def log_out(self, text: str | None) -> None:
        session = await self.session(text, or_cookie=True)
        await self.mount.engine.execute(RevokeCredential(session.digest), session.principal)
