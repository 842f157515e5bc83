"""Every operation of ProcessMaker with values that fit nowhere, in every place: it answers in its shape, and nothing is
our fault."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from adapters.processmaker.calls import Endpoint
from adapters.processmaker.dialect import ENDPOINTS
from gateway import demo
from tests.faults.test_bad_input import fair
from tests.support.world import World

FORM = "application/x-www-form-urlencoded"
PLACES: Mapping[str, str] = {
    "workspace": "workflow",
    "prj_uid": demo.PROJECT,
    "act_uid": demo.ACTIVITY,
    "tas_uid": demo.ACTIVITY,
    "pro_uid": demo.PROJECT,
    "usr_uid": "4e2745a3fdbd977d1339862ae390ad13",
    "grp_uid": "157493645523b4c00067b67020029802",
    "rol_uid": "00000000000000000000000000000003",
    "assignee": "4e2745a3fdbd977d1339862ae390ad13",
    "tri_uid": "0" * 32,
    "dyn_uid": "0" * 32,
    "del_index": "1",
    "app_doc_uid": "0" * 32,
    "out_doc_uid": "0" * 32,
    "var_name": "amount",
}
WRONG: tuple[Any, ...] = (
    *("", "x", "x" * 33, "0", "\u0000", "é" * 16, "%", "1e400", "9" * 400, "true"),
    *(0, -1, 2**63, 1e300, 0.5, True, False, None),
    *([], {}, [None], ["x"], [[[[]]]], {"": {}}, {"0": 1}, [{"a": []}]),
)
#: fields of forms, by what stands behind the name of a parameter
TAILS = (
    *("=", "=%00", "=%ff", "=true", "[]=1", "[]=1&{0}=2", "=1&{0}[]=2", "[a][b][]=1", "[=1", "[[]=1", "%5B%00%5D=1"),
    *("[9223372036854775807]=1&{0}[]=2", "[9223372036854775806][]=1&{0}[]=1&{0}[]=1", "[-9223372036854775808]=1"),
)


def operations() -> Iterator[Endpoint]:
    """Each at the first of its addresses."""
    seen: set[str] = set()
    for endpoint in ENDPOINTS:
        if endpoint.operation.name not in seen:
            seen.add(endpoint.operation.name)
            yield endpoint


def names_of(endpoint: Endpoint) -> tuple[str, ...]:
    """Of what may be sent."""
    return (
        *(p.name for p in endpoint.takes if f"{{{p.name}}}" not in endpoint.operation.path),
        "access_token",
        "cases",
    )


@pytest.fixture
async def case(world: World) -> str:
    token = await world.token()
    sent = {"pro_uid": demo.PROJECT, "tas_uid": demo.ACTIVITY, "usr_uid": "0" * 31 + "1"}
    address = "/api/1.0/workflow/cases/impersonate"
    answer = await world.call("POST", address, {**token, "content-type": FORM}, body=_form(sent))
    uid: str = answer.json()["app_uid"]
    return uid


def _form(values: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={quote(value)}" for name, value in values.items()).encode()


RESOURCES = sorted({e.operation.path.split("/")[4] for e in operations()})


@pytest.mark.parametrize("resource", RESOURCES)
async def test_values_that_fit_nowhere(world: World, case: str, resource: str) -> None:
    headers = await world.token()
    for endpoint in operations():
        if endpoint.operation.path.split("/")[4] == resource:
            await try_all(world, headers, case, endpoint)


async def try_all(world: World, headers: Mapping[str, str], case: str, endpoint: Endpoint) -> None:
    method = endpoint.operation.method
    target = endpoint.operation.path.format(**PLACES, app_uid=case)
    names = names_of(endpoint)
    good = {p.name: "4e2745a3fdbd977d1339862ae390ad13" for p in endpoint.takes if p.required}
    bodies: list[tuple[str, bytes]] = [("", b""), ("", orjson.dumps(WRONG))]
    for name in names:
        bodies += [("application/json", orjson.dumps({**good, name: value})) for value in WRONG]
        bodies += [(FORM, f"{name}{tail}".format(name).encode()) for tail in TAILS]
    if method in ("GET", "DELETE"):
        queries = [raw for media_type, raw in bodies if media_type == FORM]
        sent = [(f"{target}?{raw.decode()}", "", b"") for raw in queries]
    else:
        sent = [(target, media_type, raw) for media_type, raw in bodies]
    for address, media_type, raw in sent:
        more = {"content-type": media_type} if media_type else {}
        answer = await world.call(method, address, {**headers, **more}, body=raw)
        assert fair(answer, "processmaker"), f"{method} {address} {raw[:80]!r}: {answer.status} {answer.text[:300]}"


@pytest.mark.parametrize("part", ["", "%00", "%2F", "%ff", "x" * 33, "é" * 16, "0" * 32, "%3F", "a+b", "%E2%84%AA"])
async def test_ids_that_fit_nowhere(world: World, part: str) -> None:
    headers = await world.token()
    for endpoint in operations():
        path = endpoint.operation.path
        for name in [n for n in PLACES if f"{{{n}}}" in path and n != "workspace"] + ["app_uid"] * (
            "{app_uid}" in path
        ):
            target = path.format(**{**PLACES, "app_uid": "0" * 32, name: part})
            answer = await world.call(endpoint.operation.method, target, headers)
            assert fair(answer, "processmaker"), f"{endpoint.operation.method} {target}: {answer.status} {answer.text}"
