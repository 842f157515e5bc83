"""Host headers: for which a request may be, and which may be told back."""

import re
from collections.abc import Iterable

_HOST = re.compile(r"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]")


def name_of(host: str) -> str:
    """The name in a Host header, in lower case and without the port; empty if it is none."""
    match = _HOST.fullmatch(host)
    return match[1].lower() if match is not None else ""


def bracketed(address: str) -> str:
    """An address as it stands in front of a port."""
    return f"[{address}]" if ":" in address else address


class Hosts:
    """Names, also `*.example.com`; with a port they hold for that port only. Loopback names belong to every set."""

    def __init__(self, names: Iterable[str]) -> None:
        lowered = {name.lower() for name in names}
        self._exact = frozenset(name for name in lowered if not name.startswith("*."))
        self._endings = tuple(name[1:] for name in lowered if name.startswith("*."))

    def __bool__(self) -> bool:
        return bool(self._exact or self._endings)

    def __contains__(self, host: str) -> bool:
        """Of a whole Host header."""
        name = name_of(host)
        if not name:
            return False
        if name in self._exact or host.lower() in self._exact or _LOOPBACK.fullmatch(name):
            return True
        return bool(self._endings) and name.endswith(self._endings)
