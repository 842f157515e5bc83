"""Master data, stages, comments, who has to do with what, and what is told to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.search.query import FIRST_PAGE, Page, PageRequest, Query, Sort, Where
from core.tables.instance import Comment, Involvement
from core.tables.process import Activity, Process


@dataclass(frozen=True)
class SearchStages(Query[Page[Activity]]):
    """Activities of all kinds. Fields: see core.engine.relation_fields.STAGE_FIELDS."""

    where: tuple[Where, ...] = ()
    sort: tuple[Sort, ...] = ()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True)
class ProcessesByKey(Query[Mapping[int, Process]]):
    keys: tuple[int, ...]


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
