"""The one HTTP client with which the gateway calls others."""

from functools import lru_cache
from typing import TYPE_CHECKING

from core.gate import Gate

if TYPE_CHECKING:
    import ssl

    import httpx2


@lru_cache(maxsize=1)
def _tls() -> "ssl.SSLContext":
    """With the certificates that this machine trusts."""
    import httpx2

    return httpx2.create_ssl_context()


async def http_client(
    engine: Gate, seconds: float, *, follow_redirects: bool = False, proxies: bool = False
) -> "httpx2.AsyncClient":
    """`proxies`: through those that the environment names."""
    # the library and the certificates take a tenth of a second
    if not _tls.cache_info().currsize:
        await engine.in_thread(_tls)
    import httpx2

    return httpx2.AsyncClient(verify=_tls(), timeout=seconds, follow_redirects=follow_redirects, trust_env=proxies)
