"""Answering queries about master data, stages, comments, who is involved, subscriptions and deliveries."""

from collections.abc import Mapping
from typing import TypeVar

from core.engine.people_fields import USER
from core.engine.relation_fields import COMMENT, REFERENCE, STAGE
from core.queries.relations import (
    AccountsPage,
    InvolvedIn,
    ProcessesByKey,
    ReferenceByNumber,
    ReferencesByKey,
    SearchComments,
    SearchReferences,
    SearchStages,
)
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import page_of
from core.storage.record import load
from core.storage.rows import by_column, load_any
from core.tables.instance import Comment, Involvement
from core.tables.people import User
from core.tables.process import Activity, Process
from core.tables.registry import Reference

T = TypeVar("T")


@answers(ReferenceByNumber)
def reference_by_number(query: ReferenceByNumber, r: Reader) -> Reference:
    rows = r.connection.fetch(
        by_column(Reference, "number", True), {"value": query.number, "tenant": r.principal.tenant_key}
    )
    for row in rows:
        reference = load(Reference, row)
        if reference.kind == query.kind:
            return reference
    raise NotFound(query.kind, query.number)


@answers(ReferencesByKey)
def references_by_key(query: ReferencesByKey, r: Reader) -> Mapping[int, Reference]:
    return {row.key: row for row in load_any(r.connection, Reference, "key", query.keys)}


@answers(ProcessesByKey)
def processes_by_key(query: ProcessesByKey, r: Reader) -> Mapping[int, Process]:
    return {row.key: row for row in load_any(r.connection, Process, "key", query.keys)}


@answers(SearchReferences)
def search_references(query: SearchReferences, r: Reader) -> Page[Reference]:
    return page_of(r, REFERENCE, Reference, query)


@answers(SearchStages)
def search_stages(query: SearchStages, r: Reader) -> Page[Activity]:
    return page_of(r, STAGE, Activity, query)


@answers(SearchComments)
def search_comments(query: SearchComments, r: Reader) -> Page[Comment]:
    return page_of(r, COMMENT, Comment, query)


@answers(AccountsPage)
def accounts_page(query: AccountsPage, r: Reader) -> Page[User]:
    return page_of(r, USER, User, query)


@answers(InvolvedIn)
def involved_in(query: InvolvedIn, r: Reader) -> tuple[Involvement, ...]:
    rows = load_any(r.connection, Involvement, "entity_key", [query.entity_key])
    return tuple(sorted((row for row in rows if row.role == query.role), key=lambda row: row.key))
