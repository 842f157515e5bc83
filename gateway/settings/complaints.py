"""What is wrong with a value of the settings, in words."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.settings.sources import KeyPath, SettingsError, instead, named

#: values of these are never said back
_SECRET = ("password", "secret", "url")


def refused(error: ValidationError, flags: Mapping[str, Any], known: Mapping[str, tuple[str, ...]]) -> SettingsError:
    """The first complaint. `known` has the names that there are in a table of the file, by the name of the table."""
    first = error.errors(include_url=False)[0]
    path: KeyPath = first["loc"]
    if first["type"] != "extra_forbidden":
        return SettingsError(f"{named(path, flags)} {_wanted(first)}")
    tables = [str(part) for part in path[:-1] if isinstance(part, str)]
    names = known["activities" if "activities" in tables else (tables or [""])[0]]
    return SettingsError(
        f"{named(path)}: there is no such setting{instead(str(path[-1]), names, otherwise=bool(tables))}"
    )


def _wanted(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            rule = "a whole number"
        case "bool_parsing" | "bool_type":
            rule = "true or false"
        case "float_parsing" | "float_type" | "finite_number":
            rule = "a number"
        case "greater_than":
            rule = f"more than {context['gt']:g}"
        case "greater_than_equal":
            rule = f"{context['ge']} or more"
        case "less_than_equal":
            rule = f"{context['le']} or less"
        case "string_type":
            return "has to be a text, in quotation marks"
        case "string_pattern_mismatch":
            rule = "32 hexadecimal digits"
        case "tuple_type" | "list_type":
            return "has to be a list"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "has to be a table"
        case "enum":
            rule = str(context["expected"]).replace("'", "")
        case "missing":
            return "is missing"
        case "value_error":
            return str(context["error"])
        case _:
            return f"cannot be used: {error['msg'][:1].lower()}{error['msg'][1:]}"
    if any(word in str(error["loc"][-1]) for word in _SECRET):
        return f"has to be {rule}"
    return f"has to be {rule}, not {json.dumps(error['input'], default=str)}"
