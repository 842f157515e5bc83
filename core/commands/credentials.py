"""Credentials, clients, settings and tenants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.commands.base import Command, Created, Done, Issued, Removed
from core.types import CredentialKind


@dataclass(frozen=True)
class IssueCredential(Command[Issued]):
    """A new ticket or token for a user. `text` is random unless a world brings its own; who shows a code has to name
    the same `redirect_uri` again."""

    kind: CredentialKind
    user_key: int
    lifetime: int
    client_id: str = ""
    scope: str | None = None
    family: int = 0
    text: str = ""
    redirect_uri: str = ""


@dataclass(frozen=True)
class ExtendCredential(Command[Done]):
    """Move the end of a ticket: the sliding window."""

    digest: str
    expires_at: int


@dataclass(frozen=True)
class RevokeCredential(Command[Removed]):
    """Forget a ticket or token; with `family` also those issued together with it."""

    digest: str
    family: bool = False


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
