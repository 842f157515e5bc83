"""Multipart bodies: their parts with name, file name, media type and body."""

from dataclasses import dataclass

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.traffic.exchange import Headers, values

MAX_PARTS = 1000
MAX_HEADERS = 50


class BadMultipart(ValueError):
    """It cannot be taken apart, or has too many parts."""


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    file: str
    headers: Headers
    body: bytes


class _Reader:
    """Takes what the parser calls back with."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._name = self._value = b""
        self._pieces: list[bytes] = []
        self.is_whole = False

    def begin(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise BadMultipart(f"more than {MAX_PARTS} parts")
        self._headers, self._pieces = [], []

    def name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header(self) -> None:
        if len(self._headers) >= MAX_HEADERS:
            raise BadMultipart(f"a part with more than {MAX_HEADERS} headers")
        self._headers.append((self._name, self._value))
        self._name = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def end(self) -> None:
        headers = tuple(self._headers)
        _, options = parse_options_header(next(values(headers, b"content-disposition"), b""))
        name, file = (options.get(key, b"").decode("utf-8", "backslashreplace") for key in (b"name", b"filename"))
        self.parts.append(Part(name, file, headers, b"".join(self._pieces)))

    def whole(self) -> None:
        self.is_whole = True


def parse(body: bytes, media_type: str) -> tuple[Part, ...]:
    """Raises BadMultipart."""
    boundary = parse_options_header(media_type)[1].get(b"boundary", b"")
    if not boundary:
        raise BadMultipart("no boundary")
    reader = _Reader()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": reader.begin,
            "on_part_data": reader.data,
            "on_part_end": reader.end,
            "on_header_field": reader.name,
            "on_header_value": reader.value,
            "on_header_end": reader.header,
            "on_end": reader.whole,
        },
    )
    try:
        parser.write(body)
        parser.finalize()
    except MultipartParseError as error:
        raise BadMultipart(str(error)) from None
    if not reader.is_whole:
        raise BadMultipart("its last boundary is missing")
    return tuple(reader.parts)
