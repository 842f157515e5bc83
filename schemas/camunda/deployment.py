"""What a deployment consists of. Source: dossier camunda.md, section 3.4."""

from typing import Any

import orjson


class BadResource(ValueError):
    """The file cannot be deployed; the text says why."""


def read_form(content: bytes) -> str:
    """The id of a form. Raises BadResource."""
    try:
        value: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise BadResource("Failed to parse formId from form JSON") from None
    id = value.get("id") if isinstance(value, dict) else None
    if not isinstance(id, str) or not id.strip():
        raise BadResource("Expected the form id to be present, but none given")
    return id
