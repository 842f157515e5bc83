"""Where the running gateway is that a command talks to."""

import os
from urllib.parse import urlsplit

from gateway.settings import Settings
from gateway.settings.sources import SettingsError

URL = "DRAGOMAN_URL"
#: hosts to listen on that are no addresses to go to
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def asked_for(flag: str) -> str:
    """The address in `--url` or in the environment, empty if there is none. Raises SettingsError for what is none."""
    if flag:
        return checked(flag, "--url")
    return checked(os.environ[URL], URL) if os.environ.get(URL) else ""


def of_settings(settings: Settings) -> str:
    """Where a gateway with these settings listens. Raises SettingsError if nobody can know."""
    if not settings.port:
        raise SettingsError(f"port is 0, so nobody knows where the gateway listens: give --url or {URL}")
    host = _ANY.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def checked(url: str, called: str) -> str:
    """An address without a slash at its end. Raises SettingsError for what is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(f"{called}: {url} is no address; one looks like http://127.0.0.1:8080")
    return url.rstrip("/")
