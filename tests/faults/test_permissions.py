"""Every operation of every dialect is asked for by nobody, by somebody who has no part in it, and by whom it is for,
with the requests of the golden exchanges, which are known to do something. The database says who changed what.
"""

import asyncio
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.common.dialect import Operation
from adapters.common.rights import ADMINISTRATOR, AUTHORIZED, MANAGER, OWN, SIGNED_IN, WORKER
from core.engine import Engine
from core.people.commands import CreateUser
from core.people.queries import UserByName
from core.principal import system
from core.storage import open_store
from core.types import WORKER_PERMISSIONS
from gateway.dialects import load, names
from tests.support.asgi import Answer, basic
from tests.support.asked import (
    Asked,
    alike,
    as_somebody,
    asked,
    at,
    does_nothing,
    exchanges,
    is_filled,
    learn,
    out_of_few_files,
    refused,
    send,
    without_credentials,
)
from tests.support.exchange import Case, add, fill, prepare, settings_of
from tests.support.once import once
from tests.support.touched import Touch, Touched, touched
from tests.support.world import World, open_world

#: so many requests for each operation
MOST = 2
STRANGER = "stranger"
#: what other people's things are told by: they have it, and nobody finds it by chance
THEIRS = {
    "task": ("key", "uid", "name", "description"),
    "instance": ("key", "uid", "title", "business_id"),
    "holding": ("key",),
    "comment": ("key", "text"),
    "variable": ("key",),
    "user_account": ("uid", "email"),
    "user_group": ("uid", "name"),
    "directory_entry": ("entry_id", "name"),
    "authorization_grant": ("key",),
    "definition": ("key",),
    "job": ("key",),
    "subscription": ("key",),
    "delivery": ("key",),
}
#: whose accounts there are, and what they may
ACCOUNTS = {
    *("user_account", "user_group", "membership", "directory_entry", "associate", "authorization_grant"),
    *("library", "library_member", "setting", "oauth_client", "tenant", "subscription"),
}
#: what open operations leave behind: a ticket, a mail, that somebody has logged in, that a check has written
OPEN = {"credential", "event", "subscription", "delivery", "setting"}
#: open operations with a password, a code or a token in the request: it is not nobody who sends it
WITH_SECRETS = {
    *("login", "refresh", "token", "tokenUnderApi"),
    *("AuthenticateUser", "AuthenticateUser1", "CreateTicketforUser", "RenewTicket", "ChangePasswordUsingSecretText"),
}
#: open operations that say no to whoever has no ticket
ABOUT_TICKETS = {"isValidTicket", "LogOut", "soap"}
#: rows without an exchange that succeeds. All are open, so there is nobody who must not; they have tests of their own:
#: where there is no administrator yet, in a browser's session, with the code of a mail
UNASKED = {
    "camunda": {"login", "logout", "createAdminUser"},
    "inforouter": {"AuthenticateUserViaWindows", "ChangePasswordUsingSecretText"},
}
#: rows that are refused whoever asks: no case has a trigger, or a document that was made
DONE_FOR_NOBODY = {
    "processmaker": {"executeTrigger", "downloadOutputDocument", "generateOutputDocument", "removeOutputDocument"}
}


def _chosen(dialect: str) -> dict[Path, list[Asked]]:
    """Some requests for each operation, rather those that are answered with something, out of few files."""
    every: dict[tuple[Operation, ...], list[Asked]] = {}
    for one in asked(dialect):
        every.setdefault(alike(dialect, one.operation), []).append(one)
    for rows, several in every.items():
        telling = [one for one in several if one.case.status != 200 or _tells(one.case.answer)]
        every[rows] = telling or several
    return out_of_few_files(every.values(), MOST)


def _tells(answer: str) -> bool:
    return answer not in ("", "[]") and not re.search(r'"(items|jobs)":\[\]', answer)


#: what methods of infoRouter are called that only tell something
_TELL = re.compile(r"(get|test|domainexists|userexists)", re.IGNORECASE)


def _changes(operation: Operation) -> bool:
    """As far as its name tells."""
    if operation.path.startswith("/srv.asmx"):
        return not _TELL.match(operation.name)
    return operation.method != "GET" and not operation.path.endswith("/search")


def _is_done_by_all(operation: Operation) -> bool:
    return _changes(operation) and operation.right in (SIGNED_IN, WORKER, AUTHORIZED)


def _is_asked(operation: Operation, for_all: bool) -> bool:
    return _is_done_by_all(operation) if for_all else operation.right is AUTHORIZED or not _is_done_by_all(operation)


CHOSEN = {dialect: _chosen(dialect) for dialect in names()}
#: what only some may is asked for without a trace; in another world a stranger does what all may. Camunda has
#: authorizations in the one and none, its default, in the other
WORLDS = [
    (dialect, path, for_all)
    for dialect, chosen in CHOSEN.items()
    for path, several in chosen.items()
    for for_all in (False, True)
    if not for_all or any(_is_done_by_all(one.operation) for one in several)
]


async def _make_stranger(url: str) -> None:
    engine = Engine(open_store(url))
    await engine.start()
    who = system(engine.default_tenant)
    hashed = await engine.hash_password(STRANGER)
    mail = f"{STRANGER}@example.com"
    await engine.execute(
        CreateUser(
            STRANGER,
            hashed,
            first_name="Some",
            last_name="Body",
            email=mail,
            permissions=WORKER_PERMISSIONS,
            number=9000,
        ),
        who,
    )
    await engine.stop()


@pytest.fixture(scope="session")
def strange_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world, and somebody new in it; whoever is made next gets the number that they would have without."""

    def make(path: Path) -> None:
        path.write_bytes(template.read_bytes())
        with sqlite3.connect(path) as before:
            numbers = before.execute("SELECT value, name FROM counter WHERE name LIKE 'user:%'").fetchall()
        before.close()
        asyncio.run(_make_stranger(f"sqlite:///{path}"))
        with sqlite3.connect(path) as after:
            after.executemany("UPDATE counter SET value = ? WHERE name = ?", numbers)
        after.close()

    return once(tmp_path_factory, "strange.db", make)


async def _credentials(world: World, dialect: str) -> dict[str, str]:
    match dialect:
        case "processmaker":
            return await world.token(STRANGER)
        case "facilioo":
            return await world.jwt(STRANGER)
        case "inforouter":
            answer = await world.call("GET", f"/srv.asmx/AuthenticateUser?UID={STRANGER}&PWD={STRANGER}")
            return {"ticket": answer.text.partition('ticket="')[2].partition('"')[0]}
    return {"authorization": basic(STRANGER)}


async def _own(world: World) -> tuple[str, ...]:
    user = await world.engine.ask(UserByName(STRANGER), world.system)
    return str(user.key), user.uid, user.email, user.username


@dataclass
class Inquiry:
    """What is asked of a world, and what was wrong with it."""

    world: World
    touched: Touched
    for_all: bool
    credentials: dict[str, str]
    own: set[str]
    theirs: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    #: by operation: are all those answered whom it is for, and does whoever may get more than others?
    answered: dict[Operation, set[bool]] = field(default_factory=dict)
    told: dict[Operation, set[bool]] = field(default_factory=dict)

    def look_around(self) -> None:
        for table, columns in THEIRS.items():
            for column in columns:
                self._note(self.touched.values(table, column))

    def _note(self, values: Iterable[str]) -> None:
        for value in values:
            if len(value) >= 8 and value not in self.own:
                self.theirs.add(value)
                if re.fullmatch(r"[0-9a-f]{32}", value):
                    self.theirs.add(f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}")

    def note(self, touches: Iterable[Touch]) -> None:
        self._note(t.value for t in touches if t.column in THEIRS.get(t.table, ()))

    def complain(self, one: Asked, operation: Operation, who: str, what: object) -> None:
        row = f"{operation.name} {operation.method} {operation.path} ({operation.right})"
        self.complaints.append(f"{row}, {who}: {what}   [{one.title}]")

    def changed(self, touches: list[Touch]) -> list[Touch]:
        return [t for t in touches if t.table != "credential"]

    def seen(self, case: Case, bound: dict[str, str], answer: Answer) -> set[str]:
        """What of others the answer holds that the request does not."""
        said = fill(f"{case.target} {case.body}", bound)
        text = answer.body.decode("utf-8", "replace")
        found = {value for value in self.theirs if value in text and value not in said}
        return {value for value in found if re.search(rf"\b{re.escape(value)}\b", text)}

    async def nobody(self, one: Asked, operation: Operation, bound: dict[str, str]) -> Answer:
        case = without_credentials(at(one.case, one.operation, operation))
        answer = await send(self.world, case, bound)
        brings = operation.name in WITH_SECRETS
        usual = OPEN | ({"user_account"} if brings else set()) if operation.is_open else set()
        if changed := [t for t in self.changed(self.touched.take()) if t.table not in usual]:
            self.complain(one, operation, "nobody changes", changed[:3])
        if not brings and (seen := self.seen(case, bound, answer)):
            self.complain(one, operation, "nobody sees", seen)
        if not operation.is_open and not refused(answer):
            self.complain(one, operation, "nobody is answered", answer.status)
        if operation.is_open and operation is one.operation and operation.name not in ABOUT_TICKETS:
            self.answered.setdefault(operation, set()).add(not refused(answer))
        return answer

    async def stranger(self, one: Asked, row: Operation, bound: dict[str, str]) -> tuple[Answer, bool]:
        """The answer, and whether anything was changed."""
        case = as_somebody(at(one.case, one.operation, row), self.credentials)
        answer = await send(self.world, case, bound)
        changed = self.changed(self.touched.take())
        inserted = {(t.table, t.key) for t in changed if t.how == "INSERT"}
        if changed and not self.for_all:
            self.complain(one, row, "a stranger changes", changed[:3])
        elif row.right is SIGNED_IN and (others := [t for t in changed if (t.table, t.key) not in inserted]):
            self.complain(one, row, "a stranger changes what is there", others[:3])
        elif accounts := [t for t in changed if t.table in ACCOUNTS]:
            self.complain(one, row, "a stranger changes accounts", accounts[:3])
        only_some = row.right in (OWN, MANAGER, ADMINISTRATOR, AUTHORIZED) and not self.for_all
        if only_some and (seen := self.seen(case, bound, answer)):
            self.complain(one, row, "a stranger sees", seen)
        if row.right in (MANAGER, ADMINISTRATOR) and not refused(answer):
            self.complain(one, row, "a stranger is answered", answer.status)
        if row.right in (SIGNED_IN, WORKER) and row is one.operation:
            self.answered.setdefault(row, set()).add(not refused(answer))
        return answer, bool(changed)

    async def ask(self, one: Asked, bound: dict[str, str]) -> Answer:
        """At every address of the operation as those who may not, and then as whoever does it in the exchange. Who
        brings a password, and a stranger who may do it, have done it already."""
        told, rows = self.told.setdefault(one.operation, set()), alike(one.path.parent.name, one.operation)
        if one.operation.name in WITH_SECRETS:
            answer = await self.nobody(one, one.operation, bound)
            told.add(not refused(answer))
            return answer
        others: list[Answer] = []
        for row in rows:
            others.append(await self.nobody(one, row, bound))
            if not row.is_open:
                answer, changed = await self.stranger(one, row, bound)
                if changed:
                    told.add(True)
                    return answer
                others.append(answer)
        answer = await send(self.world, one.case, bound)
        touches = self.touched.take()
        self.note(touches)
        if refused(answer):
            self.complain(one, one.operation, "control", f"is refused: {answer.status} {answer.text[:200]}")
        told.add(one.operation.is_open or bool(self.changed(touches)) or any(o.body != answer.body for o in others))
        return answer

    def look_back(self) -> None:
        for what, found in (("whom it is for is refused", self.answered), ("control tells nothing", self.told)):
            for operation, outcomes in found.items():
                if not any(outcomes):
                    self.complaints.append(f"{operation.name} ({operation.right}): {what}")


@pytest.mark.parametrize("dialect", names())
def test_every_row_is_asked_for(dialect: str) -> None:
    chosen = CHOSEN[dialect].values()
    rows = {row for several in chosen for one in several for row in alike(dialect, one.operation)}
    never = DONE_FOR_NOBODY.get(dialect, set())
    unasked = [row for row in load(dialect).operations if row not in rows and row.name not in never]
    assert {row.name for row in unasked} == UNASKED.get(dialect, set())
    assert all(row.is_open for row in unasked)


@pytest.mark.parametrize(
    ("dialect", "path", "for_all"), WORLDS, ids=[f"{d}/{p.stem}-{'all' if a else 'some'}" for d, p, a in WORLDS]
)
async def test_who_may(dialect: str, path: Path, for_all: bool, strange_template: Path, tmp_path: Path) -> None:
    several = [one for one in CHOSEN[dialect][path] if _is_asked(one.operation, for_all)]
    chosen = {id(one.case): one for one in several}
    settings = settings_of(exchanges(path).directives)
    authorizations = "off" if for_all else "on"
    settings["camunda"] = {"request_timeout_ms": "100", **settings.get("camunda", {}), "authorizations": authorizations}
    async with open_world(strange_template, tmp_path, dialects=settings) as world:
        await add(world, exchanges(path).directives)
        credentials, own = await _credentials(world, dialect), set(await _own(world))
        with touched(world.path) as log:
            inquiry = Inquiry(world, log, for_all, credentials, own)
            inquiry.look_around()
            bound: dict[str, str] = {}
            for case in exchanges(path).cases:
                for directive in case.before:
                    await prepare(world, directive)
                    log.take()
                if not chosen:
                    break
                if does_nothing(case) or world.engine.maintenance:
                    continue
                one = chosen.pop(id(case), None)
                if one is None:
                    answer = await send(world, case, bound)
                    inquiry.note(log.take())
                elif is_filled(case, bound):
                    answer = await inquiry.ask(one, bound)
                else:
                    inquiry.complain(one, one.operation, "control", "is not known")
                    continue
                learn(case, answer, bound)
        inquiry.look_back()
        assert not inquiry.complaints, "\n".join(inquiry.complaints)
