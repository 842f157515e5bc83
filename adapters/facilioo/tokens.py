"""Signing and reading JWTs with RS256. Imported at the first login: its library takes a while."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey


class BadToken(ValueError):
    """Not a token of ours."""


def new_key() -> str:
    """A private key as PEM."""
    return RSAKey.generate_key(2048).as_pem(private=True).decode()


class Signer:
    def __init__(self, pem: str) -> None:
        self._key = RSAKey.import_key(pem)

    @property
    def public(self) -> str:
        """The public key as PEM: whoever has it can check tokens by themselves."""
        return self._key.as_pem(private=False).decode()

    def sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "typ": "JWT"}, dict(claims), self._key)

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token with a good signature; raises BadToken."""
        try:
            return jwt.decode(token, self._key, algorithms=["RS256"]).claims
        except (JoseError, ValueError) as error:
            raise BadToken(str(error)) from None
