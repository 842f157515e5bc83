"""Members that answers have are put into every request that writes: no more changes by it than without."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from adapters.inforouter.dialect import METHODS
from core.engine import Engine
from gateway.dialects import load, names
from tests.support.asked import (
    Asked,
    asked,
    at,
    does_nothing,
    exchanges,
    is_filled,
    learn,
    out_of_few_files,
    refused,
    send,
)
from tests.support.described import JSON, XML, Description, Operation, described
from tests.support.exchange import Case, add, fill, prepare, settings_of
from tests.support.spiked import MARKS, Body, spiked_query
from tests.support.touched import Touch, touched
from tests.support.world import World, open_world

#: so many requests for each operation
MOST = 2
#: what no exchange does: with the code of a mail, where there is no administrator yet, another address of `token`
UNTRIED = {
    "camunda": {"createAdminUser"},
    "inforouter": {"AuthenticateUserViaWindows", "ChangePasswordUsingSecretText"},
    "processmaker": {"tokenUnderApi"},
}
#: refuse what they do not know, so nothing is set; with the others the request has to get through
CLOSED = {"camunda"}
#: what is of no weight in a column
NOTHING = {"None", "", "0", "{}", "[]"}
#: what methods of infoRouter are called that only tell something
_TELL = re.compile(r"(get|test|domainexists|userexists|isvalid|serverinfo|maintenance)", re.IGNORECASE)
#: operations whose bodies only ask
_ASK = re.compile(r"(list|get|filter|search)")


def _described(one: Asked) -> tuple[Description, Operation] | None:
    """None where there is no described body."""
    profile = settings_of(exchanges(one.path).directives).get(one.path.parent.name, {}).get("profile", "")
    description = described(one.path.parent.name, profile)
    found = description.find(one.case.method, one.case.target.replace("{{", "").replace("}}", ""))
    if found is None or "requestBody" not in found.facts or one.case.body[:1] not in ("{", "[", "<"):
        return None
    return description, found


def _attempts(one: Asked, bound: dict[str, str]) -> Iterator[Case]:
    """First with all at once; and if that is refused, with each of those that are near."""
    if one.path.parent.name == "inforouter":
        target = spiked_query(one.operation.name, fill(one.case.target, bound))
        get = replace(one.case, target=target)
        yield at(get, one.operation, replace(one.operation, method="POST"))  # there is more than an address can hold
        return
    found = _described(one)
    assert found is not None
    body = Body(*found)
    for added in (body.every, *body.near):
        yield replace(one.case, body=body.spiked(fill(one.case.body, bound), added))


def _writes(one: Asked) -> bool:
    if one.path.parent.name == "inforouter":
        is_call = one.case.method == "GET" and one.operation.name in METHODS
        return is_call and not _TELL.match(one.operation.name)
    is_asking = one.case.method == "GET" or _ASK.match(one.operation.name)
    return not is_asking and _described(one) is not None


def _chosen(dialect: str) -> dict[Path, list[Asked]]:
    every: dict[str, list[Asked]] = {}
    for one in asked(dialect):
        if _writes(one):
            every.setdefault(one.operation.name, []).append(one)
    return out_of_few_files(every.values(), MOST)


CHOSEN = {path: several for dialect in names() for path, several in _chosen(dialect).items()}


def _is_body(operation: Operation) -> bool:
    return not {JSON[0], XML}.isdisjoint(operation.facts.get("requestBody", {}).get("content", {}))


@pytest.mark.parametrize("dialect", names())
def test_every_request_that_writes_is_among_them(dialect: str) -> None:
    tried = {one.operation.name for path in CHOSEN if path.parent.name == dialect for one in CHOSEN[path]}
    writing = {name for name in METHODS if not _TELL.match(name)}
    if dialect != "inforouter":
        every = [o for profile in load(dialect).profiles for o in described(dialect, profile).operations]
        bodies = {(o.method, o.path) for o in every if _is_body(o)}
        writing = {o.name for o in load(dialect).operations if (o.method, o.path) in bodies and not _ASK.match(o.name)}
    assert writing - tried == UNTRIED.get(dialect, set())


@pytest.mark.parametrize("path", CHOSEN, ids=[f"{path.parent.name}/{path.stem}" for path in CHOSEN])
async def test_what_is_not_for_requests_is_not_set_by_them(path: Path, template: Path, tmp_path: Path) -> None:
    runs = []
    for name in ("spiked",) if path.parent.name in CLOSED else ("spiked", "plain"):
        (tmp_path / name).mkdir()
        settings = settings_of(exchanges(path).directives)
        async with open_world(template, tmp_path / name, dialects=settings) as world:
            _count_moments(world.engine)
            await add(world, exchanges(path).directives)
            runs.append(await _run(world, path, with_spikes=name == "spiked"))
    spiked, plain = runs[0], runs[-1]
    more = {title: _more(plain[title], touches) for title, touches in spiked.items()}
    assert not {title: what for title, what in more.items() if what}


def _count_moments(engine: Engine) -> None:
    """No two turns are in the same millisecond: whether a row was touched at another moment than before tells the same
    in each run."""
    moments = count(engine.clock() + 1)
    engine.clock = engine._runner._clock = engine._memory._clock = lambda: next(moments)


def _more(plain: list[Touch], spiked: list[Touch]) -> list[object]:
    """What is set that would not be."""
    marked = [touch for touch in spiked if any(mark in touch.value for mark in MARKS)]
    return [*marked, *(_shape(spiked) - _shape(plain)).elements()]


def _shape(touches: Iterable[Touch]) -> Counter[tuple[str, str, str]]:
    """Which columns of which tables, and how often."""
    return Counter((t.table, t.how, t.column) for t in touches if t.how != "INSERT" or t.value not in NOTHING)


async def _run(world: World, path: Path, *, with_spikes: bool) -> dict[str, list[Touch]]:
    """What the chosen cases do."""
    found: dict[str, list[Touch]] = {}
    chosen = {id(one.case): one for one in CHOSEN[path]}
    bound: dict[str, str] = {}
    with touched(world.path) as log:
        for case in exchanges(path).cases:
            for directive in case.before:
                await prepare(world, directive)
            log.take()
            if not chosen:
                break
            if does_nothing(case) or world.engine.maintenance or not is_filled(case, bound):
                continue
            answer = None
            one = chosen.pop(id(case), None)
            if one is not None and with_spikes:
                for attempt in _attempts(one, bound):
                    tried = await send(world, attempt, bound)
                    if not refused(tried):
                        answer = tried
                        break
                    assert not log.take(), f"{case.title}: refused, and yet"
                assert (answer is None) is (path.parent.name in CLOSED), one.title
            if answer is None:
                answer = await send(world, case, bound)
            if one is not None:
                found[case.title] = log.take()
            learn(case, answer, bound)
    return found


async def test_a_path_leads_only_to_what_may_be_changed(world: World) -> None:
    """INUBIT changes a task by naming a place in its document: most of those that there are are not for that."""
    started = await world.call(
        "POST", "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd", user="testuser"
    )
    parts = described("inubit").document["components"]["schemas"]["Task"]["properties"]
    places = {f"@{name}" if part.get("xml", {}).get("attribute") else name for name, part in parts.items()}
    assert places > {"@id", "@process", "@creation", "@user", "@action"}
    changeable = set()
    with touched(world.path) as log:
        for place in sorted(places):
            for value in ("testuser", "false", "4102444800000"):
                target = f"/ibis/rest/task/tasks/{started.text}?path={quote(place)}&value={value}"
                answer = await world.call("PUT", target, user="testuser")
                assert bool(log.take()) is (answer.status == 200)
                changeable |= {place} if answer.status == 200 else set()
    assert changeable == {"@locked", "@expiration", "@popup", "Name", "Description"}
