"""TODO core.instance.answers"""

from core.instance.queries import InstancesOfDocument
from core.search.reader import Reader, _mine, answers
from core.storage.rows import load_any
from core.tables.instance import Instance


@answers(InstancesOfDocument)
def instances_of_document(query: InstancesOfDocument, r: Reader) -> tuple[Instance, ...]:
    rows = _mine(r, load_any(r.connection, Instance, "document_key", [query.document_key]))
    return tuple(sorted(rows, key=lambda i: i.key))
