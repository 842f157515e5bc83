"""What stands still in instances."""

from collections.abc import Collection

from core.search.reader import Reader
from core.storage.rows import load_any
from core.tables.incident import Incident
from core.tables.instance import ElementInstance, Instance
from core.types import ElementState, IncidentState, InstanceState


def standing(r: Reader, instances: Collection[Instance]) -> frozenset[int]:
    """The keys of those in which something stands still, or in what they called."""
    still = {i.key for i in instances if i.incidents}
    callers = [i for i in instances if i.key not in still and _may_call(r, i)]
    above = _paths(r, {i.root_key or i.key for i in callers})
    return frozenset(still | {i.key for i in callers if any(f"/{i.key}/" in row.path for row in above)})


def _may_call(r: Reader, instance: Instance) -> bool:
    return instance.state == InstanceState.ACTIVE and bool(r.known(instance.definition_key).program.calls)


def _paths(r: Reader, root_keys: Collection[int]) -> list[Incident]:
    rows = load_any(r.connection, Incident, "root_key", root_keys) if root_keys else []
    return [row for row in rows if row.state == IncidentState.ACTIVE]


def standing_elements(
    r: Reader, elements: Collection[ElementInstance], instances: Collection[Instance]
) -> tuple[frozenset[int], dict[int, int]]:
    """The keys of those that stand still, or in which something does; the incidents of those that do themselves."""
    still = standing(r, instances)
    roots = {i.root_key or i.key for i in instances if i.key in still}
    rows = _paths(r, roots)
    active = [e.key for e in elements if e.state == ElementState.ACTIVE and e.instance_key in still]
    own = {row.element_instance_key: row.key for row in rows}
    return frozenset(key for key in active if any(f"/{key}/" in row.path for row in rows)), own
