"""An identity provider: its metadata, its keys, and tokens that are signed with them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.asgi import Answer
from tests.support.world import World


@dataclass
class Provider:
    """Serves its metadata and its keys, and signs tokens.

    `moved`: whoever comes is sent on, once; `padding`: so many blanks behind each document; `ready`: until it is set,
    nobody is answered.
    """

    url: str = ""
    keys: dict[str, RSAKey] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    moved: bool = False
    padding: int = 0
    ready: threading.Event = field(default_factory=threading.Event)

    @property
    def fetched(self) -> int:
        return len(self.asked)

    def new_key(self, name: str) -> None:
        self.keys = {name: RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})}

    def token(self, kid: str = "", **claims: Any) -> str:
        name, key = next(iter(self.keys.items()))
        standard = {"iss": self.url, "aud": "dragoman", "exp": int(time.time()) + 60}
        return jwt.encode({"alg": "RS256", "kid": kid or name}, {**standard, **claims}, key)


@pytest.fixture
def provider() -> Iterator[Provider]:
    known = Provider()
    known.ready.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            known.ready.wait()
            path = urlsplit(self.path).path
            if known.down:
                self.send_error(503)
                return
            if known.moved and not path.startswith("/moved/"):
                self.send_response(302)
                self.send_header("location", f"/moved{path}")
                self.end_headers()
                return
            document: Any = {"jwks_uri": f"{known.url}/keys"}
            if path.endswith("/keys"):
                document = KeySet(list(known.keys.values())).as_dict(private=False)
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):  # who has read enough goes
                self.wfile.write(json.dumps(document).encode() + b" " * known.padding)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    known.new_key("one")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield known
    known.ready.set()
    server.shutdown()
    thread.join()
    server.server_close()


def oidc(provider: Provider, **more: str) -> dict[str, dict[str, str]]:
    options = {
        "authentication": "oidc",
        "oidc_issuer": provider.url,
        "oidc_audience": "dragoman, other",
        "oidc_username_claim": "preferred_username",
        "oidc_groups_claim": "$.realm.groups",
    }
    return {"camunda": {**options, **more}}


async def me(world: World, token: str) -> Answer:
    return await world.call("GET", "/v2/authentication/me", {"authorization": f"Bearer {token}"})
