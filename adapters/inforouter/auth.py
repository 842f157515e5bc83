"""Tickets: GUIDs with a sliding window of 30 days. Source: dossier inforouter.md, section 1.4 and Q4."""

from dataclasses import dataclass, replace
from typing import TypeVar

from adapters.common.dialect import Mount
from adapters.common.rights import ANYONE, SIGNED_IN, Right
from adapters.inforouter.errors import RequiredParameter
from adapters.inforouter.profile import Profile
from core.clock import DAY, MINUTE
from core.identity.commands import ExtendCredential, IssueCredential, RevokeCredential
from core.identity.queries import CheckCredential, CheckPassword, Session
from core.people.queries import May
from core.principal import NOBODY, Principal
from core.reach import PARTS, Thing
from core.rejections import Unauthenticated
from core.search.query import Query
from core.turn.command import Command
from core.types import Action, CredentialKind
from schemas.common.uuids import undashed

Out = TypeVar("Out")

LIFETIME = 30 * DAY
#: a ticket's end is moved when that gains at least this much; so a busy ticket costs one write a minute
SLIDE = MINUTE


def ticket_of(text: str | None) -> str:
    """The ticket as it is stored, whatever the case; empty if the text is none."""
    uid = undashed((text or "").strip())
    return (text or "").strip().lower() if uid is not None else ""


def required(name: str, value: str | None) -> str:
    if value is None or not value.strip():
        raise RequiredParameter(name)
    return value.strip()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a web method: what the methods get as their context."""

    mount: Mount
    profile: Profile
    cookie: str = ""
    soap: bool = False
    right: Right = SIGNED_IN

    @property
    def now(self) -> int:
        return self.mount.engine.clock()

    def option(self, name: str) -> str:
        return self.mount.options.get(name, "")

    @property
    def _nobody(self) -> Principal:
        return replace(NOBODY, tenant_key=self.mount.engine.default_tenant, dialect="inforouter")

    @property
    def asking(self) -> Principal:
        """Nobody in particular, for methods that need no ticket: the others can ask nothing before they know who
        calls."""
        if self.right is not ANYONE:
            raise LookupError("a method that is not for anyone has to ask for the ticket")
        return self._nobody

    async def ask(self, query: Query[Out], who: Principal) -> Out:
        return await self.mount.engine.ask(query, who)

    async def execute(self, command: Command[Out], who: Principal) -> Out:
        return await self.mount.engine.execute(command, who)

    async def may(self, who: Principal, action: Action, thing: Thing | None = None) -> bool:
        """As the engine would decide it now: where no is said before anything else is looked at."""
        return await self.ask(May(action, thing), who)

    async def log_in(self, username: str, password: str) -> Principal:
        return await self.ask(CheckPassword(username.strip(), password, fold_case=True), self._nobody)

    async def issue(self, principal: Principal) -> tuple[str, int]:
        """(a new ticket, its end)"""
        issued = await self.execute(IssueCredential(CredentialKind.TICKET, principal.user_key, LIFETIME), principal)
        return issued.text, issued.expires_at

    async def session(self, text: str | None, *, lenient: bool = False) -> Session:
        """The session of a ticket or, without one, of the cookie; not extended.

        Raises Unauthenticated: `ticket` for what is no ticket at all or, where the page is lenient, `unknown`.
        """
        ticket = ticket_of(text) or (ticket_of(self.cookie) if not (text or "").strip() else "")
        if not ticket:
            raise Unauthenticated("unknown" if lenient else "ticket")
        return await self.ask(CheckCredential(ticket, CredentialKind.TICKET, reach=PARTS), self._nobody)

    async def extend(self, session: Session) -> int:
        """Move the end of a ticket; where it is now."""
        end = self.now + LIFETIME
        if end - session.expires_at < SLIDE:
            return session.expires_at
        await self.execute(ExtendCredential(session.digest, session.kind, end), session.principal)
        return end

    async def principal(self, text: str | None) -> Principal:
        """The owner of a ticket, whose window slides."""
        session = await self.session(text)
        await self.extend(session)
        return session.principal

    async def log_out(self, text: str | None) -> None:
        session = await self.session(text, lenient=True)
        await self.execute(RevokeCredential(session.digest, session.kind), session.principal)
