"""Bearer tokens of an identity provider. Source: dossier camunda.md, section 1.9; claims are named by settings."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from adapters.common.outgoing import http_client
from core.gate import Gate
from core.rejections import Unauthenticated, Unavailable

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger("dragoman.camunda")

#: asymmetric ones only: with the others whoever can check a token can make one
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
#: seconds: how far clocks may differ, between two fetches of keys, and for one fetch
LEEWAY = 60
REFETCH = 30
FETCH_TIMEOUT = 10
MAX_DOCUMENT = 1024 * 1024
METADATA = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """`jwks_url` empty: told by the issuer's metadata. `audience` empty: not checked."""

    issuer: str
    jwks_url: str = ""
    audience: frozenset[str] = frozenset()


async def _fetch(client: "httpx2.AsyncClient", url: str) -> Any:
    """The JSON document at an address that the settings name. Raises ValueError."""
    import httpx2

    document = bytearray()
    try:
        async with client.stream("GET", url, headers={"accept": "application/json"}) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                document += part
                if len(document) > MAX_DOCUMENT:
                    raise ValueError(f"{url} has more than {MAX_DOCUMENT} bytes")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ValueError(f"{url}: {type(error).__name__}: {error}") from None
    return orjson.loads(document)


def _key_set(document: Any) -> Any:
    """The keys that tokens are checked with. Raises ValueError."""
    # imported with the first keys: the library takes a while
    from joserfc import jwt  # noqa: F401
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return KeySet.import_key_set(document)
    except JoseError as error:
        raise ValueError(f"the keys cannot be used: {error}") from None


@dataclass
class Verifier:
    """Checks tokens with the provider's keys, which are fetched when needed and when a key is not known."""

    provider: Provider
    engine: Gate
    _keys: Any = None
    _fetched_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a good token. Raises Unauthenticated `token`, or Unavailable without the provider's keys."""
        await self._refresh(self._keys is None)
        for attempt in (1, 2):
            try:
                return self._decode(token)
            except _UnknownKey:
                if attempt == 2 or not await self._refresh(True):
                    break
        raise Unauthenticated("token")

    def _decode(self, token: str) -> Mapping[str, Any]:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError

        rules: dict[str, Any] = {"exp": {"essential": True}, "iss": {"essential": True, "value": self.provider.issuer}}
        if self.provider.audience:
            rules["aud"] = {"essential": True, "values": sorted(self.provider.audience)}
        try:
            claims = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **rules).validate(claims)
        except InvalidKeyIdError:
            raise _UnknownKey from None
        except (JoseError, ValueError, TypeError) as error:
            log.info("a token was refused: %s", error)
            raise Unauthenticated("token") from None
        return claims

    async def _refresh(self, wanted: bool) -> bool:
        """Fetch the keys anew if they are wanted and were not fetched just now."""
        if not wanted:
            return False
        async with self._lock:
            if self._keys is not None and time.monotonic() - self._fetched_at < REFETCH:
                return False
            try:
                self._keys = await self._load()
            except (OSError, ValueError, KeyError, TypeError, Unavailable) as error:
                log.error("the keys of %s could not be fetched: %s", self.provider.issuer, error)
                if self._keys is None:
                    raise Unavailable("identity") from None
                return False
            self._fetched_at = time.monotonic()
            return True

    async def _load(self) -> Any:
        try:
            async with (
                asyncio.timeout(FETCH_TIMEOUT),
                await http_client(self.engine, FETCH_TIMEOUT, follow_redirects=True, proxies=True) as client,
            ):
                url = self.provider.jwks_url
                if not url:
                    url = (await _fetch(client, self.provider.issuer.rstrip("/") + METADATA))["jwks_uri"]
                document = await _fetch(client, url)
        except TimeoutError:
            raise ValueError(f"no answer within {FETCH_TIMEOUT} seconds") from None
        return await self.engine.in_thread(_key_set, document)


class _UnknownKey(Exception):
    pass


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """The value of a claim: by its name, by a JSONPath of names (`$.realm.groups`), or by names joined with dots."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for step in path.removeprefix("$").strip(".").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A claim that is one text or a list of texts."""
    values = value if isinstance(value, list) else [value]
    return tuple(v for v in values if isinstance(v, str) and v)
