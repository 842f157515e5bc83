"""What a caller may do where authorizations are on. Source: dossier camunda.md, sections 1.9 and 3.10."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.directory.queries import Belongings
from core.principal import Extent, Principal
from core.reach import OPEN, authorized
from core.search.query import Where, either
from core.tables.directory import Grant
from core.task.fields import TaskField, TaskWhere
from core.types import ADMINISTRATORS, Action, Relation
from schemas.common.numbers import whole

Field = TypeVar("Field", bound=str)

#: a permission (its type) on a kind of resource
Need = tuple[str, str]

PROCESS, TASK = "PROCESS_DEFINITION", "USER_TASK"
READ_TASK: tuple[Need, ...] = (("READ_USER_TASK", PROCESS), ("READ", TASK))
READ_INSTANCE: Need = ("READ_PROCESS_INSTANCE", PROCESS)
READ_DEFINITION: Need = ("READ_PROCESS_DEFINITION", PROCESS)
READ_DECISION: Need = ("READ_DECISION_DEFINITION", "DECISION_DEFINITION")
READ_DECISION_INSTANCE: Need = ("READ_DECISION_INSTANCE", "DECISION_DEFINITION")
READ_REQUIREMENTS: Need = ("READ", "DECISION_REQUIREMENTS_DEFINITION")

#: what is needed for what the engine decides over the single thing
NEEDS: Mapping[Action, tuple[Need, ...]] = {
    Action.READ_TASK: READ_TASK,
    Action.UPDATE_TASK: (("UPDATE_USER_TASK", PROCESS), ("UPDATE", TASK)),
    Action.REDEFINE_TASK: (("UPDATE_USER_TASK", PROCESS), ("UPDATE", TASK)),
    Action.CLAIM_TASK: (
        *(("UPDATE_USER_TASK", PROCESS), ("CLAIM_USER_TASK", PROCESS)),
        *(("UPDATE", TASK), ("CLAIM", TASK)),
    ),
    Action.COMPLETE_TASK: (
        *(("UPDATE_USER_TASK", PROCESS), ("COMPLETE_USER_TASK", PROCESS)),
        *(("UPDATE", TASK), ("COMPLETE", TASK)),
    ),
    Action.UPDATE_INSTANCE: (("UPDATE_PROCESS_INSTANCE", PROCESS),),
    Action.CANCEL_INSTANCE: (("CANCEL_PROCESS_INSTANCE", PROCESS),),
    Action.MODIFY_INSTANCE: (("MODIFY_PROCESS_INSTANCE", PROCESS),),
}
#: what a property of a task is called in the engine
PROPERTIES = {
    "assignee": Relation.ASSIGNEE,
    "candidateUsers": Relation.CANDIDATE_USERS,
    "candidateGroups": Relation.CANDIDATE_GROUPS,
}
#: and in a search
_RELATED: Mapping[Relation, TaskField] = {
    Relation.ASSIGNEE: "assignee",
    Relation.CANDIDATE_USERS: "candidate_user",
    Relation.CANDIDATE_GROUPS: "candidate_group",
}
ALL = "*"


@dataclass(frozen=True, slots=True)
class Access:
    """`everything`, or the ids of resources by permission, and by permission on tasks the properties."""

    everything: bool = False
    ids: Mapping[Need, frozenset[str]] = field(default_factory=dict)
    properties: Mapping[str, frozenset[Relation]] = field(default_factory=dict)

    def of(self, need: Need) -> frozenset[str]:
        return self.ids.get(need, frozenset())

    def allows(self, need: Need, id: str) -> bool:
        return self.everything or not self.of(need).isdisjoint((ALL, id))

    def where(self, need: Need, field: Field) -> tuple[Where[Field], ...]:
        """The condition that keeps a search to what may be read."""
        ids = self.of(need)
        return () if self.everything or ALL in ids else (Where(field, "in", sorted(ids)),)

    def extent(self, action: Action) -> Extent:
        processes: set[str] = set()
        tasks: set[str] = set()
        relations: set[Relation] = set()
        for need in NEEDS[action]:
            if need[1] == TASK:
                tasks |= self.of(need)
                relations |= self.properties.get(need[0], frozenset())
            else:
                processes |= self.of(need)
        keys = frozenset(key for key in map(whole, tasks) if key is not None)
        return Extent(
            everything=ALL in processes or ALL in tasks,
            processes=frozenset(processes),
            tasks=keys,
            relations=tuple(sorted(relations)),
        )

    def tasks(self, who: Principal) -> tuple[TaskWhere, ...]:
        """The condition that keeps a search of tasks to those that may be read."""
        extent = self.extent(Action.READ_TASK)
        if self.everything or extent.everything:
            return ()
        alternatives: list[tuple[TaskWhere, ...]] = [
            (Where("process_id", "in", sorted(extent.processes)),),
            (Where("key", "in", sorted(extent.tasks)),),
        ]
        for relation in extent.relations:
            names = list(who.groups) if relation is Relation.CANDIDATE_GROUPS else [who.username]
            alternatives.append((Where(_RELATED[relation], "in", names),))
        return (either(*alternatives),)


EVERYTHING = Access(everything=True)


def access_of(belongings: Belongings) -> Access:
    if ADMINISTRATORS in belongings.roles:
        return EVERYTHING
    ids: dict[Need, set[str]] = {}
    properties: dict[str, set[Relation]] = {}
    for need, grant in _each(belongings.grants):
        if grant.property_name:
            relation = PROPERTIES.get(grant.property_name)
            if relation is not None and need[1] == TASK:
                properties.setdefault(need[0], set()).add(relation)
        else:
            ids.setdefault(need, set()).add(grant.resource_id)
    return Access(False, {n: frozenset(i) for n, i in ids.items()}, {p: frozenset(r) for p, r in properties.items()})


def _each(grants: Iterable[Grant]) -> Iterable[tuple[Need, Grant]]:
    for grant in grants:
        for permission in grant.permissions:
            yield (permission, grant.resource_kind), grant


def unrestricted(who: Principal) -> Principal:
    """The caller where authorizations are off."""
    return replace(who, reach=OPEN)


def acting(who: Principal, access: Access, groups: tuple[str, ...]) -> Principal:
    """The caller as the engine shall see them: what they may do at all is checked here, with which things there."""
    extents = None if access.everything else {action: access.extent(action) for action in NEEDS}
    return replace(who, groups=groups, reach=authorized(extents))
