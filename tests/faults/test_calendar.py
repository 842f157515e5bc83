"""Moments at which calendars and counters are odd: summer time, leap seconds, the end of 32 bits. Row S9 of the matrix.

What happens when somebody sets the clock is in test_clocks.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import orjson
import pytest

from core.clock import HOUR, SECOND
from core.times import iso_utc, parse_timestamp
from gateway import demo
from tests.cross.test_pairs import JSON, STARTER, find
from tests.faults.test_bad_input import fair, headers_for
from tests.faults.test_clocks import Clocks
from tests.support.world import World

#: a second before 2^31 seconds have passed, and before 2^32
ENDS = (2**31 * SECOND - SECOND, 2**32 * SECOND - SECOND)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def inforouter(world: World, method: str, **values: object) -> str:
    query = urlencode({"authenticationTicket": demo.TICKET, **values})
    answer = await world.call("GET", f"/srv.asmx/{method}?{query}")
    assert answer.status == 200, answer.text
    return answer.text


NEW_TASK = (
    "<x><RequestedAssigneeName>jsmith</RequestedAssigneeName><Instructions>Read</Instructions><DueDate>%s</DueDate></x>"
)
LOCAL = {
    "in winter": "2027-01-15T12:00:00",
    "in summer": "2027-07-15T12:00:00",
    "in the hour that there is not": "2027-03-28T02:30:00",
    "in the hour that there is twice": "2027-10-31T02:30:00",
    "behind 32 bits": "2040-02-29T12:00:00",
}


async def test_a_local_time_comes_back_whatever_the_clocks_are_doing(world: World, berlin: None) -> None:
    """infoRouter's times are those of its machine: what is read can be written, and is the same then."""
    seen: list[str] = []
    for when, told in LOCAL.items():
        for _ in range(2):
            asked = NEW_TASK % told
            path = "/Corporate/Contracts/Agreement.docx"
            made = await inforouter(world, "CreateTask", documentPath=path, xmlParameters=asked)
            assert 'success="true"' in made, (when, made)
            criteria = "<c><param NAME='DOCUMENTID' VALUE='1'/></c>"
            text = await inforouter(world, "getTasks", xmlcriteria=criteria, SortBy="", AscendingOrder="true")
            (new,) = Counter(re.findall("<DueDate>([^<]+)", text)) - Counter(seen)
            seen.append(new)
            told = new
        assert seen[-1] == seen[-2], when
    assert seen[::2] == ["2027-01-15 12:00:00", "2027-07-15 12:00:00", *seen[4:8:2], "2040-02-29 12:00:00"]
    assert seen[4].startswith("2027-03-28 0")
    assert seen[6] == "2027-10-31 02:30:00"


#: seconds that clocks show once in some years, and what is none
LEAP = {"2026-12-31T23:59:60Z": "2026-12-31T23:59:59.000Z", "2027-01-01T00:59:60+01:00": "2026-12-31T23:59:59.000Z"}


def test_a_leap_second_is_the_one_before_it() -> None:
    for text, second in LEAP.items():
        assert iso_utc(parse_timestamp(text)) == second
    for text in ("2026-12-31T23:59:61Z", "2026-12-31T23:59:99Z", "2026-12-31T23:60:00Z", "2026-12-31T24:00:00Z"):
        with pytest.raises(ValueError, match=r"date and time|must be in"):
            parse_timestamp(text)


DATES = (*LEAP, "2026-12-31T23:59:61Z", "2027-03-28T02:30:00", "2100-02-29T00:00:00Z", "2038-01-19T03:14:08Z")


async def test_odd_dates_are_read_or_refused_by_all_dialects(world: World, berlin: None) -> None:
    bearer, jwt = await headers_for(world, "processmaker"), await headers_for(world, "facilioo")
    (task,) = await find(world, processDefinitionId="approve")
    for text in DATES:
        changes = orjson.dumps({"changeset": {"dueDate": text, "followUpDate": text}})
        target = f"/v2/user-tasks/{task['userTaskKey']}"
        assert fair(await world.call("PATCH", target, JSON, body=changes, user="demo"), "camunda"), text
        assert fair(
            await world.call(
                "POST", "/api/user-tasks", {**jwt, **JSON}, body=orjson.dumps({"subject": "x", "dueDate": text})
            ),
            "facilioo",
        ), text
        for target in (f"cases/advanced-search?date_from={quote(text)}&date_to={quote(text)}", "cases"):
            assert fair(await world.call("GET", f"/api/1.0/workflow/{target}", bearer), "processmaker"), text
        sent = f"newDueDate={quote(text)}&allowedStartTimeSpan=1"
        target = f"/srv.asmx/ChangeTaskDueDate?authenticationTicket={demo.TICKET}&taskId=2&{sent}"
        assert fair(await world.call("GET", target), "inforouter"), text
        assert fair(
            await world.call("GET", f"/ibis/rest/task/tasks?creationFilter={quote(text)}", user="demo"), "inubit"
        )


@pytest.mark.parametrize("end", ENDS, ids=["2038", "2106"])
async def test_work_goes_on_over_the_end_of_32_bits(world: World, end: int) -> None:
    """Tasks, tickets, sessions and tokens that were made before it are good behind it."""
    clocks, engine = Clocks(now=end), world.engine
    engine.clock = engine._runner._clock = engine._memory._clock = clocks.wall
    engine.monotonic = engine._memory._monotonic = clocks.monotonic
    bearer, jwt = await world.token("mary"), await world.jwt("admin")
    first = (await world.call("POST", STARTER, user="testuser")).text
    ticket = (await world.call("GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=jdoe")).text
    ticket = ticket.partition('ticket="')[2].partition('"')[0]
    clocks.wait(2 * SECOND)
    second = (await world.call("POST", STARTER, user="testuser")).text
    for _ in range(2):
        listed = (await world.call("GET", "/ibis/rest/task/tasks?creationSorting=ascending", user="testuser")).text
        assert -1 < listed.index(first) < listed.index(second)
        found = await find(world, assignee="testuser", state="CREATED")
        years = {str(item["creationDate"])[:4] for item in found}
        assert years == {iso_utc(end)[:4]}
        assert (await world.call("GET", "/api/1.0/workflow/cases", bearer)).status == 200
        assert (await world.call("GET", "/api/processes", jwt)).status == 200
        assert (
            'UserName="jdoe"'
            in (await world.call("GET", f"/srv.asmx/GetCurrentUser?authenticationTicket={ticket}")).text
        )
        clocks.wait(HOUR // 4)
    clocks.wait(HOUR)
    assert (await world.call("GET", "/api/processes", jwt)).status == 401, "and what has expired, has"
