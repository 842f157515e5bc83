"""With which things somebody may do what: where permissions do not decide alone, what they have to do with the thing.

A dialect says by which of these rules its callers act; what the rules give them is said here, and nowhere else.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.principal import NOWHERE, Extent, Principal, Reach
from core.tables.instance import Instance
from core.tables.library import Document, LibraryMember
from core.tables.people import Group, Membership, User
from core.tables.process import Process
from core.tables.task import Task
from core.types import (
    ALL_PERMISSIONS,
    WORKER_PERMISSIONS,
    Action,
    AssigneeKind,
    Permission,
    ProcessStatus,
    Relation,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A library, or something that is to be made in it. Key 0: in none."""

    library_key: int


Thing = Task | Instance | Process | Group | User | Place
#: the rows of a table in whose column one of these values stands
Rows = Callable[[type[Any], str, Collection[Any]], Collection[Any]]

#: what an action takes where permissions decide
PERMISSIONS: Mapping[Action, Permission] = {
    Action.READ_TASK: Permission.READ,
    Action.CREATE_TASK: Permission.START,
    Action.UPDATE_TASK: Permission.WORK,
    Action.CLAIM_TASK: Permission.WORK,
    Action.COMPLETE_TASK: Permission.WORK,
    Action.SUPERVISE_TASK: Permission.WORK,
    Action.REDEFINE_TASK: Permission.WORK,
    Action.DELETE_TASK: Permission.WORK,
    Action.START_INSTANCE: Permission.START,
    Action.UPDATE_INSTANCE: Permission.WORK,
    Action.CANCEL_INSTANCE: Permission.WORK,
    Action.MODIFY_INSTANCE: Permission.WORK,
    Action.DRAFT_PROCESS: Permission.DESIGN,
    Action.REVISE_PROCESS: Permission.DESIGN,
    Action.DIRECT_PROCESS: Permission.DESIGN,
    Action.DELETE_PROCESS: Permission.DESIGN,
    Action.MANAGE_LIBRARY: Permission.MANAGE_USERS,
    Action.MANAGE_GROUP: Permission.MANAGE_USERS,
    Action.REDIRECT_TASKS: Permission.MANAGE_USERS,
}

_SUPERVISORS = (Relation.SUPERVISOR, Relation.PROCESS_SUPERVISOR)
_IN_CHARGE = Extent(relations=(Relation.CREATOR, Relation.PROCESS_SUPERVISOR))
_MANAGERS = Extent(permission=Permission.ADMINISTER, relations=(Relation.MANAGER,))

#: what somebody may do is what their part in a thing is: who has a task, who supervises a process, who manages a
#: library. Administrators are above libraries and processes, but nobody's task is theirs.
PARTS = Reach(
    {
        Action.CREATE_TASK: Extent(everything=True),
        Action.COMPLETE_TASK: Extent(relations=(Relation.ASSIGNEE,)),
        Action.UPDATE_TASK: Extent(relations=(Relation.ASSIGNEE, *_SUPERVISORS)),
        Action.CLAIM_TASK: NOWHERE,
        Action.SUPERVISE_TASK: Extent(relations=_SUPERVISORS),
        Action.REDEFINE_TASK: _IN_CHARGE,
        Action.DELETE_TASK: Extent(permission=Permission.ADMINISTER, relations=(Relation.ASSIGNER, Relation.MANAGER)),
        Action.START_INSTANCE: Extent(relations=(Relation.INSIDE,)),
        Action.UPDATE_INSTANCE: _IN_CHARGE,
        Action.CANCEL_INSTANCE: _IN_CHARGE,
        Action.MODIFY_INSTANCE: _IN_CHARGE,
        Action.DRAFT_PROCESS: _MANAGERS,
        Action.REVISE_PROCESS: Extent(
            permission=Permission.ADMINISTER, relations=(Relation.MANAGER, Relation.PROCESS_SUPERVISOR)
        ),
        Action.DIRECT_PROCESS: Extent(permission=Permission.ADMINISTER, relations=(Relation.PROCESS_SUPERVISOR,)),
        Action.DELETE_PROCESS: _MANAGERS,
        Action.MANAGE_LIBRARY: _MANAGERS,
        Action.MANAGE_GROUP: _MANAGERS,
        Action.REDIRECT_TASKS: Extent(
            permission=Permission.MANAGE_USERS, relations=(Relation.ONESELF, Relation.MANAGER)
        ),
    },
    ended=True,
)

#: whoever has come in may do everything with tasks, instances and definitions; with accounts, what permissions say
OPEN = Reach(spared=WORKER_PERMISSIONS | {Permission.DESIGN})

#: for authorizations that say who may do what at all: an administrator's account is their own, whatever they say
_ORDINARY = ALL_PERMISSIONS - {Permission.ADMINISTER}
_AUTHORIZED = Reach(spared=_ORDINARY)
_UNTOLD = {action: NOWHERE for action, permission in PERMISSIONS.items() if permission is Permission.WORK}


def authorized(extents: Mapping[Action, Extent] | None) -> Reach:
    """Authorizations, which somebody else reads, decide in place of permissions; over single tasks and instances those
    that these extents tell, and None over all of them. What is done with them and not told of is done nowhere."""
    return _AUTHORIZED if extents is None else Reach({**_UNTOLD, **extents}, spared=_ORDINARY)


def no_rows(cls: type[Any], by: str, values: Collection[Any]) -> Collection[Any]:
    """For who asks about nothing but the thing itself."""
    raise LookupError(f"{cls.__name__}.{by}")


def reaches(who: Principal, action: Action, thing: Thing | None, rows: Rows, process_id: str = "") -> bool:
    """May they do this with the thing, which belongs to a process with this id?"""
    extent = who.reach.extents.get(action) if who.reach is not None else None
    if extent is None:
        return who.may(PERMISSIONS[action])
    if extent.everything or (extent.permission is not None and who.may(extent.permission)):
        return True
    if process_id and process_id in extent.processes:
        return True
    if thing is None:
        return False
    if isinstance(thing, Task) and thing.key in extent.tasks:
        return True
    return any(_RELATIONS[relation](thing, who, rows) for relation in extent.relations)


def _is_creator(thing: Thing, who: Principal, rows: Rows) -> bool:
    instance = _instance(thing, rows)
    return instance is not None and bool(who.user_key) and instance.creator_key == who.user_key


def _supervises_process(thing: Thing, who: Principal, rows: Rows) -> bool:
    """By themselves or through a group. What runs on when its process was deleted has nobody above it any more."""
    process: Process | None = None
    if isinstance(thing, Process):
        process = thing
    elif isinstance(thing, Task | Instance):
        alive = (p for p in rows(Process, "key", (thing.process_key,)) if p.status != ProcessStatus.DELETED)
        process = next(alive, None)
    if process is None or not who.user_key:
        return False
    if who.number in process.supervisors.get("users", ()):
        return True
    groups = process.supervisors.get("groups", ())
    return bool(groups) and any(group.number in groups for group in rows(Group, "key", _groups_of(who.user_key, rows)))


def _manages(thing: Thing, who: Principal, rows: Rows) -> bool:
    """A library in which the thing is; a user is in several."""
    libraries = _libraries(thing, rows)
    return bool(libraries) and any(
        row.manager and row.kind == AssigneeKind.USER and row.library_key in libraries
        for row in rows(LibraryMember, "member_key", (who.user_key,))
    )


def _libraries(thing: Thing, rows: Rows) -> set[int]:
    if isinstance(thing, User):
        members = (thing.key, *_groups_of(thing.key, rows))
        return {row.library_key for row in rows(LibraryMember, "member_key", members)}
    if isinstance(thing, Task | Instance):
        instance = _instance(thing, rows)
        keys = (instance.document_key,) if instance is not None and instance.document_key else ()
        return {document.library_key for document in rows(Document, "key", keys)}
    return {thing.library_key} - {0}


def _instance(thing: Thing, rows: Rows) -> Instance | None:
    if isinstance(thing, Instance):
        return thing
    return next(iter(rows(Instance, "key", (thing.instance_key,))), None) if isinstance(thing, Task) else None


def _groups_of(user_key: int, rows: Rows) -> tuple[int, ...]:
    return tuple(row.group_key for row in rows(Membership, "user_key", (user_key,)))


def _is(name: str, thing: Thing, who: Principal) -> bool:
    return isinstance(thing, Task) and bool(who.username) and getattr(thing, name) == who.username


_RELATIONS: Mapping[Relation, Callable[[Any, Principal, Rows], bool]] = {
    Relation.ASSIGNEE: lambda thing, who, rows: _is("assignee", thing, who),
    Relation.CANDIDATE_USERS: lambda thing, who, rows: (
        isinstance(thing, Task) and who.username in thing.candidate_users
    ),
    Relation.CANDIDATE_GROUPS: lambda thing, who, rows: (
        isinstance(thing, Task) and not set(who.groups).isdisjoint(thing.candidate_groups)
    ),
    Relation.ASSIGNER: lambda thing, who, rows: _is("assigned_by", thing, who),
    Relation.SUPERVISOR: lambda thing, who, rows: _is("supervisor", thing, who),
    Relation.PROCESS_SUPERVISOR: _supervises_process,
    Relation.CREATOR: _is_creator,
    Relation.MANAGER: _manages,
    Relation.ONESELF: lambda thing, who, rows: isinstance(thing, User) and thing.key == who.user_key,
    Relation.INSIDE: lambda thing, who, rows: isinstance(thing, Place) and thing.library_key != 0,
}
