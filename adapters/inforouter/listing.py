"""Answers with many rows, which are written by and by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.common.http import Pieces
from adapters.common.slices import Rows, enclosed
from schemas.inforouter.element import Element, around, compact, indented


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows stand where `frame` says LATER, so many levels deep. `failed` is the answer if they cannot be made."""

    frame: Element
    rows: Rows[Any, Element]
    level: int
    failed: Callable[[Exception], Element]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a level are written, and what stands between two."""

    row: Callable[[Element, int], str]
    between: str


LINES = Layout(indented, "\r\n")
ONE_LINE = Layout(lambda row, level: compact(row, root=False), "")


async def written(result: Any, layout: Layout, whole: Callable[[Any], bytes]) -> bytes | Pieces:
    """`whole` of an answer; with many rows that is what stands around them."""
    if not isinstance(result, Listing):
        return whole(result)
    head, tail = around(whole(result.frame))

    def text(rows: list[Element]) -> bytes:
        return layout.between.join([layout.row(row, result.level) for row in rows]).encode()

    try:
        return await enclosed(head, result.rows, tail, text, layout.between.encode())
    except Exception as error:
        return whole(result.failed(error))
