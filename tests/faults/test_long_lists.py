"""Nobody stops everybody by a list: others are answered while it is made, and whoever does not read it holds it up."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from starlette.types import Message

from adapters.common.http import PIECE, Pieces, Raw
from adapters.common.slices import AT_ONCE, SLICE, Rows, each, in_json
from core import engine as engine_module
from core.instance.commands import CancelInstance
from core.search.query import PageRequest, Sort, Where
from core.storage.store import TooLong
from core.task.queries import SearchTasks
from tests.support.asgi import Answer, call
from tests.support.crowd import crowd
from tests.support.world import World, open_world

TASKS = 3_000
USER = "james"
ENVELOPE = (
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><getTasks xmlns='http://tempuri.org/'>"
    "<AuthenticationTicket>{}</AuthenticationTicket><xmlcriteria/><SortBy>DefaultSort</SortBy>"
    "<AscendingOrder>true</AscendingOrder></getTasks></s:Body></s:Envelope>"
)


@pytest.fixture
async def crowded(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """All is read on the event loop: so what else has a turn has it because the list makes way."""
    monkeypatch.setattr(engine_module, "INLINE_BUDGET", 3600)
    async with open_world(template, tmp_path) as world:
        await crowd(world.engine, USER, TASKS // 2)
        await crowd(world.engine, USER, TASKS // 2, in_one_instance=TASKS // 2)
        yield world


Request = tuple[str, str, dict[str, str], str]


async def _ticket(world: World) -> str:
    answer = await world.call("GET", f"/srv.asmx/AuthenticateUser?UID={USER}&PWD={USER}")
    return answer.text.partition('ticket="')[2].partition('"')[0]


async def _list(world: World, name: str) -> Request:
    """The unpaged list of a dialect, or its longest page."""
    if name == "inubit":
        return "GET", "/ibis/rest/task/tasks", {}, ""
    if name == "camunda":
        wanted = {"filter": {"assignee": USER}, "sort": [{"field": "name"}], "page": {"limit": 10_000}}
        body = orjson.dumps(wanted).decode()
        return "POST", "/v2/user-tasks/search", {"content-type": "application/json"}, body
    if name.startswith("processmaker"):
        return "GET", f"/api/1.0/workflow{name.partition(' ')[2]}", await world.token(USER), ""
    ticket = await _ticket(world)
    if name == "infoRouter, SOAP":
        headers = {"content-type": "text/xml", "soapaction": '"http://tempuri.org/getTasks"'}
        return "POST", "/srv.asmx", headers, ENVELOPE.format(ticket)
    criteria = quote("<criteria/>")
    query = f"AuthenticationTicket={ticket}&xmlcriteria={criteria}&SortBy=DefaultSort&AscendingOrder=true"
    return "GET", f"/srv.asmx/getTasks?{query}", {}, ""


LISTS = (
    "inubit",
    "infoRouter",
    "infoRouter, SOAP",
    "processmaker /cases",
    "processmaker /cases/participated",
    "processmaker /light/participated?limit=100000",
    "camunda",
)


async def _ask(world: World, request: Request) -> Answer:
    method, target, headers, body = request
    return await world.call(method, target, headers, body=body, user="" if "authorization" in headers else USER)


@pytest.mark.parametrize("name", LISTS)
async def test_a_long_list_makes_way(crowded: World, name: str) -> None:
    """Others are answered while it is made: at least once for each slice of rows."""
    request = await _list(crowded, name)
    # their password is known by now, which others did not have to wait for either
    assert (await crowded.call("GET", "/ibis/rest/task/tasks?count=1", user=USER)).status == 200
    answered = 0

    async def others() -> None:
        nonlocal answered
        while True:
            assert (await crowded.call("GET", "/health")).status == 200
            answered += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await asyncio.sleep(0)
    answered = 0
    answer = await _ask(crowded, request)
    between = answered
    beside.cancel()
    assert answer.status == 200
    rows = TASKS // 2 if "participated" in name else TASKS
    assert answer.text.count("Read &amp; sign") + answer.text.count("Read & sign") >= rows
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert between >= rows // SLICE - 1


# the bytes of a list are those of its pages


async def _inubit_pages(world: World) -> str:
    rows: list[str] = []
    start, total = 0, 1
    while start < total:
        page = await world.call("GET", f"/ibis/rest/task/tasks?start={start}&count={SLICE}", user=USER)
        found = re.fullmatch(r'(<Tasklist[^>]* total="(\d+)"[^>]*>)(.*)(</Tasklist>)', page.text, re.DOTALL)
        assert found is not None
        head, count, inside, tail = found.groups()
        rows.append(inside)
        start, total = start + SLICE, int(count)
    return head + "".join(rows) + tail


async def _inforouter_pages(world: World) -> str:
    rows = []
    ticket = await _ticket(world)
    query = f"AuthenticationTicket={ticket}&xmlcriteria={quote('<criteria/>')}&SortBy=DefaultSort&AscendingOrder=true"
    start, total = 0, 1
    while start < total:
        page = await world.call("GET", f"/srv.asmx/GetTasks1?{query}&startingRow={start}&rowCount={SLICE}")
        found = re.fullmatch(
            r'(.*taskCount="(\d+)")[^>]*>\r\n  <tasks>\r\n(.*)(\r\n  </tasks>.*)', page.text, re.DOTALL
        )
        assert found is not None
        head, count, inside, tail = found.groups()
        rows.append(inside)
        start, total = start + SLICE, int(count)
    return f"{head}>\r\n  <tasks>\r\n" + "\r\n".join(rows) + tail


async def test_inubit_writes_the_same_bytes(crowded: World) -> None:
    whole = await _ask(crowded, await _list(crowded, "inubit"))
    assert whole.text == await _inubit_pages(crowded)


async def test_inforouter_writes_the_same_bytes(crowded: World) -> None:
    whole = await _ask(crowded, await _list(crowded, "infoRouter"))
    assert whole.text == await _inforouter_pages(crowded)


async def test_soap_writes_the_same_rows_in_one_line(crowded: World) -> None:
    lines = await _ask(crowded, await _list(crowded, "infoRouter"))
    whole = await _ask(crowded, await _list(crowded, "infoRouter, SOAP"))
    inside = re.sub(r"\r\n *", "", lines.text.partition("<tasks>")[2].partition("</tasks>")[0])
    assert whole.text.partition("<tasks>")[2].partition("</tasks>")[0] == inside


@pytest.mark.parametrize("path", ["/cases", "/cases/participated"])
async def test_processmaker_writes_the_same_rows(crowded: World, path: str) -> None:
    token = await crowded.token(USER)
    whole = await crowded.call("GET", f"/api/1.0/workflow{path}", token)
    pages: list[Any] = []
    while True:
        target = f"/api/1.0/workflow{path}/paged?limit={SLICE}&start={len(pages)}"
        page = (await crowded.call("GET", target, token)).json()["data"]
        if not page:
            break
        pages += page
    assert whole.json() == pages
    assert whole.body == orjson.dumps(pages).replace(b"/", b"\\/")


async def test_camunda_writes_the_same_items(crowded: World) -> None:
    whole = await _ask(crowded, await _list(crowded, "camunda"))
    items: list[Any] = []
    while len(items) < TASKS:
        wanted = {
            "filter": {"assignee": USER},
            "sort": [{"field": "name"}],
            "page": {"from": len(items), "limit": SLICE},
        }
        request = "POST", "/v2/user-tasks/search", {"content-type": "application/json"}, orjson.dumps(wanted).decode()
        items += (await _ask(crowded, request)).json()["items"]
    assert whole.json()["items"][:TASKS] == items[:TASKS]
    assert whole.body == orjson.dumps(whole.json())


@pytest.mark.parametrize("count", [0, 1, SLICE, SLICE + 1, 3 * SLICE])
@pytest.mark.parametrize("shape", ["list", "rows", "object", "two"])
async def test_json_in_slices_is_json(count: int, shape: str) -> None:
    items = [{"n": n, "a/b": ["ü"]} for n in range(count)]
    made = each(items, dict)
    value, same = {
        "list": (items, items),
        "rows": (made, items),
        "object": ({"x": 1, "items": made, "page": {}}, {"x": 1, "items": items, "page": {}}),
        "two": ({"a": items, "b": made}, {"a": items, "b": items}),
    }[shape]
    body = await in_json(value, orjson.dumps)
    assert (_all(body) if isinstance(body, Pieces) else body) == orjson.dumps(same)


async def test_many_lists_take_turns() -> None:
    """However many there are: a few slices are made in a round of the loop, and no list is long behind the others."""
    made, most, ended = 0, 0, []

    async def make(items: Any) -> Any:
        nonlocal made
        made += 1
        return items

    async def whole(number: int) -> None:
        assert len(await Rows(range(10 * SLICE), make).all()) == 10 * SLICE
        ended.append(number)

    lists = [asyncio.create_task(whole(number)) for number in range(50)]
    await asyncio.sleep(0)
    assert made == 50
    lists[7].cancel()
    while not all(task.done() for task in lists):
        before = made
        await asyncio.sleep(0)
        most = max(most, made - before)
    assert most == AT_ONCE
    assert ended == [number for number in range(50) if number != 7]


async def test_rows_may_be_gone_when_they_are_made() -> None:
    async def odd_slices(some: Any) -> Any:
        """None of the first slice."""
        return [n for n in some if n >= SLICE and n % 3 == 1]

    items = range(3 * SLICE)
    body = await in_json(Rows(items, odd_slices), orjson.dumps)
    assert isinstance(body, Pieces)
    assert orjson.loads(_all(body)) == await odd_slices(items)

    async def none(some: Any) -> Any:
        return []

    body = await in_json(Rows(range(3 * SLICE), none), orjson.dumps)
    assert isinstance(body, Pieces)
    assert _all(body) == b"[]"


def _all(pieces: Pieces) -> bytes:
    found = []
    while not pieces.is_empty:
        found.append(pieces.take())
    return b"".join(found)


# a reader who does not read


async def test_pieces_go_out_as_they_are_taken() -> None:
    """What has been handed over and not been read is one piece, however long the answer is."""
    text = [orjson.dumps({"n": n, "text": "x" * 900}) for n in range(5_000)]
    pieces = Pieces()
    for part in text:
        pieces.add(part)
    assert pieces.length == sum(map(len, text))
    held = sum(len(piece) for piece, _ in pieces._held)
    assert held < pieces.length / 3, "what waits beyond the first pieces is deflated"
    response = Raw(200, pieces, {"content-type": "application/json"})
    sent: asyncio.Queue[Message] = asyncio.Queue(1)

    async def receive() -> Message:
        raise AssertionError("nobody asks")

    answering = asyncio.create_task(response({"type": "http"}, receive, sent.put))
    start = await sent.get()
    assert dict(start["headers"])[b"content-length"] == b"%d" % sum(map(len, text))
    for _ in range(100):
        await asyncio.sleep(0)
    # one lies in the queue, one waits to get in
    left = len(pieces._held)
    body = []
    while True:
        message = await sent.get()
        assert len(message["body"]) < PIECE + 2_000
        body.append(message["body"])
        if not message["more_body"]:
            break
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(pieces._held) >= left - len(body) - 1, "no more is taken than was read"
    await answering
    assert b"".join(body) == b"".join(text)


async def test_a_client_that_does_not_read_holds_its_list(crowded: World) -> None:
    """Through the whole gateway: only one message is under way."""
    request = await _list(crowded, "infoRouter")
    under_way, most, begun, go_on = 0, 0, asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def slow(message: Message) -> None:
            nonlocal under_way, most
            under_way += 1
            most = max(most, len(message.get("body", b"")))
            assert under_way == 1
            begun.set()
            await go_on.wait()
            await send(message)
            under_way -= 1

        await crowded.gateway(scope, receive, slow)

    method, target, headers, body = request
    asking = asyncio.create_task(call(app, method, target, headers, body))
    await begun.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert not asking.done()
    go_on.set()
    answer = await asking
    assert len(answer.body) == int(answer.headers["content-length"]) > 10 * most


async def test_who_reads_as_fast_as_it_is_written_holds_up_nobody() -> None:
    """Between two pieces others have a turn, also if no piece has to wait."""
    pieces, others, most = Pieces(), 0, 20
    for _ in range(most):
        pieces.add(b"x" * PIECE)

    async def turns() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    async def receive() -> Message:
        raise AssertionError("nobody asks")

    async def send(message: Message) -> None:
        pass

    beside = asyncio.create_task(turns())
    await Raw(200, pieces)({"type": "http"}, receive, send)
    beside.cancel()
    assert others >= most - 1


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/login", "username=james&password=james&more="),
        ("/workflow/oauth2/token", "grant_type=password&more="),
        ("/srv.asmx/isValidTicket", "AuthenticationTicket=x&more="),
    ],
)
async def test_a_long_form_is_read_in_a_thread(crowded: World, target: str, body: str) -> None:
    begun: list[str] = []
    in_thread = crowded.engine.in_thread

    async def noted(function: Any, *arguments: Any) -> Any:
        begun.append(function.__name__)
        return await in_thread(function, *arguments)

    crowded.engine.in_thread = noted  # type: ignore[method-assign]
    form = {"content-type": "application/x-www-form-urlencoded"}
    short = await crowded.call("POST", target, form, body=body)
    assert begun == []
    long = await crowded.call("POST", target, form, body=body + "%41" * 100_000)
    assert len(begun) == 1
    assert long.status == short.status


async def test_what_took_long_lately_is_not_tried_on_the_event_loop(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise each of many such requests would cost everybody the time after which it is given up."""
    async with open_world(template, tmp_path) as world:
        for task in world.engine._background:
            task.cancel()
        engine, query, who = world.engine, SearchTasks((Where("assignee", "eq", USER),)), world.system
        other = replace(who, username="somebody else")
        answer = engine._answer
        on_loop: list[bool] = []

        def long(how: Any, asked: Any, principal: Any, connection: Any) -> Any:
            if asked is query:
                on_loop.append(connection is not None)
                if connection is not None and principal is who:
                    raise TooLong("budget")
            return answer(how, asked, principal, connection)

        monkeypatch.setattr(engine, "_answer", long)
        pages = [await engine.ask(query, principal) for principal in (who, who, other, who)]
        assert on_loop == [True, False, False, True, False]
        assert all(page == pages[0] for page in pages)


async def test_who_cancels_very_much_does_so_off_the_event_loop(crowded: World) -> None:
    latest = SearchTasks((Where("assignee", "eq", USER),), (Sort("key", descending=True),), PageRequest(1))
    many = (await crowded.engine.ask(latest, crowded.system)).items[0].task.instance_key
    asked = [(CancelInstance(many), crowded.system)]
    assert crowded.engine._runner.begin(asked) is None
    await crowded.engine.execute(CancelInstance(many), crowded.system)
    left = await crowded.engine.ask(
        SearchTasks((Where("assignee", "eq", USER), Where("state", "eq", "CREATED"))), crowded.system
    )
    assert left.total == TASKS // 2 + 2
