"""Multipart bodies that have been read already."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from schemas.common import charsets

#: bytes that are taken apart at a time
PIECE = 64 * 1024


class BadMultipart(ValueError):
    """It cannot be taken apart, or has too many parts."""


async def read_multipart(
    body: bytes, content_type: str, *, max_fields: int, max_files: int, charset: str = "utf-8"
) -> FormData:
    """The parts. `charset` is the codec of names and texts; what the media type says about it is not looked at.

    The caller closes the form. Raises BadMultipart.
    """
    # the parser would look up whatever a client names
    headers = Headers({"content-type": f"{charsets.without_charset(content_type)}; charset={charset}"})

    async def stream() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), PIECE):
            yield body[start : start + PIECE]
            await asyncio.sleep(0)  # a long one that is written in a clever way holds up nobody else

    parser = MultiPartParser(
        headers,
        stream(),
        max_files=max_files,
        max_fields=max_fields,
        max_part_size=len(body) + 1,
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise BadMultipart(str(error)) from None
