"""Gateways of drawings that do not say when which way is taken: a variable does."""

import re


def variable_of(gateway_id: str) -> str:
    """The name of the variable that says which way out of a gateway is taken."""
    name = re.sub(r"\W", "_", gateway_id, flags=re.ASCII)
    return name if name[:1].isalpha() else f"way_{name}"
