"""The lines of the log: all are written in their order, and nobody waits for whoever reads them."""

import os
import pty
import select
import tempfile
import termios
from collections.abc import Iterator

import pytest

from gateway.lines import WAITING, Lines


def lost(count: int) -> str:
    return f"{count} lost\n"


class Pipe:
    """A stream, and what is read of it when somebody wants to."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self.reader = open(reader, "rb", buffering=0)  # noqa: SIM115
        self.stream = open(writer, "w", encoding="utf-8")  # noqa: SIM115

    def read(self, lines: Lines) -> list[str]:
        """All that was written to it and all that waits."""
        text = b""
        while True:
            waiting = lines._thread is not None
            if select.select([self.reader], [], [], 0.01 if waiting else 0)[0]:
                text += self.reader.read(65536)
            elif not waiting:
                return text.decode().splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.reader.close()
    pipe.stream.close()


def test_a_line_is_written_at_once(pipe: Pipe) -> None:
    lines = Lines(pipe.stream, lost)
    lines.write("one Zoë\n")
    assert pipe.reader.read(100) == "one Zoë\n".encode()
    assert lines._thread is None


def test_a_line_that_comes_while_another_is_written_waits_for_nobody(pipe: Pipe) -> None:
    """What the collector ends, such as a task whose failure nobody asked for, is logged wherever it runs."""

    class Interrupted:
        """Something is logged while its encoding is asked for."""

        def __init__(self) -> None:
            self.meanwhile: list[str] = ["meanwhile\n"]

        def fileno(self) -> int:
            return pipe.stream.fileno()

        @property
        def encoding(self) -> str:
            if self.meanwhile:
                lines.write(self.meanwhile.pop())
            return "utf-8"

    lines = Lines(Interrupted(), lost)  # type: ignore[arg-type]
    lines.write("one\n")
    assert sorted(pipe.read(lines)) == ["meanwhile", "one"]


def test_what_nobody_reads_waits_in_its_order(pipe: Pipe) -> None:
    lines = Lines(pipe.stream, lost)
    written = [f"{n} {'x' * n}" for n in range(1000)]
    for line in written:
        lines.write(line + "\n")
    assert lines._thread is not None, "a pipe does not hold that much"
    assert pipe.read(lines) == written
    lines.write("and on\n")
    assert pipe.read(lines) == ["and on"]


def test_a_line_that_is_longer_than_the_pipe(pipe: Pipe) -> None:
    lines = Lines(pipe.stream, lost)
    lines.write("y" * 300_000 + "\n")
    lines.write("short\n")
    assert [len(line) for line in pipe.read(lines)] == [300_000, 5]


def test_what_is_too_much_is_counted_where_it_is_missing(pipe: Pipe) -> None:
    lines = Lines(pipe.stream, lost)
    line = "z" * 999
    sent = 3 * WAITING // 1000
    for _ in range(sent):
        lines.write(line + "\n")
    assert len(lines._waiting) <= WAITING
    read = pipe.read(lines)
    assert read[-1] == f"{sent - (len(read) - 1)} lost"
    assert set(read[:-1]) == {line}
    lines.write("and on\n")
    assert pipe.read(lines) == ["and on"]


def test_a_reader_that_goes_is_no_error(pipe: Pipe) -> None:
    lines = Lines(pipe.stream, lost)
    for _ in range(1000):
        lines.write("a" * 200 + "\n")
    pipe.reader.close()
    lines.close()
    lines.write("nobody is there\n")
    assert lines._thread is None
    assert not lines._waiting


def test_a_terminal_that_is_held() -> None:
    """With Ctrl-S, until Ctrl-Q."""
    master, terminal = pty.openpty()
    attributes = termios.tcgetattr(terminal)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)
    termios.tcflow(terminal, termios.TCOOFF)
    with open(terminal, "w", encoding="utf-8") as stream:
        lines = Lines(stream, lost)
        lines.write("held\n")
        assert lines._thread is not None
        termios.tcflow(terminal, termios.TCOON)
        assert os.read(master, 100) == b"held\n"
        lines.close()
    os.close(master)


def test_a_file_takes_everything() -> None:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stream:
        lines = Lines(stream, lost)
        for n in range(10_000):
            lines.write(f"{n}\n")
        stream.seek(0)
        assert len(stream.readlines()) == 10_000
        assert lines._thread is None
