"""Documents about users and units. Source: dossier inubit.md, section 3.14."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.common.xml import quote

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<ns2:UserList xmlns:ns2="inubit.com/ibis/external/user" xmlns:ns1="inubit.com/ibis/external/base"'
)


@dataclass(frozen=True, slots=True)
class Count:
    """Open tasks of a unit; all of them if it has no name."""

    tasks: int
    type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    email: str
    first: str
    last: str


def _unit(count: Count) -> str:
    named = f" type={quote(count.type)} name={quote(count.name)}" if count.name else ""
    return f'<Unit{named} tasks="{count.tasks}"/>'


def render_units(user: str, counts: Iterable[Count]) -> str:
    units = "".join(map(_unit, counts))
    return f"<Units user={quote(user)}>{units}</Units>"


def render_users(people: Iterable[Person]) -> str:
    """Names are left out where there are none."""
    users = "".join(
        f'<ns2:User id={quote(p.id)} email={quote(p.email)} type="ProcessEngineUser"'
        f"{f' firstName={quote(p.first)}' if p.first else ''}{f' lastName={quote(p.last)}' if p.last else ''}/>"
        for p in people
    )
    return f"{_HEAD}>{users}</ns2:UserList>" if users else f"{_HEAD}/>"
