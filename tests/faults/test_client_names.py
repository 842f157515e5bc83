"""Nothing that a client names reaches a table of Python's: codecs, patterns, formats, attributes, modules, zones, and
the grammars of its numbers and dates. What is measured is work: bytes in, steps out. Row X12."""

import logging
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from adapters.common.smtp import Mails
from core.outbox.queries import DeliveryView
from core.search.patterns import matches
from core.tables.outbox import Delivery
from gateway import demo
from schemas.common.accept import quality
from schemas.common.numbers import whole, within
from tests.faults.test_bad_input import SHAPES, fair, headers_for
from tests.support.asgi import Answer
from tests.support.work import Work, counted
from tests.support.world import World

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
#: no more digits than this are read as a number while these tests run; more would be an error that nobody expects
DIGITS = 640
#: numbers, dates and moments for whoever reads them with Python's own means
ODD = [
    *("9" * 5000, "-" + "9" * 5000, "0" * 5000 + "1", "1" * 19, "²", "٣", "1_0", " 1 ", "+1", "--1", "0x10", "1e400"),
    *("nan", "-inf", "Infinity", "1.", ".5", "1e-400", "true", "None"),
    *("2026-W01-1", "20260101", "2026-001", "0001-01-01", "9999-12-31", "٢٠٢٦-٠١-٠١", "2026-01-01T00:00:00+24:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T24:00:00", "P" + "9" * 5000 + "Y"),
]
#: names that mean something to Python
NAMES = [
    *(
        "__class__",
        "__dict__",
        "__init__",
        "mro",
        "_sa_instance_state",
        "key.__class__",
        "os",
        "os.path",
        "sys.modules",
    ),
    *(
        "{}",
        "{0}",
        "{0.__class__}",
        "{name}",
        "{name.__class__.__init__.__globals__}",
        "{:1000000000}",
        "%s",
        "%(name)s",
    ),
    *("%s", "%(name)s", "$name", "%Y" * 200, "%10000000d", "punycode", "rot13"),
    *("de_DE.UTF-8", "../../etc/passwd", "Europe/Berlin"),
    *("(a+)+$", "(?P<a>", "[", "*" * 60, "\\", "(" * 1000),
]
#: what nobody wants to read of us
TOLD = ("<class", "object at 0x", "<built-in", "<module", "Traceback", "set_int_max_str_digits", "literal for int")


@pytest.fixture(scope="module")
def few_digits() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(DIGITS)
    yield
    sys.set_int_max_str_digits(before)


class Place(NamedTuple):
    """Wherever a client says a number, a date or a name: `@` stands for it."""

    method: str
    target: str
    body: bytes = b""


def _form(method: str, **values: str) -> Place:
    query = "&".join(f"{name}={value}" for name, value in {"authenticationTicket": demo.TICKET, **values}.items())
    return Place("GET", f"/srv.asmx/{method}?{query}")


def _soap(method: str, inside: str) -> Place:
    ticket = f"<authenticationTicket>{demo.TICKET}</authenticationTicket>"
    call = f'<{method} xmlns="http://tempuri.org/">{ticket}{inside}</{method}>'
    envelope = f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{call}</e:Body></e:Envelope>'
    return Place("POST", "/srv.asmx", envelope.encode())


PLACES: dict[str, list[Place]] = {
    "inubit": [
        Place("GET", "/ibis/rest/task/tasks?start=@"),
        Place("GET", "/ibis/rest/task/tasks?creationFilter=@&creationFilterTo=@"),
        Place("GET", "/ibis/rest/task/tasks?nameFilter=@&nameFilterComparison=="),
        Place("GET", "/ibis/rest/task/tasks?nameFilter=@&nameFilterTo=@"),
        Place("GET", "/ibis/rest/task/tasks?actionFilter=@&inactiveFilter=@"),
        Place("GET", "/ibis/rest/task/tasks?@Sorting=ascending&@Filter=x"),
        Place("GET", "/ibis/rest/task/tasks?@FieldFilter=@&@FieldSorting=ascending"),
        Place("GET", "/ibis/rest/task/tasks?lang=@&client=@&userType=@"),
        Place("GET", "/ibis/rest/task/tasks/@"),
        Place("GET", "/ibis/rest/task/adhoc/@"),
        Place("POST", "/ibis/rest/task/adhoc/testuser/a%40%40%40b%40%40%40c%40%40%40@"),
        Place("PUT", "/ibis/rest/task/tasks/@?path=%40expiration&value=@"),
        Place("PUT", "/ibis/rest/task/tasks/10f66801-77e7-4dfa-8f40-0f5039d4552a?path=@&value=@"),
        Place("POST", "/ibis/rest/ready/@"),
        Place("POST", "/ibis/rest/task/tasks?portal=standalone", b'{"roles":["@"]}'),
    ],
    "processmaker": [
        Place("GET", "/api/1.0/workflow/cases?start=@&limit=@&sort=@&dir=@"),
        Place("GET", "/api/1.0/workflow/cases/advanced-search?date_from=@&date_to=@"),
        Place("GET", "/api/1.0/workflow/users?start=@&limit=@"),
        Place("GET", "/api/1.0/workflow/@/x"),
        Place("POST", "/api/1.0/workflow/user", b'{"usr_username":"@","usr_due_date":"@","usr_time_zone":"@"}'),
        Place("POST", "/workflow/oauth2/token", b'{"grant_type":"@","client_id":"@","scope":"@"}'),
    ],
    "camunda": [
        Place("GET", "/v2/user-tasks/@"),
        Place("GET", "/v1/tasks/@"),
        Place("GET", "/v1/variables/@-x"),
        Place("GET", "/v1/forms/x?processDefinitionKey=@&version=@"),
        Place("POST", "/v2/user-tasks/search", b'{"filter":{"userTaskKey":"@"}}'),
        Place("POST", "/v2/user-tasks/search", b'{"filter":{"dueDate":"@"}}'),
        Place("POST", "/v2/user-tasks/search", b'{"filter":{"name":{"$like":"@"}}}'),
        Place("POST", "/v2/user-tasks/search", b'{"sort":[{"field":"@","order":"@"}]}'),
        Place("POST", "/v2/user-tasks/search", b'{"page":{"after":"@"}}'),
        Place("POST", "/v1/tasks/search", b'{"processInstanceKey":"@","searchAfter":["@","@"]}'),
        Place("POST", "/v2/audit-logs/search", b'{"filter":{"entityType":{"$like":"@"},"timestamp":"@"}}'),
        Place("POST", "/v2/authorizations/search", b'{"filter":{"resourceType":"@"},"sort":[{"field":"@"}]}'),
        Place("POST", "/v2/authorizations", b'{"ownerId":"@","ownerType":"@","resourceId":"@","resourceType":"@"}'),
        Place("PUT", "/v2/groups/@/users/@"),
        Place("PUT", "/v2/roles/@/mapping-rules/@"),
        Place("POST", "/v2/process-instances", b'{"processDefinitionId":"@","variables":{"@":"@"}}'),
    ],
    "facilioo": [
        Place("GET", "/api/processes?pageNumber=@&pageSize=@"),
        Place("GET", "/api/processes/@"),
        Place("POST", "/api/processes", b'{"report":"@","contactId":"@","typeId":"@","unitId":"@","finishDate":"@"}'),
        Place("POST", "/api/processes/search", b'{"orderBy":["@ asc","@"],"changedSince":"@","ids":["@"]}'),
        Place("POST", "/api/webhook-registrations", b'{"partyId":1,"url":"@","enabledEvents":[{"type":"@"}]}'),
    ],
    "inforouter": [
        _form("GetUser", UserName="@"),
        _form("GetUser", UserName="ID:@"),
        _form("GetTasks1", xmlcriteria="%3Ccriteria%3E%3Cparam%20NAME='PRIORITY'%20VALUE='@'/%3E%3C/criteria%3E"),
        _form("TransferUserTasks", fromUserName="@", toUserName="@"),
        _form("GetLocalizedResources", resourceIds="@"),
        _form("@"),
        _soap("GetTasks1", "<startingRow>@</startingRow><rowCount>@</rowCount><SortBy>@</SortBy>"),
        _soap("CreateTaskRedirection", "<startDate>@</startDate><endDate>@</endDate><toUserName>@</toUserName>"),
        Place("GET", "/srv.asmx?@"),
    ],
}
_SOAP = {"content-type": "text/xml; charset=utf-8"}


async def _ask(world: World, dialect: str, place: Place, value: str, headers: dict[str, str]) -> Answer:
    if dialect == "inforouter":
        inside, media_type = value.replace("&", "&amp;").replace("<", "&lt;"), _SOAP
    else:
        inside, media_type = value.replace("\\", "\\\\").replace('"', '\\"'), JSON
    sent = {**headers, **media_type} if place.body else headers
    target = place.target.replace("@", quote(value, safe=""))
    return await world.call(place.method, target, sent, body=place.body.replace(b"@", inside.encode()))


def _told(answer: Answer) -> list[str]:
    return [text for text in TOLD if text in answer.body.decode(errors="replace")]


@pytest.mark.parametrize("dialect", SHAPES)
async def test_what_python_would_make_of_it_is_not_what_is_answered(
    world: World, few_digits: None, caplog: pytest.LogCaptureFixture, dialect: str
) -> None:
    headers = await headers_for(world, dialect)
    wrong = []
    with caplog.at_level(logging.ERROR):
        for place in PLACES[dialect]:
            for value in (*ODD, *NAMES):
                answer = await _ask(world, dialect, place, value, headers)
                if answer.status != 414 and (not fair(answer, dialect) or _told(answer)):
                    wrong.append((place, value[:40], answer.status, answer.text[:300]))
    assert wrong == []
    assert [record.getMessage() for record in caplog.records] == []


async def _work(world: World, dialect: str, place: Place, value: str, headers: dict[str, str]) -> Work:
    with counted() as work:
        await _ask(world, dialect, place, value, headers)
    return work


@pytest.mark.parametrize("dialect", SHAPES)
async def test_no_table_is_looked_into(world: World, dialect: str) -> None:
    """Once everything that the gateway needs itself has been there."""
    headers = await headers_for(world, dialect)
    wrong = []
    for place in PLACES[dialect]:
        for value in ("first", "1", "*", "a b"):
            await _ask(world, dialect, place, value, headers)
        for value in NAMES:
            work = await _work(world, dialect, place, f"{value}x1", headers)
            if work.looked_up:
                wrong.append((place, value[:40], work.looked_up))
    assert wrong == []


PIECES = ("a", "9", "*", "%41", "{0}", "\\", "-", "ä", ".*", "(a")


@pytest.mark.parametrize("dialect", SHAPES)
async def test_work_grows_with_the_bytes_and_no_faster(world: World, few_digits: None, dialect: str) -> None:
    """What character sets cost stands in test_charsets."""
    headers = await headers_for(world, dialect)
    wrong = []
    for place in PLACES[dialect]:
        room = 8_000 if place.body else 400
        for piece in PIECES:
            await _ask(world, dialect, place, piece * 100, headers)
            short = await _work(world, dialect, place, piece * (room // 8), headers)
            long = await _work(world, dialect, place, piece * room, headers)
            if long.calls > 8 * short.calls + 1_000:
                wrong.append((place, piece, short.calls, long.calls))
    assert wrong == []


# patterns


class Letters(str):
    """Knows how often it was looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> str:
        type(self).looks += 1
        return super().__getitem__(at)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*" * 8_000 + "x", "false"),
        ("*a" * 300 + "x", "a" * 300),
        ("*?" * 300 + "x", "a" * 200),
        ("?*" * 20 + "a*b", "a" * 400),
        ("*" + "a" * 200 + "b", "a" * 400),
    ],
)
def test_a_wildcard_costs_letters_times_letters_at_most(pattern: str, text: str) -> None:
    Letters.looks = 0
    assert not matches(pattern, Letters(text))
    assert Letters.looks <= (len(text) + 1) * (len(pattern.replace("**", "")) + 1)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        *(("", "", True), ("", "a", False), ("*", "", True), ("?", "", False), ("a", "a", True), ("a", "A", False)),
        *(
            ("*b", "aab", True),
            ("a*", "b", False),
            ("a?c", "abc", True),
            ("a\\*c", "a*c", True),
            ("a\\*c", "abc", False),
        ),
        *(("a\\", "a", True), ("\\\\", "\\", True), ("*a*b*", "xxaxxbxx", True), ("*a*b", "ab ba", False)),
        *(("*.", "a\n.", True), ("[a]", "a", False), ("(a+)+$", "aaa", False), ("f?*e", "false", True)),
    ],
)
def test_what_wildcards_mean(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize("text", ["a" * 60_000, "*a" * 30_000])
async def test_a_pattern_that_the_database_does_not_take_is_the_callers_mistake(world: World, text: str) -> None:
    body = f'{{"filter":{{"name":{{"$like":"{text}"}}}}}}'
    answer = await world.call("POST", "/v2/user-tasks/search", JSON, body=body, user="demo")
    assert answer.status in (200, 400)
    if answer.status == 400:
        assert answer.json()["title"] == "INVALID_ARGUMENT"


# numbers


@pytest.mark.parametrize("text", [value for value in ODD if value != "20260101"])
def test_a_whole_number_is_made_of_few_digits_and_nothing_else(few_digits: None, text: str) -> None:
    assert whole(text) is None
    expected = {"0" * 5000 + "1": 1, "+1": 1}.get(text)
    assert within(text, -(2**31), 2**31) == expected


@pytest.mark.parametrize("length", ["1" + "0" * 5000, "9" * 30, "²"])
async def test_lengths_that_no_number_holds(world: World, few_digits: None, length: str) -> None:
    """A server in front of the app may let them pass."""
    for target, user in (("/v2/user-tasks/search", "demo"), ("/api/auth/login", ""), ("/srv.asmx", "")):
        answer = await world.call("POST", target, {**JSON, "content-length": length}, body=b"{}", user=user)
        assert answer.status != 500 or target == "/srv.asmx", target
        assert _told(answer) == []


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "1_0", "٣", "-1", "", "0x1", "1" * 5000])
def test_a_quality_that_is_none_counts_for_nothing(value: str) -> None:
    assert quality(f"application/xml;q={value}", "application/xml") == 0
    assert quality("text/html;q=.2, */*; q=.1", "application/xml") == 0.1


# mails


@pytest.mark.parametrize(
    "recipient",
    [
        "=?punycode?q?" + "a-" * 50_000 + "?= <a@example.com>",
        "=?undefined?b?YQ==?=@example.com",
        "=?idna?q?a?=",
        "(" * 5_000 + "@example.com",
        '"a" <a@example.com>',
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
    ],
)
def test_an_address_is_one_and_names_no_character_set(recipient: str) -> None:
    content = {"subject": "s", "recipient": recipient, "text": "t"}
    row = Delivery(key=1, tenant_key=1, subscription_key=0, event_key=1, content=content, event_at=0)
    with counted() as work, pytest.raises(ValueError, match="the address is none"):
        Mails("", "me@example.com").message(DeliveryView(row, None))  # type: ignore[arg-type]
    assert not work.looked_up["codecs"]
    assert work.calls < 10_000
