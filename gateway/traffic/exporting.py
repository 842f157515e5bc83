"""Recordings to files of others."""

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from gateway.exits import Usage
from gateway.traffic import goreplay, har_writer
from gateway.traffic.recording import Recording

FORMATS = {".har": "har", ".gor": "goreplay"}


def format_of(path: Path) -> str:
    """By the end of its name. Raises Usage."""
    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in FORMATS:
        raise Usage(f"{path}: its name ends neither in .har nor in .gor, so say --format")
    return FORMATS[ending]


def export(recording: Recording, path: Path, kind: str) -> None:
    """`-` is standard output. Raises Usage if there is such a file already."""
    exchanges = recording.exchanges()
    pieces = har_writer.har(exchanges, recording.meta.upstream) if kind == "har" else goreplay.written(exchanges)
    with _new(path) as file:
        for piece in pieces:
            file.write(piece)


@contextmanager
def _new(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there when it is whole."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists():
        raise Usage(f"{path} is there already")
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if path.name.endswith(".gz"):
                with gzip.open(file, "wb", compresslevel=6) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield file
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
