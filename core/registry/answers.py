"""Reading master data."""

from collections.abc import Mapping

from core.registry.fields import REFERENCE
from core.registry.queries import ReferenceByNumber, ReferencesByKey, SearchReferences
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import page_of
from core.storage.record import load
from core.storage.rows import by_column, load_any
from core.tables.registry import Reference


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


@answers(SearchReferences)
def search_references(query: SearchReferences, r: Reader) -> Page[Reference]:
    return page_of(r, REFERENCE, Reference, query)
