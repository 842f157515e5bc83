"""Master data, stages, comments, who has to do with what, and what is told to whom."""

from dataclasses import dataclass

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.instance import Comment, Involvement


@dataclass(frozen=True)
class SearchComments(Query[Page[Comment]]):
    """What was said about instances. Fields: see core.engine.relation_fields.COMMENT_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class InvolvedIn(Query[tuple[Involvement, ...]]):
    """Who has this role in an instance or a comment, in the order in which they got it."""

    entity_key: int
    role: str
