"""Forms as they are shown and sent back. Source: dossier inubit.md, sections 3.12, 3.13; the widgets are our choice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.common.xml import BadXml, escape, parse, quote

#: characters of a text that gets more than a line
LONG = 80
_WIDGET = re.compile(r"[A-Za-z]+_([0-9]{1,18})")


class BadForm(ValueError):
    """Not what a form sends back."""


@dataclass(frozen=True, slots=True)
class Value:
    """A variable: its number is what its widget is called by."""

    number: int
    name: str
    value: Any


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()


def _widget(value: Value) -> str:
    text = _text(value.value)
    if isinstance(value.value, bool):
        items = "".join(f"<Item label={quote(v)} value={quote(v)}/>" for v in ("true", "false"))
        return f'<ComboBox width="300" editable="false" name="ComboBox_{value.number}">{items}</ComboBox>'
    kind = "TextArea" if len(text) > LONG or "\n" in text or isinstance(value.value, list | dict) else "TextField"
    return f'<{kind} width="300" name="{kind}_{value.number}">{escape(text)}</{kind}>'


def render_form(values: Iterable[Value]) -> str:
    """A row for each variable, and a button that sends them."""
    rows = "".join(
        f"<Row><Column><Label>{escape(value.name)}</Label></Column><Column>{_widget(value)}</Column></Row>"
        for value in values
    )
    button = '<Row><Column><Button validate="false" event="submit(value)" label="Submit"/></Column></Row>'
    return (
        '<Form version="2.0" metric="px"><Request>'
        '<Panel background="#ffffff" name="main" start="true" orientation="vertical">'
        f'<Group orientation="table">{rows}{button}</Group></Panel></Request></Form>'
    )


def parse_submission(body: bytes) -> dict[str, str]:
    """What each widget holds; nothing for an empty body. Raises BadForm."""
    if not body.strip():
        return {}
    try:
        root = parse(body)
    except BadXml as error:
        raise BadForm(str(error)) from None
    panel = root.find("Response/Panel") if root.tag == "Form" else None
    if panel is None:
        raise BadForm("not a Form with a Response")
    return {str(widget.tag): widget.text or "" for widget in panel.iterchildren("*") if widget.tag != "submitId"}


def variables_of(sent: Mapping[str, str], known: Mapping[int, Value]) -> dict[str, Any]:
    """The variables behind widgets, with values of the kind that they had; other widgets are variables of their own."""
    variables: dict[str, Any] = {}
    for widget, text in sent.items():
        match = _WIDGET.fullmatch(widget)
        value = known.get(int(match[1])) if match is not None else None
        if value is None:
            variables[widget] = text
        else:
            variables[value.name] = _like(value.value, text)
    return variables


def _like(before: Any, text: str) -> Any:
    """A text stays one; else what it says in JSON, if it says something of that kind."""
    if isinstance(before, str) or before is None:
        return text
    try:
        after = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    numbers = isinstance(before, int | float) and not isinstance(before, bool)
    same = isinstance(after, int | float) and not isinstance(after, bool) if numbers else type(after) is type(before)
    return after if same else text
