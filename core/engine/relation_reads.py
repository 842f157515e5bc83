"""Answering queries about master data, stages, comments, who is involved, subscriptions and deliveries."""

from typing import TypeVar

from core.engine.relation_fields import COMMENT
from core.queries.relations import InvolvedIn, SearchComments
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import page_of
from core.storage.rows import load_any
from core.tables.instance import Comment, Involvement

T = TypeVar("T")


@answers(SearchComments)
def search_comments(query: SearchComments, r: Reader) -> Page[Comment]:
    return page_of(r, COMMENT, Comment, query)


@answers(InvolvedIn)
def involved_in(query: InvolvedIn, r: Reader) -> tuple[Involvement, ...]:
    rows = load_any(r.connection, Involvement, "entity_key", [query.entity_key])
    return tuple(sorted((row for row in rows if row.role == query.role), key=lambda row: row.key))
