"""A legacy system is recorded and replayed: its successor passes, each bug is found where it shows and nowhere else."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.common.dialect import Numbers
from gateway.compare.grades import Grade
from gateway.replay.kinds import Kinds
from gateway.traffic.exchange import Exchange, Request, Response
from tests.support.legacy import Legacy
from tests.support.legacy_client import over_json, over_soap, until_exported
from tests.support.replayed import Recorder, replayed


async def recorded() -> list[Exchange]:
    recorder = Recorder(Legacy(seed=1).app)
    await over_json(recorder)
    await over_soap(recorder)
    return recorder.recorded


@pytest.mark.parametrize("one_by_one", [True, False], ids=["one by one", "at once"])
async def test_the_successor_differs_in_bytes_only(one_by_one: bool) -> None:
    successor = Legacy(seed=2, first=400, successor=True)
    replay = await replayed(await recorded(), successor.app, one_by_one=one_by_one)
    assert set(replay.bench.grades) == {"equal", Grade.BYTES}
    assert not replay.identities.stale
    assert not replay.identities.conflicts
    assert [task["state"] for task in successor.tasks.values()] == ["DONE", "OPEN", "DONE"]
    assert [task["title"] for task in successor.tasks.values()] == ["first", "second", "third"]


@pytest.mark.parametrize("one_by_one", [True, False], ids=["one by one", "at once"])
async def test_a_completion_that_does_nothing_shows_where_somebody_looks(one_by_one: bool) -> None:
    exchanges = await recorded()
    replay = await replayed(exchanges, Legacy(seed=2, bugs=frozenset({"idle"})).app, one_by_one=one_by_one)
    looks = [one.number for one in exchanges if one.response is not None and b"DONE" in one.response.body]
    assert len(looks) == 4
    assert replay.differing == looks
    places = {one.place for _, judgement in replay.played.values() for one in judgement.differences}
    assert all("state" in place.lower() for place in places)


async def test_titles_that_get_lost_are_no_matter_of_identity() -> None:
    exchanges = await recorded()
    replay = await replayed(exchanges, Legacy(seed=2, bugs=frozenset({"forgetful"})).app)
    titled = [n for n, one in enumerate(exchanges, 1) if one.response is not None and b'"title"' in one.response.body]
    assert replay.differing == titled
    assert not replay.identities.stale


OLD_ID, ONE_ID, OTHER_ID = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "abc")


def things(made: str, looked_at: str) -> Starlette:
    """A server that says one id when it makes a thing, and one when somebody looks at it."""

    def app(said: str) -> Callable[[HttpRequest], JSONResponse]:
        return lambda request: JSONResponse({"id": said} if said else {})

    return Starlette(
        routes=[Route("/things", app(made), methods=["POST"]), Route("/things/{id}", app(looked_at), methods=["GET"])]
    )


@pytest.mark.parametrize("link", ["/things/{id}", "https://itself/things/{id}/notes", "of {id}"])
async def test_a_link_that_leads_to_another_thing_is_another_identity(link: str) -> None:
    """Though each of the two is known."""

    def server(ids: list[str], shown: list[str]) -> Starlette:
        def make(request: HttpRequest) -> JSONResponse:
            return JSONResponse({"items": [{"id": id} for id in ids]})

        def look(request: HttpRequest) -> JSONResponse:
            return JSONResponse({"link": link.format(id=shown[0])})

        return Starlette(routes=[Route("/things", make), Route("/things/{id}", look)])

    old, new = [OLD_ID, OLD_ID.replace("a", "d")], [ONE_ID, OTHER_ID]
    recorder = Recorder(server(old, old))
    await recorder.ask("GET", "/things")
    await recorder.ask("GET", f"/things/{old[0]}")
    assert (await replayed(recorder.recorded, server(new, new))).differing == []
    replay = await replayed(recorder.recorded, server(new, new[1:]))
    (difference,) = replay.played[2][1].differences
    assert (difference.grade, difference.note) == (Grade.BREAKING, "another identity")


async def looked_at_twice() -> list[Exchange]:
    recorder = Recorder(things(OLD_ID, OLD_ID))
    await recorder.ask("POST", "/things", {})
    await recorder.ask("GET", f"/things/{OLD_ID}")
    await recorder.ask("GET", f"/things/{OLD_ID}")
    return recorder.recorded


async def test_what_could_not_be_mapped_is_told_as_it_was_written() -> None:
    replay = await replayed(await looked_at_twice(), things("", ""))
    (stale,) = replay.identities.stale.values()
    assert (stale.text, stale.origin, stale.needed, stale.times) == (OLD_ID, 1, "path /things/ of exchange 2", 2)


async def test_a_contradiction_is_told_once_and_as_it_was_written() -> None:
    replay = await replayed(await looked_at_twice(), things(ONE_ID, OTHER_ID))
    (conflict,) = replay.identities.conflicts
    assert (conflict.value, conflict.bound, conflict.seen, conflict.exchange) == (OLD_ID, ONE_ID, OTHER_ID, 2)


async def test_two_tasks_with_one_id_are_a_contradiction_and_what_follows_says_so() -> None:
    exchanges = await recorded()
    replay = await replayed(exchanges, Legacy(seed=2, bugs=frozenset({"one_id"})).app)
    conflict = replay.identities.conflicts[0]
    assert conflict.exchange == 3
    origins = {one.exchange for one in replay.identities.survey.origins.values()}
    assert {stale.origin for stale in replay.identities.stale.values()} <= origins
    _, judgement = replay.played[5]
    assert [one.follows for one in judgement.differences] == [3]


async def test_the_same_server_again_is_equal_twice() -> None:
    exchanges = await recorded()
    for seed in (8, 9):
        replay = await replayed(exchanges, Legacy(seed).app)
        assert replay.bench.grades == {"equal": len(exchanges)}
        assert not replay.identities.stale


@pytest.mark.parametrize("pending", [0, 3, 12])
async def test_a_loop_takes_as_many_questions_as_the_new_server_needs(pending: int) -> None:
    recorder = Recorder(Legacy(seed=1, pending=4).app)
    await until_exported(recorder)
    new = Legacy(seed=2, first=70, pending=pending)
    replay = await replayed(recorder.recorded, new.app)
    assert replay.bench.grades == {"equal": len(recorder.recorded)}
    assert list(new.exports) == ["EXP-70"]


async def test_a_loop_that_does_not_end_is_a_difference_and_ends() -> None:
    recorder = Recorder(Legacy(seed=1, pending=2).app)
    await until_exported(recorder)
    replay = await replayed(recorder.recorded, Legacy(seed=2, pending=10_000).app)
    assert replay.differing == [recorder.recorded[-1].number]
    assert replay.bench.grades["not-judged"] == len(recorder.recorded) - 2


@pytest.mark.parametrize("one_by_one", [True, False], ids=["one by one", "at once"])
async def test_a_loop_that_somebody_else_ends(one_by_one: bool) -> None:
    """One asks until the other has completed the task."""
    recorder = Recorder(Legacy(seed=1).app)

    async def login() -> dict[str, str]:
        answer = await recorder.ask("POST", "/api/login", {"user": "ann", "password": "ann"})
        return {"Authorization": f"Bearer {json.loads(answer.body)['token']}"}

    one, other = await login(), await login()
    id = json.loads((await recorder.ask("POST", "/api/tasks", {"title": "a"}, one)).body)["id"]
    for _ in range(3):
        await recorder.ask("GET", f"/api/tasks/{id}", None, one)
    await recorder.ask("POST", f"/api/tasks/{id}/complete", None, other)
    await recorder.ask("GET", f"/api/tasks/{id}", None, one)
    await recorder.ask("GET", "/api/tasks", None, other)
    replay = await replayed(recorder.recorded, Legacy(seed=2).app, one_by_one=one_by_one)
    assert len(replay.plan.polls) == 1
    assert replay.bench.grades == {"equal": len(recorder.recorded)}, replay.told()


class Awaited:
    """Whoever starts something waits until somebody has completed its task, which is there `late` looks later."""

    def __init__(self, key: int, late: int = 0) -> None:
        self.looks = 0
        self._key = key
        self._late = late
        self._is_done = asyncio.Event()
        self._is_started = asyncio.Event()
        routes = (("/start", self.start), ("/tasks/search", self.search), ("/tasks/{key}/complete", self.complete))
        self.app = Starlette(routes=[Route(path, answer, methods=["POST"]) for path, answer in routes])

    async def start(self, request: HttpRequest) -> JSONResponse:
        self._is_started.set()
        await self._is_done.wait()
        return JSONResponse({"state": "DONE"})

    async def search(self, request: HttpRequest) -> JSONResponse:
        await self._is_started.wait()
        self.looks += 1
        found = [self._key] if self.looks > self._late else []
        headers = {"X-Request-Id": f"{self._key:x}{self.looks:016x}"}
        return JSONResponse({"items": found, "last": f"{self._key:x}a{0:016x}" if found else None}, headers=headers)

    async def complete(self, request: HttpRequest) -> JSONResponse:
        is_it = request.path_params["key"] == str(self._key)
        if is_it:
            self._is_done.set()
        return JSONResponse({}, 200 if is_it else 404)


@pytest.mark.parametrize(("was_late", "late"), [(0, 0), (0, 2), (2, 0), (2, 5)])
async def test_who_waits_is_let_go_by_who_looks_until_there_is_something(was_late: int, late: int) -> None:
    """On either server what a change makes may be there sooner or later, as long as it is under way."""
    recorder = Recorder(Awaited(4_000_000_001, was_late).app)

    async def work() -> None:
        for _ in range(was_late + 1):
            await recorder.ask("POST", "/tasks/search")
        await recorder.ask("POST", "/tasks/4000000001/complete")

    await asyncio.gather(recorder.ask("POST", "/start"), work())
    new = Awaited(7_000_000_001, late)
    replay = await replayed(recorder.recorded, new.app)
    assert replay.bench.grades == {"equal": len(recorder.recorded)}, replay.told()
    assert not replay.identities.stale
    assert not replay.identities.conflicts


async def test_a_look_that_finds_nothing_when_all_is_through_is_a_difference() -> None:
    old = [
        _exchange(1, "POST /start", "{}", at=(1, 5)),
        _exchange(2, "GET /tasks", '[{"key": 4000000001}]', at=(2, 3)),
        _exchange(3, "GET /tasks/4000000001", '{"key": 4000000001}', at=(6, 7)),
    ]
    looks = 0

    async def empty(request: HttpRequest) -> JSONResponse:
        nonlocal looks
        looks += request.url.path == "/tasks"
        return JSONResponse([] if request.method == "GET" else {})

    new = Starlette(routes=[Route("/{path:path}", empty, methods=["GET", "POST"])])
    replay = await replayed(old, new)
    assert replay.differing == [2, 3]
    assert looks == 2


async def test_several_clients_at_once() -> None:
    """Recorded side by side, replayed side by side: everybody gets their own."""
    old = Legacy(seed=1)
    recorder = Recorder(old.app)
    titles = [(f"a{n}", f"b{n}") for n in range(6)]
    await asyncio.gather(*(over_json(recorder, titles[n], connection=n) for n in range(6)))
    # who saw how many tasks of others is a matter of luck
    exchanges = [one for one in recorder.recorded if one.request.target != b"/api/tasks" or one.request.body]
    new = Legacy(seed=2, first=1000)
    replay = await replayed(exchanges, new.app)
    assert replay.told() == ""
    assert len(set(replay.plan.sessions.names.values())) == 12  # six of them, and a look by nobody on each connection
    done = {task["title"] for task in new.tasks.values() if task["state"] == "DONE"}
    assert done == {f"a{n}" for n in range(6)}


async def test_numbers_of_one_kind_are_told_from_those_of_another() -> None:
    """1 is a task and a page; only the task has become another one. A file may say what nobody could learn."""
    exchanges = [
        _exchange(1, "POST /tasks", '{"id": 1}'),
        _exchange(2, "GET /tasks/1?page=1", '{"id": 1, "page": 1}'),
        _exchange(3, "GET /tasks?page=2", "[]"),
    ]
    sent: list[bytes] = []

    class Server:
        address = ""

        def prepared(self, request: Request) -> Request:
            return request

        async def send(self, request: Request) -> Response:
            sent.append(request.target)
            body = {b"/tasks": b'{"id": 7}', b"/tasks?page=2": b"[]"}.get(request.target, b'{"id": 7, "page": 1}')
            return Response(200, "", ((b"Content-Type", b"application/json"),), body)

    for kinds in (None, Kinds.of([Numbers("task", paths=("/tasks",))])):
        sent.clear()
        replay = await replayed(exchanges, Server(), kinds=kinds)
        assert sent == [b"/tasks", b"/tasks/7?page=1", b"/tasks?page=2"]
        assert replay.bench.grades == {"equal": 3}


@pytest.mark.parametrize("ticket", [ONE_ID, ONE_ID.replace("-", ""), ONE_ID.upper(), f"{{{ONE_ID}}}"])
async def test_a_ticket_behind_a_mark_is_sent_as_the_new_server_wrote_it(ticket: str) -> None:
    mark = "redacted-0123456789abcdef"
    exchanges = [_exchange(1, "GET /login", f'{{"ticket": "{mark}"}}'), _exchange(2, f"GET /list?ticket={mark}", "[]")]
    sent: list[bytes] = []

    class Server:
        address = ""

        def prepared(self, request: Request) -> Request:
            return request

        async def send(self, request: Request) -> Response:
            sent.append(request.target)
            body = f'{{"ticket": "{ticket}"}}' if request.target == b"/login" else "[]"
            return Response(200, "", ((b"Content-Type", b"application/json"),), body.encode())

    replay = await replayed(exchanges, Server())
    assert parse_qs(sent[1].partition(b"?")[2].decode()) == {"ticket": [ticket]}
    assert replay.bench.grades == {"equal": 2}


async def test_what_was_not_recorded_whole_is_not_sent() -> None:
    exchanges = await recorded()
    exchanges[1] = replace(exchanges[1], request=replace(exchanges[1].request, lacks="its body is not kept"))
    new = Legacy(seed=2)
    replay = await replayed(exchanges, new.app)
    assert len(new.tasks) == 2
    played, judgement = replay.played[2]
    assert played.new is None
    assert "its body is not kept" in judgement.reason
    assert {stale.origin for stale in replay.identities.stale.values()} == {2}


def _exchange(number: int, line: str, answer: str, *, at: tuple[float, float] | None = None) -> Exchange:
    method, _, target = line.partition(" ")
    began, ended = at or (float(number), number + 0.5)
    response = Response(200, "", ((b"Content-Type", b"application/json"),), answer.encode())
    return Exchange(number, began, ended, 1, Request(method, target.encode()), response=response)
