"""Numbers in texts, by value."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?(?:[eE][+-]?[0-9]{1,3})?")


def decimal(text: str) -> Decimal | None:
    """None for what is no number, or out of all bounds."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None
