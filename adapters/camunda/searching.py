"""Searches: what their filter members and sort fields mean in the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, Call, reply_rows
from adapters.common.slices import each
from core.search.patterns import matches
from core.search.query import Page, PageRequest, Sort, Where, either
from core.times import parse_timestamp
from schemas.camunda.body import InvalidArgument
from schemas.camunda.search import STRING, Condition, Member, PageBy, Search, cursor, parse_search


@dataclass(frozen=True, slots=True)
class Always:
    """A member that has the same value in all rows."""

    value: Any

    def holds(self, op: str, operand: Any) -> bool:
        if op == "exists":
            return bool(operand) == (self.value is not None)
        if op == "in":
            return self.value in operand
        if op == "notIn":
            return self.value not in operand
        if op == "like":
            return isinstance(self.value, str) and matches(operand, self.value)
        return (operand == self.value) if op == "eq" else (operand != self.value) if op == "neq" else False


@dataclass(frozen=True, slots=True)
class Means:
    """A member whose values stand for values of an engine's field."""

    field: str
    values: Mapping[str, tuple[Any, ...]]

    def where(self, op: str, operand: Any) -> Where:
        meant = [v for shown, values in self.values.items() if Always(shown).holds(op, operand) for v in values]
        return Where(self.field, "in", meant)


TENANT = (Member("text", STRING), Always(DEFAULT_TENANT))

Filter = Mapping[str, tuple[Member, str | Always | Means]]


@dataclass(frozen=True, slots=True)
class Searchable:
    """Filter members and sort fields with the engine's fields; an empty sort field changes nothing. `with_or`: filters
    may have alternatives."""

    members: Filter
    sort: Mapping[str, str]
    with_or: bool = False

    @property
    def shown(self) -> dict[str, Member]:
        return {name: member for name, (member, _) in self.members.items()}

    async def read(self, call: Call) -> Search:
        """The search in the body."""
        body = await call.body()
        return parse_search(body, self.shown, tuple(self.sort), bad_page=call.profile.bad_page, with_or=self.with_or)

    def where(self, wanted: Search) -> tuple[Where, ...]:
        found = self._all(wanted.conditions)
        return (*found, either(*map(self._all, wanted.alternatives))) if wanted.alternatives else found

    def _all(self, conditions: tuple[Condition, ...]) -> tuple[Where, ...]:
        return tuple(where for condition in conditions for where in self._condition(condition))

    def order(self, wanted: Search) -> tuple[Sort, ...]:
        return tuple(Sort(self.sort[s.field], s.descending) for s in wanted.sort if self.sort[s.field])

    def _condition(self, condition: Condition) -> list[Where]:
        member, field = self.members[condition.member]
        op, value = condition.op, condition.value
        if isinstance(field, Always):
            return [] if field.holds(op, value) else [Where("key", "eq", 0)]
        if isinstance(field, Means):
            return [field.where(op, value)]
        if member.kind == "date" and op != "exists":
            value = _dates(condition.member, value)
        if member.kind == "tags":
            return [Where(field, "like", f'*"{value}"*')]
        if member.kind == "boolean":
            return [Where(field, "exists", value)]
        return [Where(field, op.lower(), value)]


def page_of(page: PageBy) -> PageRequest:
    return PageRequest(page.limit, page.start, page.after, page.before)


async def found(page: Page[Any], record: Callable[[Any], Any], **more: Any) -> Response:
    """The answer of a search; `more` are further members of it."""
    about = {
        "totalItems": page.total,
        "hasMoreTotalItems": page.capped,
        "startCursor": cursor(page.start),
        "endCursor": cursor(page.end),
    }
    return await reply_rows({"items": each(page.items, record), "page": about, **more})


def _dates(name: str, value: Any) -> Any:
    try:
        return [parse_timestamp(v) for v in value] if isinstance(value, list) else parse_timestamp(value)
    except ValueError:
        raise InvalidArgument(
            f"The provided {name} '{value}' cannot be parsed as a date according to RFC 3339, section 5.6."
        ) from None
