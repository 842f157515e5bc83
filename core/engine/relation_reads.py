"""Answering queries about master data, stages, comments, who is involved, subscriptions and deliveries."""

from collections.abc import Mapping
from typing import TypeVar

from core.engine.relation_fields import COMMENT, STAGE
from core.queries.relations import InvolvedIn, ProcessesByKey, SearchComments, SearchStages
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import page_of
from core.storage.rows import load_any
from core.tables.instance import Comment, Involvement
from core.tables.process import Activity, Process

T = TypeVar("T")


@answers(ProcessesByKey)
def processes_by_key(query: ProcessesByKey, r: Reader) -> Mapping[int, Process]:
    return {row.key: row for row in load_any(r.connection, Process, "key", query.keys)}


@answers(SearchStages)
def search_stages(query: SearchStages, r: Reader) -> Page[Activity]:
    return page_of(r, STAGE, Activity, query)


@answers(SearchComments)
def search_comments(query: SearchComments, r: Reader) -> Page[Comment]:
    return page_of(r, COMMENT, Comment, query)


@answers(InvolvedIn)
def involved_in(query: InvolvedIn, r: Reader) -> tuple[Involvement, ...]:
    rows = load_any(r.connection, Involvement, "entity_key", [query.entity_key])
    return tuple(sorted((row for row in rows if row.role == query.role), key=lambda row: row.key))
