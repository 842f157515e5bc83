"""Texts are counted in units of UTF-16, of which a character beyond the first plane has two."""

import re

_PAIRED = re.compile("[\U00010000-\U0010ffff]")


def units(text: str) -> str:
    """A character for each unit: those beyond the first plane are pairs of them."""
    if not _PAIRED.search(text):
        return text
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def joined(text: str) -> str:
    """Pairs of units become one character again."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
