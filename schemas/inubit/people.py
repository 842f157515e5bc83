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


PERSON, ROLE = "orgPerson", "orgRole"


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody in an organigram: a person or a role."""

    kind: str
    name: str

    def path(self, organigram: str) -> str:
        return f"/Model[@name={_literal(organigram)}]/{self.kind}[@name={_literal(self.name)}]"


def _literal(text: str) -> str:
    """In single quotes, unless there are some inside."""
    return f'"{text}"' if "'" in text else f"'{text}'"


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


def render_entities(organigram: str, rule_set: str, entities: Iterable[Entity]) -> str:
    """To whom one rule lets a task be passed on."""
    offered = "".join(f"<{e.kind} name={quote(e.name)} path={quote(e.path(organigram))}/>" for e in entities)
    rules = f'<RuleSet id={quote(rule_set)} name="Delegate to all" description="">{offered}</RuleSet>'
    return f'<Entities organigram={quote(organigram)} showRules="false">{rules}</Entities>'
