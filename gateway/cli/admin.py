"""What the command line does to a store or to a running gateway."""

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar

from core.onlooker import Onlooker
from core.people.queries import ListUsers, UserByName
from core.rejections import NotFound
from core.search.query import Query
from core.storage import open_store
from core.storage.store import NoDatabase, OldSchema, StoreInUse
from core.tables.people import User
from gateway.admin.client import check_served
from gateway.exits import Failed, Unreachable, Usage
from gateway.settings import Settings

T = TypeVar("T")
#: seconds until a gateway has to answer
PATIENCE = 30


@contextmanager
def looking(settings: Settings) -> Iterator[Onlooker]:
    """Writes nothing, and may look into the database of a running gateway."""
    onlooker = Onlooker(settings.database_url)
    try:
        yield onlooker
    finally:
        onlooker.close()


def find(onlooker: Onlooker, query: Query[T], name: str) -> T:
    """Raises NotFound, with the name as it was typed."""
    try:
        return onlooker.ask(query)
    except NotFound as error:
        raise NotFound(error.kind, name) from None


def _writable(settings: Settings) -> None:
    """Whether the database, if there is one, may be written to now, by us or by the gateway that has it: before anybody
    is asked for a password."""
    try:
        open_store(settings.database_url, reading=True).close()
    except NoDatabase as none:
        folder = none.folder
        while folder is not None and not folder.exists():
            folder = folder.parent
        if folder is not None and not os.access(folder, os.W_OK):
            raise Failed(f"{none}, and none can be made: {folder} may not be written to") from None
    else:
        try:
            open_store(settings.database_url).close()
        except StoreInUse as in_use:
            check_served(settings, in_use)


def check_new_user(settings: Settings, username: str) -> None:
    """Raises Failed if there is such a user already."""
    _writable(settings)
    with suppress(NoDatabase, OldSchema, NotFound), looking(settings) as onlooker:
        onlooker.ask(UserByName(username, exact=False))
        raise Failed(f"there is a user {username} already")


def check_database(settings: Settings, query: Query[Any] | None = None, name: str = "") -> None:
    """Raises NoDatabase, says why it cannot be written to, and raises NotFound if what is asked for is not there."""
    _writable(settings)
    with suppress(OldSchema), looking(settings) as onlooker:
        if query is not None:
            find(onlooker, query, name)


def back_up(settings: Settings, target: Path) -> None:
    """Raises Usage for a database that is no file; see core.storage.backup for the rest."""
    from core.storage import backup
    from core.storage.sqlite import SqliteStore

    store = open_store(settings.database_url, reading=True)
    try:
        if not isinstance(store, SqliteStore):
            raise Usage(f"{store.place} is a PostgreSQL database: use pg_dump")
        backup.back_up(store, target)
    finally:
        store.close()


def list_users(settings: Settings) -> tuple[User, ...]:
    with looking(settings) as onlooker:
        return onlooker.ask(ListUsers())


def check_gateway(url: str) -> None:
    """Raises Unreachable if nobody answers there."""
    _ask(urllib.request.Request(f"{url}/health"))  # noqa: S310  the caller names their own gateway


def set_maintenance(url: str, user: str, password: str, *, on: bool) -> None:
    """Raises Failed and Unreachable."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310
        f"{url}/maintenance",
        data=json.dumps({"on": on}).encode(),
        method="PUT",
        headers={"authorization": f"Basic {credentials}", "content-type": "application/json"},
    )
    status, text = _ask(request)
    if status == 401:
        raise Failed(f"{url} does not know {user} with this password")
    if status == 403:
        raise Failed(f"{user} is no administrator of {url}")
    if status != 200:
        raise Failed(f"{url} answered {status}: {text}".rstrip(": "))


def _ask(request: urllib.request.Request) -> tuple[int, str]:
    """The status and the first line of the answer."""
    where = f"{request.type}://{request.host}"
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace").partition("\n")[0]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace").partition("\n")[0]
    except urllib.error.URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise Unreachable(f"no gateway answers at {where}: {reason}") from None
    except HTTPException:
        raise Unreachable(f"no gateway answers at {where}: that is no HTTP") from None
    except OSError as error:  # while it is read
        raise Unreachable(f"no gateway answers at {where}: {error.strerror or error}") from None
