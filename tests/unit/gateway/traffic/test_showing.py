"""What is shown of a recording moves no cursor of a terminal."""

from pathlib import Path

from gateway.traffic import showing
from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.recording import Recording
from gateway.traffic.writer import Writer

EVIL = "\x1b]0;title\x07\x9b31m\r\u202e"


def test_nothing_that_a_terminal_obeys_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    raw = EVIL.encode()
    message = ((b"X", raw), (b"Content-Type", b"text/plain"))
    exchange = Exchange(
        number=1,
        began=1e300,
        ended=-1e300,
        connection=1,
        request=Request("GET" + EVIL, raw, message, raw, lacks=EVIL),
        response=Response(200, EVIL, message, raw, lacks=EVIL),
    )
    with Writer(path, source=EVIL, labels=lambda e: (EVIL, EVIL), about={EVIL: EVIL}) as writer:
        writer.put(exchange)
        writer.note(EVIL)
    with Recording(path) as recording:
        lines = [*showing.about(recording), *map(showing.line, recording.entries()), *showing.whole(exchange)]
    assert lines
    assert not {letter for line in lines for letter in line} & set(EVIL) - set(";]0title31m")


def test_a_long_body_is_cut_and_a_binary_one_is_counted() -> None:
    request = Request("GET", b"/", (), b"x" * 20_000)
    response = Response(200, "OK", ((b"Content-Encoding", b"br"),), b"\0\1")
    lines = list(showing.whole(Exchange(1, 0, 0, 1, request, response=response)))
    assert "[and 10000 letters more]" in lines
    assert "[2 bytes: the content coding br is not known]" in lines
    assert "[3 bytes that are no text]" in showing.whole(Exchange(1, 0, 0, 1, Request("GET", b"/", (), b"\0\1\2")))
