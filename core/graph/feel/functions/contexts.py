"""The functions of contexts."""

from collections.abc import Mapping
from typing import Any

from core.graph.feel.functions.forms import ILLEGAL, Forms, form
from core.graph.feel.values import Failure, kind_of

FORMS: Forms = {}


@form(FORMS, "get entries(context: context)")
@form(FORMS, "get entries(m: context)")
def _entries(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in context.items()]


@form(FORMS, "get value(m: context, key)")
@form(FORMS, "get value(context: context, key)")
@form(FORMS, "get value(context: context, keys)")
def _value(context: Mapping[str, Any], key: Any) -> Any:
    """By a key, or by the keys that lead to it."""
    if isinstance(key, str):
        return context.get(key)
    if not isinstance(key, list):
        return ILLEGAL
    value: Any = context
    for step in key:
        if not isinstance(value, Mapping) or not isinstance(step, str):
            return None
        value = value.get(step)
    return value if key else None


def _put(context: Mapping[str, Any], key: Any, value: Any) -> Any:
    if isinstance(key, str):
        return {**context, key: value}
    if not isinstance(key, list) or not all(isinstance(step, str) for step in key):
        return ILLEGAL
    if not key:
        return None
    first, *rest = key
    if not rest:
        return {**context, first: value}
    inner = context.get(first)
    return {**context, first: _put(inner if isinstance(inner, Mapping) else {}, rest, value)}


form(FORMS, "context put(context: context, key, value)")(_put)
form(FORMS, "context put(context: context, keys, value)")(_put)
form(FORMS, "put(context: context, key, value)")(_put)


@form(FORMS, "context merge(contexts...)")
@form(FORMS, "put all(contexts...)")
def _merge(contexts: list[Any]) -> Any:
    if not all(kind_of(context) == "context" for context in contexts):
        return None
    return {name: value for context in contexts for name, value in context.items()}


@form(FORMS, "context(entries)")
def _context(entries: Any) -> Any:
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        return None
    return {entry["key"]: entry["value"] for entry in entries if not isinstance(entry["value"], Failure)}


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, Mapping) and "value" in entry and isinstance(entry.get("key"), str)
