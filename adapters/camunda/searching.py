"""Searches: what their filter members and sort fields mean in the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, Never, TypeAlias, TypeVar

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, Call, reply_rows
from adapters.common.slices import each
from core.search.patterns import matches
from core.search.query import Comparison, Either, Page, PageRequest, Sort, Where, either
from core.times import parse_timestamp
from schemas.camunda.body import InvalidArgument
from schemas.camunda.search import STRING, Condition, Member, PageBy, Search, cursor, parse_search

#: names that a noun has for what is compared and for what is sorted by; conditions of its that are no comparisons
Field = TypeVar("Field", bound=str)
Column = TypeVar("Column", bound=str)
Other = TypeVar("Other")


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
class Means(Generic[Field]):
    """A member whose values stand for values of an engine's field."""

    field: Field
    values: Mapping[str, tuple[Any, ...]]

    def where(self, op: str, operand: Any) -> Where[Field]:
        meant = [v for shown, values in self.values.items() if Always(shown).holds(op, operand) for v in values]
        return Where(self.field, "in", meant)


@dataclass(frozen=True, slots=True)
class Flag(Generic[Other]):
    """A member that is true or false."""

    true: Other
    false: Other


#: of the grammar, without their dollar signs
OPERATORS: Mapping[str, Comparison] = {
    **{"eq": "eq", "neq": "neq", "in": "in", "notIn": "notin", "exists": "exists", "like": "like"},
    **{"gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte"},
}
TENANT = (Member("text", STRING), Always(DEFAULT_TENANT))

Filter: TypeAlias = Mapping[str, tuple[Member, Field | Always | Means[Field] | Flag[Other]]]
#: of one member; rows of all kinds have a key, and none has the key 0
_Condition: TypeAlias = Where[Field | Literal["key"]] | Other


@dataclass(frozen=True, slots=True)
class Searchable(Generic[Field, Column, Other]):
    """Filter members and sort fields with the engine's fields; a sort field without one changes nothing. `with_or`:
    filters may have alternatives."""

    members: Filter[Field, Other]
    sort: Mapping[str, Column | None]
    with_or: bool = False

    @property
    def shown(self) -> dict[str, Member]:
        return {name: member for name, (member, _) in self.members.items()}

    async def read(self, call: Call) -> Search:
        """The search in the body."""
        body = await call.body()
        return parse_search(body, self.shown, tuple(self.sort), bad_page=call.profile.bad_page, with_or=self.with_or)

    def where(self, wanted: Search) -> tuple[_Condition[Field, Other] | Either[_Condition[Field, Other]], ...]:
        conditions = self._all(wanted.conditions)
        if not wanted.alternatives:
            return conditions
        return (*conditions, either(*(self._all(alternative) for alternative in wanted.alternatives)))

    def _all(self, conditions: tuple[Condition, ...]) -> tuple[_Condition[Field, Other], ...]:
        return tuple(where for condition in conditions for where in self._condition(condition))

    def order(self, wanted: Search) -> tuple[Sort[Column], ...]:
        columns = ((self.sort[s.field], s.descending) for s in wanted.sort)
        return tuple(Sort(column, descending) for column, descending in columns if column is not None)

    def _condition(self, condition: Condition) -> list[_Condition[Field, Other]]:
        member, field = self.members[condition.member]
        op, value = condition.op, condition.value
        if isinstance(field, Always):
            return [] if field.holds(op, value) else [Where("key", "eq", 0)]
        if isinstance(field, Means):
            return [field.where(op, value)]
        if isinstance(field, Flag):
            return [field.true if value else field.false]
        if member.kind == "date" and op != "exists":
            value = _dates(condition.member, value)
        if member.kind == "tags":
            return [Where(field, "like", f'*"{value}"*')]
        if member.kind == "boolean":
            return [Where(field, "exists", value)]
        if op == "like" and isinstance(value, str) and value and not value.strip("*"):
            return [Where(field, "exists", True)]  # what there is none of is not like anything
        return [Where(field, OPERATORS[op], value)]


#: what is compared is sorted by as well, and there is nothing else
Plain: TypeAlias = Searchable[Field, Field, Never]
AnySearchable: TypeAlias = Searchable[Any, Any, Any]


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
