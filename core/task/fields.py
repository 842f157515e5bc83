"""By what tasks are searched."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    literal,
    literal_column,
    not_,
    or_,
    select,
)

from core.instance.fields import mentions, of_variable, paused
from core.search.conditions import test_of
from core.search.field import Field, by_text, by_user_and_groups, by_user_and_key, columns, filled
from core.search.kept import Kept
from core.search.query import Either, Is, Isnt, Sort, Where
from core.storage.statements import any_of
from core.tables.joined import candidates, documents, folders, instances, libraries, members, processes, tasks

#: what no candidate may pass -> what one must not
_OPPOSITES = {"neq": "eq", "notin": "in", "notilike": "ilike"}


def _candidate(kind: str) -> Callable[[str, str], ColumnElement[bool]]:
    """Any candidate of the kind passes the test; `missing` means that there is none."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        of_kind = and_(candidates.c.task_key == tasks.c.key, candidates.c.kind == kind)
        if op in ("exists", "missing"):
            is_there = exists(select(literal(1)).where(of_kind))
            return is_there if op == "exists" else not_(is_there)
        if op in _OPPOSITES:
            positive = test_of(candidates.c.name, _OPPOSITES[op], name)
            return not_(exists(select(literal(1)).where(of_kind, positive)))
        return exists(select(literal(1)).where(of_kind, test_of(candidates.c.name, op, name)))

    return test


def _of_process(column: ColumnElement[Any]) -> Callable[[str, str], ColumnElement[bool]]:
    return lambda op, name: tasks.c.process_key.in_(select(processes.c.key).where(test_of(column, op, name)))


def _visible(op: str, name: str) -> ColumnElement[bool]:
    """Mine, or nobody's yet and I am a candidate. The value is (user name, [group names])."""
    assigned = tasks.c.assignee == bindparam(f"{name}_user", type_=Text)
    return or_(assigned, and_(tasks.c.assignee.is_(None), _candidacy(name)))


def _open_to(op: str, name: str) -> ColumnElement[bool]:
    """Mine, or I am a candidate, whoever has it. The value is (user name, [group names])."""
    return or_(tasks.c.assignee == bindparam(f"{name}_user", type_=Text), _candidacy(name))


def _candidacy(name: str) -> ColumnElement[bool]:
    user = bindparam(f"{name}_user", type_=Text)
    candidate = and_(candidates.c.task_key == tasks.c.key, or_(
        and_(candidates.c.kind == "user", candidates.c.name == user),
        and_(candidates.c.kind == "group", any_of(candidates.c.name, f"{name}_groups")),
    ))  # fmt: skip
    return exists(select(literal(1)).where(candidate))


def _of_instance(column: ColumnElement[Any]) -> Field:
    """A column of the task's instance."""
    value = select(column).where(instances.c.key == tasks.c.instance_key).scalar_subquery()

    def test(op: str, name: str) -> ColumnElement[bool]:
        passing = select(instances.c.key).where(test_of(column, op, name))
        if op in ("eq", "in"):
            return tasks.c.instance_key.in_(passing)
        return exists(passing.where(instances.c.key == tasks.c.instance_key).correlate(tasks))  # most are so

    return Field(test, value)


#: as the index of those says it
_HAS_DOCUMENT = instances.c.document_key != literal_column("0", BigInteger)


def _of_document(column: ColumnElement[Any]) -> Field:
    """A column of the document that the task is about."""
    joined = instances.join(documents, documents.c.key == instances.c.document_key)
    value = select(column).select_from(joined).where(instances.c.key == tasks.c.instance_key).scalar_subquery()

    def test(op: str, name: str) -> ColumnElement[bool]:
        about = select(documents.c.key).where(test_of(column, op, name))
        passing = select(instances.c.key).where(_HAS_DOCUMENT, instances.c.document_key.in_(about))
        return tasks.c.instance_key.in_(passing)

    return Field(test, value, nullable=True)


def _of_library() -> Field:
    """The name of the library that holds the document; to sort by."""
    joined = instances.join(documents, documents.c.key == instances.c.document_key).join(
        libraries, libraries.c.key == documents.c.library_key
    )
    value = select(libraries.c.name).select_from(joined).where(instances.c.key == tasks.c.instance_key)
    keys = select(instances.c.key).select_from(joined)
    return Field(
        lambda op, name: tasks.c.instance_key.in_(keys.where(test_of(libraries.c.name, op, name))),
        value.scalar_subquery(),
        nullable=True,
    )


def _process_name() -> Field:
    value = select(processes.c.name).where(processes.c.key == tasks.c.process_key).scalar_subquery()
    return Field(_of_process(processes.c.name), value)


def managed_by(name: str) -> Select[Any]:
    """The instances about documents of the libraries that a user (their key is a parameter) manages: from the libraries
    down, each step has an index."""
    managed = select(members.c.library_key).where(
        members.c.kind == "user", members.c.member_key == bindparam(name, type_=BigInteger), members.c.manager == 1
    )
    within = select(folders.c.key).where(folders.c.library_key.in_(managed))
    about = select(documents.c.key).where(documents.c.folder_key.in_(within))
    return select(instances.c.key).where(_HAS_DOCUMENT, instances.c.document_key.in_(about))


def concerns(holder: ColumnElement[Any], giver: ColumnElement[Any]) -> Callable[[str, str], ColumnElement[bool]]:
    """What somebody has to do with: their own, those they assigned or supervise, and all of the libraries they manage.
    One field in place of four behind an `or`, since each of them has an index, which a database does not find there
    (core.task.sources). The value is (user name, key)."""

    def test(op: str, name: str) -> ColumnElement[bool]:
        user = bindparam(f"{name}_user", type_=Text)
        managed = managed_by(f"{name}_key")
        return or_(holder == user, giver == user, tasks.c.supervisor == user, tasks.c.instance_key.in_(managed))

    return test


def _unexpired(op: str, name: str) -> ColumnElement[bool]:
    """Not due before the moment that is the value."""
    return or_(tasks.c.due_at.is_(None), tasks.c.due_at > bindparam(name, type_=BigInteger))


_Column = Literal[
    "key", "uid", "number", "state", "priority", "created_at", "name", "element_id", "instance_key", "instance_number",
    "instance_uid", "element_instance_key", "definition_key", "process_key", "assigned_by",
    "supervisor", "description", "removed", "draft", "offered", "changed_at", "held_since", "tags", "business_id",
]  # fmt: skip
_Nullable = Literal["assignee", "due_at", "follow_up_at", "started_at", "ended_at"]
_Joined = Literal[
    "instance_title", "instance_state", "creator", "belongs_to", "process_name",
    "document_key", "document_number", "document_name", "document_type", "document_library", "library_name",
]  # fmt: skip
#: by what tasks are compared and sorted, and by what only compared
TaskColumn = _Column | _Nullable | _Joined
TaskField = TaskColumn | Literal[
    "candidate_user", "candidate_group", "process_id", "process_number", "instance_variable", "local_variable",
]  # fmt: skip
TaskFact = Literal["visible_to", "open_to", "concerns", "unexpired", "paused", "mentions"]

TaskWhere: TypeAlias = Where[TaskField | Kept] | Is[TaskFact] | Isnt[Literal["paused"]] | Either["TaskWhere"]
TaskSort: TypeAlias = Sort[TaskColumn | Kept]

TASK_FIELDS: Mapping[str, Field] = {
    **columns(tasks, _Column),
    **columns(tasks, _Nullable, nullable=True),
    "name": filled(tasks.c.name),
    "business_id": filled(tasks.c.business_id),
    "candidate_user": Field(_candidate("user")),
    "candidate_group": Field(_candidate("group")),
    "process_id": Field(_of_process(processes.c.process_id)),
    "visible_to": Field(_visible, bind=by_user_and_groups),
    "open_to": Field(_open_to, bind=by_user_and_groups),
    "unexpired": Field(_unexpired),
    "paused": Field(paused),
    "mentions": Field(mentions(of_tasks=True), bind=by_text),
    "instance_title": _of_instance(instances.c.title),
    "concerns": Field(concerns(tasks.c.assignee, tasks.c.assigned_by), bind=by_user_and_key),
    "process_name": _process_name(),
    "process_number": Field(_of_process(processes.c.number)),
    "document_number": _of_document(documents.c.number),
    "document_name": _of_document(documents.c.name),
    "document_type": _of_document(documents.c.type_name),
    "document_library": _of_document(documents.c.library_key),
    "document_key": _of_instance(instances.c.document_key),
    "instance_state": _of_instance(instances.c.state),
    "instance_variable": of_variable(tasks.c.instance_key, tasks.c.instance_key),
    "local_variable": of_variable(tasks.c.instance_key, tasks.c.element_instance_key),
    "library_name": _of_library(),
    "creator": _of_instance(instances.c.creator),
    "belongs_to": _of_instance(instances.c.reference_key),
}
