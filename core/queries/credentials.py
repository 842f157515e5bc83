"""Credentials: these queries answer with a principal, or reject with Unauthenticated; clients and settings."""

from dataclasses import dataclass

from core.principal import Principal
from core.queries.base import Query
from core.storage.records import OAuthClient
from core.types import CredentialKind


@dataclass(frozen=True)
class Session:
    """A ticket or token that is valid."""

    principal: Principal
    kind: CredentialKind
    digest: str
    expires_at: int
    client_id: str
    scope: str | None
    redirect_uri: str = ""


@dataclass(frozen=True)
class CheckPassword(Query[Principal]):
    """`by` is username or email."""

    login: str
    password: str
    by: str = "username"
    fold_case: bool = False


@dataclass(frozen=True)
class CheckCredential(Query[Session]):
    """A ticket or token by its text."""

    text: str
    kind: CredentialKind


@dataclass(frozen=True)
class PrincipalOf(Query[Principal]):
    """The principal of a user whose identity was proved in another way: a signed token."""

    user_key: int = 0
    user_number: int = 0
    via: str = ""


@dataclass(frozen=True)
class ClientById(Query[OAuthClient]):
    client_id: str


@dataclass(frozen=True)
class SettingValue(Query[str]):
    """A shared setting, empty if it was never set."""

    name: str
