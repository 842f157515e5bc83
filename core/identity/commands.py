"""Credentials, clients, settings and tenants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.turn.command import Command, Created, Done, Issued, Removed
from core.types import CredentialKind


@dataclass(frozen=True)
class IssueCredential(Command[Issued]):
    """A new ticket or token for a user. `text` is random unless the caller brings its own; who shows a code has to name
    the same `redirect_uri` again, and to meet its `challenge`."""

    kind: CredentialKind
    user_key: int
    lifetime: int
    client_id: str = ""
    scope: str | None = None
    family: int = 0
    text: str = ""
    redirect_uri: str = ""
    challenge: str = ""


@dataclass(frozen=True)
class ExtendCredential(Command[Done]):
    """Move the end of a ticket of the caller's dialect and tenant: the sliding window."""

    digest: str
    kind: CredentialKind
    expires_at: int


@dataclass(frozen=True)
class RevokeCredential(Command[Removed]):
    """Forget a ticket or token of the caller's dialect and tenant."""

    digest: str
    kind: CredentialKind


@dataclass(frozen=True)
class SpendCredential(Command[Done]):
    """Use a code or a refresh token, which is good for once: of several who try, one succeeds, the others get NotFound.

    A spent one is kept until `until`, so that a second use is noticed: `RevokeFamily` then ends what the first one got.
    With `until` 0 it is forgotten.
    """

    digest: str
    kind: CredentialKind
    until: int = 0


@dataclass(frozen=True)
class RevokeFamily(Command[Removed]):
    """End everything that was issued, directly or not, for a spent credential that somebody shows again.

    Nothing is removed if the credential was not spent.
    """

    digest: str


@dataclass(frozen=True)
class RemoveExpired(Command[Removed]):
    """Forget some of the credentials that have expired long ago, of all tenants, without an event. Done when the count
    is 0."""


@dataclass(frozen=True)
class RegisterClient(Command[Done]):
    client_id: str
    secret_digest: str
    name: str = ""
    redirect_uri: str = ""


@dataclass(frozen=True)
class SetSetting(Command[Done]):
    name: str
    value: str
    only_if_absent: bool = False


@dataclass(frozen=True)
class TryWriting(Command[Done]):
    """Write the time down, without an event: to see whether that can be done."""


@dataclass(frozen=True)
class CreateTenant(Command[Created]):
    """`aliases` maps a dialect to the names by which its clients know the tenant."""

    name: str
    number: int = 0
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetTenant(Command[Done]):
    """Change what the caller's tenant is called."""

    name: str
    number: int
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
