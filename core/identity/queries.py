"""Credentials: these queries answer with a principal, or reject with Unauthenticated; clients and settings."""

from dataclasses import dataclass

from core.principal import Principal, Reach
from core.search.query import Query
from core.tables.identity import OAuthClient
from core.types import CredentialKind


@dataclass(frozen=True)
class Session:
    """A ticket or token that is valid; `family` ties together what was issued for one code."""

    principal: Principal
    kind: CredentialKind
    digest: str
    expires_at: int
    client_id: str
    scope: str | None
    redirect_uri: str = ""
    challenge: str = ""
    family: int = 0


@dataclass(frozen=True)
class CheckPassword(Query[Principal]):
    """`by` is username or email."""

    login: str
    password: str
    by: str = "username"
    fold_case: bool = False


@dataclass(frozen=True)
class CheckCredential(Query[Session]):
    """A ticket or token by its text: one of this kind, and of the dialect and the tenant of who asks.

    Raises Unauthenticated: `unknown`, also if its owner has a new password since, `user` if they are not active any
    more; Expired. `reach`: how it is decided what they may, if not by permissions alone; for a dialect always the same.
    """

    text: str
    kind: CredentialKind
    reach: Reach | None = None


@dataclass(frozen=True)
class PrincipalOf(Query[Principal]):
    """The principal of a user whose identity was proved in another way: a signed token.

    `issued_at` are milliseconds; 0 where a new password does not matter. Raises NotFound, and Unauthenticated
    (`unknown`) for what is older than the password.
    """

    user_key: int = 0
    user_number: int = 0
    via: str = ""
    issued_at: int = 0


@dataclass(frozen=True)
class ClientById(Query[OAuthClient]):
    client_id: str


@dataclass(frozen=True)
class SettingValue(Query[str]):
    """A shared setting, empty if it was never set."""

    name: str
