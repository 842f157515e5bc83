"""Methods, paths and media types that a vendor does not know, and more fields than anybody has: rows H6 and H8."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.settings import Settings
from tests.faults.test_bad_input import ASSIGNEES, fair, headers_for
from tests.support.world import World

ALL_FIELDS = Settings.model_fields["max_path"].default // 2 - 100


@dataclass(frozen=True)
class Vendor:
    """How each wrong wish is answered: (status, a part of the answer, what else its headers say)."""

    list: str
    unknown: str
    body: tuple[str, str]
    read: str
    method: tuple[int, str]
    path: tuple[int, str]
    stranger: tuple[int, str]
    media: tuple[int, str]
    accept: tuple[int, str]
    media_type: str
    allow: str
    also: Mapping[str, int] = field(default_factory=dict)


VENDORS = {
    "inubit": Vendor(
        list="/ibis/rest/task/tasks",
        unknown="/ibis/rest/nope",
        body=("POST", "/ibis/rest/task/taskfilter"),
        read="/ibis/rest/task/tasks",
        method=(405, "<message>Method Not Allowed</message>"),
        path=(404, "<message>Not Found</message>"),
        stranger=(401, "<message>Unauthorized access</message>"),
        media=(400, "<message>Bad Request</message>"),  # it looks at the body alone
        accept=(406, "<message>Not Acceptable</message>"),
        media_type="application/xml",
        allow="DELETE, GET, POST",
        also={"OPTIONS": 200},
    ),
    "processmaker": Vendor(
        list="/api/1.0/workflow/cases",
        unknown="/api/1.0/workflow/nope",
        body=("POST", ASSIGNEES),
        read="/api/1.0/workflow/cases",
        method=(405, '{"error":{"code":405,"message":"Method Not Allowed"}}'),
        path=(404, '{"error":{"code":404,"message":"Not Found"}}'),
        stranger=(404, '{"error":{"code":404,"message":"Not Found"}}'),
        media=(403, r"Forbidden: Content type `application\/x-unknown` is not supported."),
        accept=(406, "Not Acceptable: Content negotiation failed."),
        media_type="application/json; charset=utf-8",
        allow="GET, POST",
        also={"OPTIONS": 200},
    ),
    "camunda": Vendor(
        list="/v2/user-tasks/search",
        unknown="/v2/nope",
        body=("POST", "/v2/user-tasks/search"),
        read="/v2/topology",
        method=(405, '"detail":"Method \'BREW\' is not supported."'),
        path=(404, '"detail":"No static resource v2/nope."'),
        stranger=(401, '"title":"Unauthorized"'),
        media=(415, '"detail":"Content-Type \'application/x-unknown\' is not supported."'),
        accept=(406, '"detail":"Acceptable representations: ['),
        media_type="application/problem+json",
        allow="POST",
        also={"OPTIONS": 200},
    ),
    "inforouter": Vendor(
        list="/srv.asmx/AuthenticateUser",
        unknown="/srv.asmx/Nope",
        body=("POST", "/srv.asmx/AuthenticateUser"),
        read="/srv.asmx/isValidTicket",
        method=(405, "The HTTP verb is not allowed."),
        path=(500, "Nope Web Service method name is not valid."),
        stranger=(500, "Nope Web Service method name is not valid."),
        media=(500, "Request format is invalid: application/x-unknown."),
        accept=(200, 'success="false"'),  # it looks at no such header
        media_type="text/html",
        allow="GET, POST",
        also={"OPTIONS": 200},
    ),
    "facilioo": Vendor(
        list="/api/processes",
        unknown="/api/nope",
        body=("POST", "/api/auth/login"),
        read="/api/processes",
        method=(405, ""),
        path=(404, '"title":"Not Found","status":404'),
        stranger=(404, '"title":"Not Found","status":404'),
        media=(415, '"title":"Unsupported Media Type","status":415'),
        accept=(200, '"items":['),  # it answers what it has
        media_type="",
        allow="GET, POST",
    ),
}


@pytest.mark.parametrize("name", VENDORS)
async def test_what_a_vendor_does_not_know_is_answered_as_it_would(world: World, name: str) -> None:
    """H8."""
    vendor, headers = VENDORS[name], await headers_for(world, name)
    for method in ("BREW", "TRACE", "OPTIONS", "PATCH"):
        answer = await world.call(method, vendor.list, headers)
        assert answer.status == vendor.also.get(method, vendor.method[0]), method
        if answer.status != 405:
            continue
        assert vendor.method[1].replace("BREW", method) in answer.text
        assert answer.headers["allow"] == vendor.allow
        assert answer.headers.get("content-type", "") == vendor.media_type
    unknown = {"content-type": "application/x-unknown"}
    asked: list[tuple[tuple[Any, ...], tuple[int, str]]] = [
        (("GET", vendor.unknown, headers), vendor.path),
        (("GET", vendor.unknown), vendor.stranger),
        ((*vendor.body, {**headers, **unknown}), vendor.media),
        *((("GET", vendor.read, {**headers, "accept": a}), vendor.accept) for a in ("application/x-unknown", "x;;q=")),
    ]
    for sent, expected in asked:
        answer = await world.call(*sent, body=b"{}" if sent[0] == "POST" else b"")
        assert fair(answer, name)
        assert (answer.status, expected[1] in answer.text) == (expected[0], True), (sent, answer)


@pytest.mark.parametrize("name", VENDORS)
async def test_fields_of_queries_and_forms_without_a_number(world: World, name: str) -> None:
    """H6: as many as the longest path holds, and ten thousand in a body; refused, or passed over."""
    vendor, headers = VENDORS[name], await headers_for(world, name)
    many = "&".join("a" for _ in range(ALL_FIELDS))
    assert fair(await world.call("GET", f"{vendor.read}?{many}", headers), name)
    long = await world.call("GET", f"{vendor.read}?{many}{'a' * 4000}&{many}", headers)
    assert long.status == 414
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    body = b"&".join(b"a%d=b" % n for n in range(10_000))
    answer = await world.call(*vendor.body, form, body=body)
    assert fair(answer, name)
    assert answer.status in (400, 401, 403, 415), answer
    nested = await world.call(*vendor.body, {**headers, "content-type": "application/json"}, body=b'{"a":' * 10_000)
    assert fair(nested, name)
