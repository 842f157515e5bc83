"""Reading settings and clients."""

from typing import TypeVar

from core.identity.queries import ClientById, SettingValue
from core.search.reader import Reader, answers
from core.storage.rows import load_any
from core.tables.identity import OAuthClient, Setting

T = TypeVar("T")
Out = TypeVar("Out")


@answers(ClientById)
def client_by_id(query: ClientById, r: Reader) -> OAuthClient:
    return r.one(OAuthClient, "client_id", query.client_id, "client", tenant=False)


@answers(SettingValue)
def setting_value(query: SettingValue, r: Reader) -> str:
    rows = load_any(r.connection, Setting, "name", [query.name])
    return rows[0].value if rows else ""
