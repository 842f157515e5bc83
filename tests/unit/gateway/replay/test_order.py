"""Whose exchange it is, and what goes before what."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from gateway.replay.kinds import AllKinds
from gateway.replay.order import only_reads
from gateway.replay.plan import Plan, plan
from gateway.replay.sessions import sessions
from gateway.traffic.exchange import Exchange, Headers, Request, Response

JSON: Headers = ((b"Content-Type", b"application/json"),)


def exchange(
    number: int,
    line: str,
    answer: str = "{}",
    *,
    headers: Headers = (),
    body: bytes = b"",
    connection: int = 1,
    at: tuple[float, float] | None = None,
) -> Exchange:
    method, _, target = line.partition(" ")
    began, ended = at or (float(number), number + 0.5)
    request = Request(method, target.encode(), headers, body)
    return Exchange(number, began, ended, connection, request, response=Response(200, "", JSON, answer.encode()))


def bearer(token: str) -> Headers:
    return ((b"Authorization", f"Bearer {token}".encode()),)


A, B, C = (letter * 8 + "0123456789abcdef" for letter in "abc")


def test_a_session_is_a_credential_wherever_it_comes_from() -> None:
    exchanges = [
        exchange(1, "GET /a", headers=((b"Authorization", b"Basic YW5uOmFubg=="),)),
        exchange(2, "GET /a", headers=bearer(A), connection=2),
        exchange(3, f"GET /a?ticket={B}", connection=2),
        exchange(4, "GET /a", headers=((b"Cookie", f"theme=x; JSESSIONID={C}".encode()),), connection=2),
        exchange(5, "GET /a", connection=2),
        exchange(6, "GET /a", headers=bearer(A), connection=3),
        exchange(7, f"POST /a?authTicket={B}", connection=4),
    ]
    names = sessions(exchanges).names
    assert names[1] == "user ann"
    assert names[2] == names[6]
    assert names[3] == names[7]
    assert names[5] == "connection 2"
    assert len(set(names.values())) == 5


def test_a_login_and_a_renewal_belong_to_the_session() -> None:
    exchanges = [
        exchange(1, "POST /login", f'{{"token": "{A}"}}', connection=1),
        exchange(2, "POST /login", f'{{"token": "{B}"}}', connection=1),
        exchange(3, "GET /x", headers=bearer(A), connection=2),
        exchange(4, "POST /refresh", f'{{"token": "{C}"}}', headers=bearer(A)),
        exchange(5, "GET /x", headers=bearer(C)),
        exchange(6, "GET /x", headers=bearer(B)),
    ]
    known = sessions(exchanges)
    assert known.names[1] == known.names[3] == known.names[4] == known.names[5]
    assert known.names[2] == known.names[6] != known.names[1]
    assert known.logins == {1, 2, 4}


def test_what_only_reads() -> None:
    soap = b'<s:Envelope xmlns:s="x"><s:Body><t:%s xmlns:t="y"/></s:Body></s:Envelope>'
    assert only_reads(exchange(1, "GET /tasks"))
    assert only_reads(exchange(1, "POST /v2/user-tasks/search"))
    assert only_reads(exchange(1, "GET /srv.asmx/GetTasks"))
    assert only_reads(exchange(1, "POST /soap", body=soap % b"GetTask"))
    assert not only_reads(exchange(1, "POST /tasks"))
    assert not only_reads(exchange(1, "DELETE /tasks/1"))
    assert not only_reads(exchange(1, "GET /srv.asmx/CompleteTask"))
    assert not only_reads(exchange(1, "GET /srv.asmx/Getaway"))
    assert not only_reads(exchange(1, "POST /soap", body=soap % b"CompleteTask"))


def planned(exchanges: list[Exchange]) -> Plan:
    return plan(lambda: exchanges, AllKinds(()))


def behind(made: Plan) -> dict[int, set[int]]:
    """All that each one waits for, with what that waits for."""
    all_of: dict[int, set[int]] = {}
    for number in sorted(made.before):
        direct = made.before[number]
        all_of[number] = set(direct).union(*(all_of[one] for one in direct))
    return all_of


def test_a_value_goes_from_the_answer_to_who_sends_it() -> None:
    """Two sessions that only read have to do with each other by it alone."""
    exchanges = [
        exchange(1, "GET /list", f'{{"id": "{C}"}}', headers=bearer(A)),
        exchange(2, "GET /other", headers=bearer(B)),
        exchange(3, f"GET /tasks/{C}", headers=bearer(B)),
    ]
    assert planned(exchanges).before == {1: frozenset(), 2: frozenset(), 3: {1, 2}}


_moments = st.integers(0, 60)
_spans = st.lists(
    st.tuples(_moments, st.integers(1, 12), st.sampled_from("ABC"), st.sampled_from(["GET", "POST"])), max_size=25
)


@given(_spans)
def test_what_was_answered_before_goes_before_and_nothing_else(
    spans: Iterable[tuple[int, int, str, str]],
) -> None:
    """In one session always, else where one of the two changes something."""
    tokens = {"A": A, "B": B, "C": C}
    rows = sorted(spans)
    exchanges = [
        exchange(n, f"{method} /x/y{n}", headers=bearer(tokens[who]), at=(began, began + lasts))
        for n, (began, lasts, who, method) in enumerate(rows, 1)
    ]
    waits = behind(planned(exchanges))
    for n, (began, _, who, method) in enumerate(rows, 1):
        for m, (earlier, lasted, whose, how) in enumerate(rows, 1):
            if earlier + lasted <= began and (who == whose or "POST" in (method, how)):
                assert m in waits[n], (m, n)
            elif m in waits[n]:
                assert earlier + lasted <= began
