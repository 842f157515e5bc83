"""The servers' own addresses: what each says of itself in links, Location and WSDLs stands for the same thing."""

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.traffic.exchange import Request

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: str = ""


def of(request: Request) -> Address | None:
    """Where the client thought that the server is."""
    name, colon, port = (request.header(b"host") or b"").decode("latin-1").strip().rpartition(":")
    if not colon or (name.startswith("[") and not name.endswith("]")):
        name, port = name + colon + port, ""
    return Address(name.lower(), port) if _HOST.fullmatch(name) and (not port or _PORT.fullmatch(port)) else None


@lru_cache(maxsize=500)
def _pattern(those: tuple[Address, ...]) -> re.Pattern[str]:
    """With any scheme; a default port may be written or not."""
    ports = [f":{one.port}" if one.port not in ("", "80", "443") else "(?::(?:80|443))?" for one in those]
    hosts = "|".join(re.escape(one.host) + port for one, port in zip(those, ports, strict=True))
    return re.compile(rf"https?://(?:{hosts})(?![\w.:-])", re.IGNORECASE)


def plain(text: str, own: tuple[Address, ...]) -> str:
    """The same for every server: its own address is a name that nobody has."""
    if not own or "://" not in text:
        return text
    return _pattern(own).sub("http://itself.invalid", text)
