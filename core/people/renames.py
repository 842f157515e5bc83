"""Giving a user another name, everywhere at once, and taking one out of service."""

from functools import lru_cache

from sqlalchemy import BigInteger, Column, ColumnElement, Table, Text, bindparam, delete, select, true, update

from core.people.commands import CloseUser, RenameUser
from core.people.powers import guard_user
from core.principal import Principal
from core.rejections import Conflict, Forbidden, Invalid, NotFound
from core.storage.jsontext import dump, strings
from core.storage.rows import load_any
from core.storage.statements import Statement, bulk_insert, bulk_update, table_of
from core.storage.store import Connection
from core.tables.directory import Associate, Grant
from core.tables.event import Event
from core.tables.file import File, FileContent
from core.tables.identity import Credential
from core.tables.library import Document, LibraryMember
from core.tables.people import Membership, Redirection, User
from core.tables.process import Assignment
from core.tables.task import Candidate, Holding, Task
from core.turn.command import Done
from core.turn.commits import commit_once
from core.turn.sets import SetTurn, handles_set
from core.types import MemberKind, Permission, UserStatus

users, tasks, candidates, documents = table_of(User), table_of(Task), table_of(Candidate), table_of(Document)
associates, grants, holdings = table_of(Associate), table_of(Grant), table_of(Holding)

#: where a user is known by their name, alone or as one of several kinds
_NAMED: tuple[tuple[Table, Column[str], ColumnElement[bool]], ...] = (
    (tasks, tasks.c.assignee, true()),
    (tasks, tasks.c.assigned_by, true()),
    (tasks, tasks.c.redirected_from, true()),
    (tasks, tasks.c.supervisor, true()),
    (holdings, holdings.c.holder, true()),
    (holdings, holdings.c.assigned_by, true()),
    (holdings, holdings.c.redirected_from, true()),
    (documents, documents.c.owner, true()),
    (documents, documents.c.checked_out_by, true()),
    (associates, associates.c.member_id, associates.c.kind == MemberKind.USER.value),
    (grants, grants.c.owner_id, grants.c.owner_kind == MemberKind.USER.value),
)


@lru_cache(maxsize=1)
def _statements() -> tuple[Statement, ...]:
    old, new = bindparam("old", type_=Text), bindparam("new", type_=Text)
    tenant = bindparam("tenant", type_=BigInteger)
    return tuple(
        Statement(update(table).where(table.c.tenant_key == tenant, column == old, of_users).values({column.name: new}))
        for table, column, of_users in _NAMED
    )


@lru_cache(maxsize=1)
def _find() -> Statement:
    """Locked, so that nobody else renames or changes the user meanwhile, nor passes tasks on to that name."""
    folded = bindparam("name", type_=Text)
    return Statement(
        select(users.c.key, users.c.username, users.c.revision, users.c.uid)
        .where(users.c.tenant_key == bindparam("tenant"), users.c.username_folded == folded)
        .with_for_update()
    )


@lru_cache(maxsize=1)
def _candidacies() -> Statement:
    named = (candidates.c.kind == "user", candidates.c.name == bindparam("old", type_=Text))
    joined = tasks.join(candidates, candidates.c.task_key == tasks.c.key)
    return Statement(
        select(tasks.c.key, tasks.c.candidate_users)
        .select_from(joined)
        .where(*named, tasks.c.tenant_key == bindparam("tenant"))
        .order_by(tasks.c.key)
        .with_for_update(of=tasks)
    )


@lru_cache(maxsize=1)
def _rename_candidate() -> Statement:
    of_tenant = select(tasks.c.key).where(tasks.c.tenant_key == bindparam("tenant"))
    return Statement(
        update(candidates)
        .where(
            candidates.c.kind == "user",
            candidates.c.name == bindparam("old", type_=Text),
            candidates.c.task_key.in_(of_tenant),
        )
        .values(name=bindparam("new", type_=Text))
    )


def _guard(who: Principal, connection: Connection, key: int) -> None:
    (user,) = load_any(connection, User, "key", [key])
    guard_user(who, lambda cls, by, value: load_any(connection, cls, by, [value]), user)


@handles_set(RenameUser)
def rename_user(cmd: RenameUser, turn: SetTurn) -> Done:
    who, connection, now, numbers = turn.who, turn.connection, turn.now, turn.numbers
    if not who.may(Permission.MANAGE_USERS):
        raise Forbidden(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    if not cmd.new_username.strip():
        raise Invalid("username", "required")
    tenant = who.tenant_key
    numbers.keys.have_one()
    connection.begin()
    rows = connection.fetch(_find(), {"tenant": tenant, "name": cmd.username.casefold()})
    if not rows:
        raise NotFound("user", cmd.username)
    key, old, revision, _ = rows[0]
    _guard(who, connection, key)
    others = connection.fetch(_find(), {"tenant": tenant, "name": cmd.new_username.casefold()})
    if any(row[0] != key for row in others):
        raise Conflict("user", cmd.new_username, "exists")
    if old == cmd.new_username:
        connection.rollback()
        return Done()
    _rename(connection, tenant, old, cmd.new_username)
    changes = bulk_update(User, ("username", "username_folded", "revision", "changed_at"))
    connection.bulk(changes, [(cmd.new_username, cmd.new_username.casefold(), revision + 1, now, key)])
    before, after = {"username": old}, {"username": cmd.new_username}
    commit_once(connection, _event(turn, "user.renamed", key, before, after))
    turn.touched.add(key)
    return Done()


def _rename(connection: Connection, tenant: int, old: str, new: str) -> None:
    """Wherever they are named; within a transaction."""
    names = {"tenant": tenant, "old": old, "new": new}
    rewritten = [
        (dump([new if name == old else name for name in strings(text)]), task_key)
        for task_key, text in connection.fetch(_candidacies(), {"tenant": tenant, "old": old})
    ]
    if rewritten:
        connection.bulk(bulk_update(Task, ("candidate_users",)), rewritten)
        connection.run(_rename_candidate(), names)
    for statement in _statements():
        connection.run(statement, names)


def _event(turn: SetTurn, kind: str, key: int, before: dict[str, str], after: dict[str, str]) -> Event:
    """What happened to the user with this key; written within a transaction."""
    event = Event(
        key=turn.numbers.keys.next(),
        at=turn.now,
        tenant_key=turn.who.tenant_key,
        kind=kind,
        entity="user",
        entity_key=key,
        actor_key=turn.who.user_key,
        actor=turn.who.username,
        dialect=turn.who.dialect,
        before=before,
        after=after,
    )
    insert = bulk_insert(Event)
    turn.connection.bulk(insert, [insert.row(event)])
    return event


@lru_cache(maxsize=1)
def _open_tasks() -> Statement:
    theirs = (tasks.c.tenant_key == bindparam("tenant"), tasks.c.assignee == bindparam("name", type_=Text))
    return Statement(select(tasks.c.key).where(*theirs, tasks.c.ended_at.is_(None)).limit(1))


@lru_cache(maxsize=1)
def _leaving() -> tuple[Statement, ...]:
    key = bindparam("user", type_=BigInteger)
    columns = (
        table_of(Membership).c.user_key,
        table_of(Credential).c.user_key,
        table_of(Assignment).c.assignee_key,
        table_of(LibraryMember).c.member_key,
        table_of(Redirection).c.user_key,
        table_of(Redirection).c.target_key,
        table_of(File).c.user_key,
    )
    files, contents = table_of(File), table_of(FileContent)
    picture = delete(contents).where(contents.c.key.in_(select(files.c.key).where(files.c.user_key == key)))
    return Statement(picture), *(Statement(delete(column.table).where(column == key)) for column in columns)


@handles_set(CloseUser)
def close_user(cmd: CloseUser, turn: SetTurn) -> Done:
    who, connection, now, numbers = turn.who, turn.connection, turn.now, turn.numbers
    if not who.may(Permission.MANAGE_USERS):
        raise Forbidden(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    tenant = who.tenant_key
    numbers.keys.have_one()
    connection.begin()
    rows = connection.fetch(_find(), {"tenant": tenant, "name": cmd.username.casefold()})
    if not rows:
        raise NotFound("user", cmd.username)
    key, old, revision, uid = rows[0]
    _guard(who, connection, key)
    if connection.fetch(_open_tasks(), {"tenant": tenant, "name": old}):
        raise Conflict("user", cmd.username, "busy")
    _rename(connection, tenant, old, uid)
    changes = bulk_update(User, ("username", "username_folded", "status", "revision", "changed_at"))
    connection.bulk(changes, [(uid, uid, UserStatus.CLOSED.value, revision + 1, now, key)])
    for statement in _leaving():
        connection.run(statement, {"user": key})
    before, after = {"username": old}, {"status": UserStatus.CLOSED.value}
    commit_once(connection, _event(turn, "user.closed", key, before, after))
    turn.touched.add(key)
    return Done()
