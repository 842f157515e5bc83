"""The XML documents of the task resources. Source: dossier inubit.md, sections 1.5 and 3."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from schemas.common.xml import escape, quote


@dataclass(frozen=True, slots=True)
class Unit:
    """A candidate group (Role), organisational unit (Unit) or assignee and candidate user (User)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    index: int
    value: str
    type: str = "String"


@dataclass(frozen=True, slots=True)
class Task:
    """`creation` and `expiration` are milliseconds since 1970; `locked` is who holds the task. Optional attributes are
    left out when empty."""

    id: str
    process: int
    creation: int
    name: str
    description: str
    lang: str
    expiration: int | None = None
    action: str = "Form"
    popup: bool = False
    user: str = ""
    client: str = ""
    locked: str = ""
    rule_set: str = ""
    units: tuple[Unit, ...] = ()
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Module:
    id: str
    label: str
    role: str
    lang: str


def render_task(task: Task) -> str:
    attributes = [
        ("id", task.id),
        ("process", str(task.process)),
        ("creation", str(task.creation)),
        *([("expiration", str(task.expiration))] if task.expiration is not None else []),
        ("action", task.action),
        ("wait", "0"),
        ("test", "false"),
        ("popup", "true" if task.popup else "false"),
        *([("user", task.user)] if task.user else []),
        *([("client", task.client)] if task.client else []),
        *([("locked", task.locked)] if task.locked else []),
        *([("delegateRuleSetId", task.rule_set)] if task.rule_set else []),
    ]
    lang = quote(task.lang)
    parts = [
        f"<Task {' '.join(f'{name}={quote(value)}' for name, value in attributes)}>",
        f"<Name xml:lang={lang}>{escape(task.name)}</Name>",
        f"<Description xml:lang={lang}>{escape(task.description)}</Description>",
    ]
    parts += [f"<Unit name={quote(u.name)} type={quote(u.type)}/>" for u in task.units]
    parts += [
        f'<Field xml:lang={lang} name={quote(f.name)} index="{f.index}" type={quote(f.type)}>{escape(f.value)}</Field>'
        for f in task.fields
    ]
    parts.append("</Task>")
    return "".join(parts)


def tasklist(user: str, total: int, *, empty: bool, portlet: bool) -> tuple[str, str]:
    """What stands before and behind the tasks. `portlet`: with an attribute that only portals understand."""
    head = f'<Tasklist user={quote(user)} total="{total}"' + (' portletUrl="[5]"' if portlet else "")
    return (f"{head}/>", "") if empty else (f"{head}>", "</Tasklist>")


def render_modules(modules: Iterable[Module]) -> str:
    body = "".join(
        f"<Module id={quote(m.id)} label={quote(m.label)} role={quote(m.role)} xml:lang={quote(m.lang)}/>"
        for m in modules
    )
    return f'<Modules version="5.3">{body}</Modules>' if body else '<Modules version="5.3"/>'


def api_error_xml(status: int, message: str, path: str, timestamp: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<ApiError>\n"
        f"    <statusCode>{status}</statusCode>\n"
        f"    <message>{escape(message)}</message>\n"
        f"    <path>{escape(path)}</path>\n"
        f"    <timestamp>{timestamp}</timestamp>\n"
        "</ApiError>"
    ).encode()


def api_error_json(status: int, message: str, path: str, timestamp: str) -> bytes:
    return orjson.dumps({"statusCode": status, "message": message, "path": path, "timestamp": timestamp})


def status_page(title: str, sentence: str, link: str) -> bytes:
    """The error page of 8.x."""
    return (
        '<html><head><title>Status page</title></head><body style="font-family: sans-serif;">'
        f'<p style="font-size: 1.2em;font-weight: bold;margin: 1em 0px;">{escape(title)}</p><p>{escape(sentence)}</p>'
        f'<p>You can get technical details <a href="{link}">here</a>.<br>'
        'Please continue your visit at our <a href="/">home page</a>.</p></body></html>'
    ).encode()
