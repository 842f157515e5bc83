"""Whole numbers in what clients send.

Python reads more than digits as a number: blanks, underscores and the digits of all scripts. Many digits take it a time
that grows with their square, up to a limit behind which it complains in words of its own.
"""

import re

_SIGNED = re.compile(r"([+-]?)0*([0-9]{1,19})", re.ASCII)
#: those of the largest number that any database here keeps, and one less
DIGITS = 18


def whole(text: str, digits: int = DIGITS) -> int | None:
    """What up to so many digits stand for, None if the text is anything else."""
    return int(text) if len(text) <= digits and text.isascii() and text.isdigit() else None


def within(text: str, least: int, most: int) -> int | None:
    """What digits stand for, with or without a sign and with any zeros in front; None if that is not in between."""
    found = _SIGNED.fullmatch(text)
    number = int(found[1] + found[2]) if found is not None else None
    return number if number is not None and least <= number <= most else None
