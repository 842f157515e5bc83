"""What the engine promises beyond the outcome of commands."""

import asyncio
import threading
from pathlib import Path

import pytest

from core.engine import MAX_SLOW, Engine
from core.identity.commands import CreateTenant, ExtendCredential, IssueCredential, RevokeCredential, SetSetting
from core.identity.digests import digest
from core.identity.passwords import hash_password
from core.identity.queries import CheckCredential, CheckPassword
from core.instance.commands import CancelInstance, StartInstance
from core.people.commands import CreateGroup, CreateUser, SetPassword, SetUserStatus
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import Conflict, Expired, Forbidden, Invalid, NotFound, Rejection, Unauthenticated, Unavailable
from core.search.query import Is, Sort, Where
from core.storage import open_store
from core.storage.store import SchemaMismatch, StoreInUse
from core.tables.schema import REVISION, upgrade
from core.task.commands import AssignTask, CompleteTask, CreateTask, TransferTasks
from core.task.fields import TaskSort, TaskWhere
from core.task.queries import SearchTasks, TaskByKey
from core.turn.command import Command, Done, Started
from core.types import CredentialKind, Permission, UserStatus
from tests.support.clock import MovableClock
from tests.unit.flow.test_flow_model import Builder


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


async def test_a_refused_command_leaves_no_trace(engine: Engine) -> None:
    """Even if it had begun to change things: here the flow fails behind the completion."""
    from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
    from core.graph.graph import Graph

    graph = Graph(
        "lost",
        "",
        (
            Element("s", ElementKind.START_EVENT),
            Element("t", ElementKind.USER_TASK, task=TaskTemplate()),
            Element("x", ElementKind.EXCLUSIVE_GATEWAY),
            Element("a", ElementKind.END_EVENT),
            Element("b", ElementKind.END_EVENT),
        ),
        (
            Flow("1", "s", "t"),
            Flow("2", "t", "x"),
            Flow("3", "x", "a", "ok = true"),
            Flow("4", "x", "b", "ok = false"),
        ),
    )
    deployed = await engine.execute(DeployProcess(graph), who(engine))
    started = await engine.execute(StartInstance(deployed.process_key), who(engine))
    key = started.tasks[0].key
    outcomes = await asyncio.gather(
        engine.execute(CompleteTask(key, {"note": "lost"}), who(engine)),
        engine.execute(AssignTask(key, "ann"), who(engine)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Rejection)
    assert outcomes[1] == Done()
    task = (await engine.ask(TaskByKey(key), who(engine))).task
    assert (task.state, task.assignee, task.ended_at) == ("CREATED", "ann", None)
    await engine.execute(CompleteTask(key, {"ok": True}), who(engine))


async def test_a_text_that_cannot_be_stored_fails_alone(engine: Engine) -> None:
    """PostgreSQL holds no NUL; SQLite does."""
    outcomes = await asyncio.gather(
        *(engine.execute(CreateTask(name), who(engine)) for name in ("a", "b\0c", "d")), return_exceptions=True
    )
    assert isinstance(outcomes[0], Started)
    assert isinstance(outcomes[2], Started)
    assert isinstance(outcomes[1], Invalid if engine.store.flavour == "postgresql" else Started)


async def test_a_loop_without_rest_is_stopped(engine: Engine) -> None:
    from core.graph.elements import Element, ElementKind, Flow
    from core.graph.graph import Graph

    graph = Graph(
        "round",
        "",
        (Element("s", ElementKind.START_EVENT), Element("x", ElementKind.EXCLUSIVE_GATEWAY)),
        (Flow("1", "s", "x"), Flow("2", "x", "x")),
    )
    deployed = await engine.execute(DeployProcess(graph), who(engine))
    with pytest.raises(Rejection, match="did not come to rest"):
        await engine.execute(StartInstance(deployed.process_key), who(engine))


async def test_reads_see_every_acknowledged_write(engine: Engine) -> None:
    for n in range(50):
        started = await engine.execute(CreateTask(f"t{n}"), who(engine))
        found = await engine.ask(SearchTasks((Where("name", "eq", f"t{n}"),)), who(engine))
        assert [v.task.key for v in found.items] == [started.tasks[0].key]


async def test_deploying_the_same_again_changes_nothing(engine: Engine) -> None:
    builder = Builder()
    builder.scope(("task",), "")
    from core.graph.graph import Graph

    graph = Graph("again", "Again", tuple(builder.elements), tuple(builder.flows))
    first = await engine.execute(DeployProcess(graph), who(engine))
    second = await engine.execute(DeployProcess(graph), who(engine))
    assert (second.definition_key, second.version, second.changed) == (first.definition_key, 1, False)
    other = Graph("again", "Other", graph.elements, graph.flows)
    assert (await engine.execute(DeployProcess(other), who(engine))).version == 2


async def test_a_graph_with_faults_is_refused_by_element(engine: Engine) -> None:
    from core.graph.elements import Element, ElementKind
    from core.graph.graph import Graph

    graph = Graph("bad", "", (Element("x", ElementKind.EXCLUSIVE_GATEWAY),), ())
    with pytest.raises(Invalid, match="bad: Must have at least one start event"):
        await engine.execute(DeployProcess(graph), who(engine))


async def test_passwords_and_who_may_log_in(engine: Engine) -> None:
    await engine.execute(CreateUser("Ann", hash_password("secret"), email="ann@example.com"), who(engine))
    asking = Principal(engine.default_tenant, 0, "", "test")
    assert (await engine.ask(CheckPassword("Ann", "secret"), asking)).dialect == "test"
    assert (await engine.ask(CheckPassword("ann@example.com", "secret", by="email"), asking)).username == "Ann"
    assert (await engine.ask(CheckPassword("aNN", "secret", fold_case=True), asking)).username == "Ann"
    for login, password in (("ann", "secret"), ("Ann", "Secret"), ("Ann", ""), ("nobody", "secret"), ("A\0n", "x")):
        with pytest.raises(Unauthenticated):
            await engine.ask(CheckPassword(login, password), asking)
    await engine.execute(SetUserStatus("ann", UserStatus.INACTIVE), who(engine))
    with pytest.raises(Unauthenticated):
        await engine.ask(CheckPassword("Ann", "secret"), asking)


async def test_a_password_that_changes_while_it_is_checked_is_not_remembered(engine: Engine) -> None:
    await engine.execute(CreateUser("ann", hash_password("old")), who(engine))
    asking = Principal(engine.default_tenant, 0, "", "test")
    free = threading.Event()
    busy = [asyncio.create_task(engine._passwords._pool.run(free.wait)) for _ in range(2)]
    checking = asyncio.create_task(engine.ask(CheckPassword("ann", "old"), asking))
    while engine._passwords.waiting < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await engine.execute(SetPassword("ann", hash_password("new")), who(engine))
    free.set()
    await asyncio.gather(*busy)
    with pytest.raises(Unauthenticated):
        await checking
    with pytest.raises(Unauthenticated):
        await engine.ask(CheckPassword("ann", "old"), asking)
    assert (await engine.ask(CheckPassword("ann", "new"), asking)).username == "ann"


async def test_a_remembered_password_is_forgotten_when_it_changes(engine: Engine) -> None:
    await engine.execute(CreateUser("ann", hash_password("old")), who(engine))
    asking = Principal(engine.default_tenant, 0, "", "test")
    await engine.ask(CheckPassword("ann", "old"), asking)
    await engine.execute(SetPassword("ann", hash_password("new")), who(engine))
    with pytest.raises(Unauthenticated):
        await engine.ask(CheckPassword("ann", "old"), asking)
    await engine.ask(CheckPassword("ann", "new"), asking)


async def test_slow_work_of_others_keeps_nobody_from_logging_in(engine: Engine) -> None:
    await engine.execute(CreateUser("ann", hash_password("secret")), who(engine))
    go_on = threading.Event()
    jobs = [asyncio.create_task(engine.in_thread(go_on.wait)) for _ in range(MAX_SLOW)]
    await asyncio.sleep(0)
    await engine.ask(CheckPassword("ann", "secret"), Principal(engine.default_tenant, 0, "", "test"))
    assert not any(job.done() for job in jobs)
    with pytest.raises(Unavailable):
        await engine.in_thread(go_on.wait)
    go_on.set()
    assert all(await asyncio.gather(*jobs))
    assert await engine.in_thread(go_on.is_set)


async def test_tickets_expire_end_and_belong_to_one_dialect(engine: Engine, clock: MovableClock) -> None:
    made = await engine.execute(CreateUser("ann", ""), who(engine))
    here = Principal(engine.default_tenant, made.key, "ann", "here")
    clock.stop()
    issued = await engine.execute(IssueCredential(CredentialKind.TICKET, made.key, 1000), here)
    check = CheckCredential(issued.text, CredentialKind.TICKET)
    assert (await engine.ask(check, here)).principal.username == "ann"
    with pytest.raises(Unauthenticated):
        await engine.ask(CheckCredential(issued.text, CredentialKind.ACCESS), here)
    engine._memory.clear()
    with pytest.raises(Unauthenticated):
        await engine.ask(check, Principal(engine.default_tenant, 0, "", "elsewhere"))
    clock.forward(999)
    await engine.ask(check, here)
    clock.forward(1)
    with pytest.raises(Expired):
        await engine.ask(check, here)
    await engine.execute(ExtendCredential(digest(issued.text), CredentialKind.TICKET, clock() + 500), here)
    await engine.ask(check, here)
    assert (await engine.execute(RevokeCredential(digest(issued.text), CredentialKind.TICKET), here)).count == 1
    with pytest.raises(Unauthenticated):
        await engine.ask(check, here)
    with pytest.raises(NotFound):
        await engine.execute(RevokeCredential(digest(issued.text), CredentialKind.TICKET), here)


async def test_permissions_are_checked_in_the_engine(engine: Engine) -> None:
    started = await engine.execute(CreateTask("t"), who(engine))
    nobody = Principal(engine.default_tenant, 1, "nobody", "test")
    commands: list[tuple[Command[object], Permission]] = [
        (CreateTask("x"), Permission.START),
        (StartInstance(1), Permission.START),
        (CompleteTask(started.tasks[0].key), Permission.WORK),
        (CancelInstance(started.key), Permission.WORK),
        (TransferTasks("a", "b"), Permission.ADMINISTER),
        (CreateUser("x"), Permission.MANAGE_USERS),
        (CreateGroup("x"), Permission.MANAGE_USERS),
        (CreateTenant("x"), Permission.ADMINISTER),
        (SetSetting("x", "y"), Permission.ADMINISTER),
    ]
    for command, permission in commands:
        with pytest.raises(Forbidden) as refused:
            await engine.execute(command, nobody)
        assert refused.value.permission == permission


async def test_another_tenants_task_does_not_exist(engine: Engine) -> None:
    started = await engine.execute(CreateTask("t"), who(engine))
    stranger = system(12345)
    with pytest.raises(NotFound):
        await engine.ask(TaskByKey(started.tasks[0].key), stranger)
    with pytest.raises(NotFound):
        await engine.execute(CompleteTask(started.tasks[0].key), stranger)


async def test_a_number_that_was_brought_along_is_never_given_again(engine: Engine) -> None:
    await engine.execute(CreateUser("third", number=3), who(engine))
    numbers = [(await engine.execute(CreateUser(f"u{n}"), who(engine))).number for n in range(5)]
    assert 3 not in numbers
    assert len(set(numbers)) == 5
    with pytest.raises(Conflict):
        await engine.execute(CreateUser("again", number=3), who(engine))


async def test_cursors_stand_still_while_rows_come_and_go(engine: Engine) -> None:
    from core.search.query import PageRequest

    for n in range(9):
        await engine.execute(CreateTask(f"t{n}", due_at=None if n % 3 else 1000 + n), who(engine))
    sort: tuple[TaskSort, ...] = (Sort("due_at"),)
    seen: list[str] = []
    page = await engine.ask(SearchTasks(sort=sort, page=PageRequest(2)), who(engine))
    while page.items:
        seen += [v.task.name for v in page.items]
        await engine.execute(CreateTask("late", due_at=1), who(engine))
        page = await engine.ask(SearchTasks(sort=sort, page=PageRequest(2, after=page.end)), who(engine))
    assert seen == ["t0", "t3", "t6", "t1", "t2", "t4", "t5", "t7", "t8"]
    back = await engine.ask(
        SearchTasks((Where("name", "like", "t?"),), (Sort("due_at", True),), PageRequest(3)), who(engine)
    )
    assert [v.task.name for v in back.items] == ["t6", "t3", "t0"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (Where("name", "like", "a*"), ["ab", "a*b"]),
        (Where("name", "like", r"a\*b"), ["a*b"]),
        (Where("name", "like", "A*"), ["AB"]),
        (Where("name", "ilike", "ÄB*"), ["äb_c"]),
        (Where("name", "like", "?b_c"), ["äb_c"]),
        (Where("name", "in", ["ab", "AB"]), ["ab", "AB"]),
        (Where("name", "notin", ["ab", "AB", "äb_c"]), ["a*b"]),
        (Where("name", "neq", "ab"), ["a*b", "AB", "äb_c"]),
        (Where("assignee", "neq", "ann"), ["a*b", "AB", "äb_c"]),
        (Where("assignee", "exists", True), ["ab", "a*b"]),
        (Where("assignee", "exists", False), ["AB", "äb_c"]),
        (Where("candidate_user", "eq", "cec"), ["AB"]),
        (Where("candidate_user", "neq", "cec"), ["ab", "a*b", "äb_c"]),
        (Where("candidate_group", "exists", True), ["äb_c"]),
        (Where("process_id", "eq", "core-tasks"), ["ab", "a*b", "AB", "äb_c"]),
        (Where("process_id", "eq", "other"), []),
        (Is("visible_to", ("ann", [])), ["ab", "AB"]),
        (Is("visible_to", ("cec", ["staff"])), ["AB", "äb_c"]),
    ],
)
async def test_conditions(engine: Engine, where: TaskWhere, names: list[str]) -> None:
    for command in (
        CreateTask("ab", assignee="ann"),
        CreateTask("a*b", assignee="bob"),
        CreateTask("AB", candidate_users=("cec", "ann")),
        CreateTask("äb_c", candidate_groups=("staff",)),
    ):
        await engine.execute(command, who(engine))
    found = await engine.ask(SearchTasks((where,)), who(engine))
    assert [v.task.name for v in found.items] == names


async def test_a_search_that_takes_long_leaves_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.engine.INLINE_BUDGET", 1e-9)
    monkeypatch.setattr("core.storage.sqlite.STEPS", 50)
    engine = Engine(open_store(f"sqlite:///{tmp_path}/long.db"))
    await engine.start()
    for n in range(30):
        await engine.execute(CreateTask(f"t{n}"), who(engine))
    moved: list[str] = []
    monkeypatch.setattr("core.engine.log.debug", lambda text, *a: moved.append(a[0]))
    found = await engine.ask(SearchTasks((Where("name", "like", "*9"),)), who(engine))
    assert [v.task.name for v in found.items] == ["t9", "t19", "t29"]
    assert moved == ["SearchTasks"]
    await engine.stop()


async def test_stopping_finishes_what_waits_and_refuses_the_rest(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/stop.db"
    engine = Engine(open_store(url))
    await engine.start()
    principal = who(engine)
    waiting = [asyncio.ensure_future(engine.execute(CreateTask("t"), principal)) for _ in range(300)]
    await asyncio.sleep(0)
    await engine.stop()
    made = await asyncio.gather(*waiting)
    with pytest.raises(Unavailable):
        await engine.execute(CreateTask("late"), principal)
    again = Engine(open_store(url))
    await again.start()
    found = await again.ask(SearchTasks(), who(again))
    assert found.total == len(made) == 300
    last = (await again.execute(CreateTask("next"), who(again))).number
    assert last == 301, "a clean stop gives unused numbers back"
    await again.stop()


def test_a_second_process_on_one_file_is_refused(tmp_path: Path) -> None:
    first = open_store(f"sqlite:///{tmp_path}/one.db")
    with pytest.raises(StoreInUse, match="in use by process"):
        open_store(f"sqlite:///{tmp_path}/one.db")
    first.close()
    open_store(f"sqlite:///{tmp_path}/one.db").close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/new.db")
    upgrade(store)
    upgrade(store)
    connection = store.connect()
    connection.execute("UPDATE alembic_version SET version_num = '9999'", {})
    connection.close()
    with pytest.raises(SchemaMismatch, match="newer version"):
        upgrade(store)
    store.close()


def test_the_migrations_end_where_the_program_thinks_they_do(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine
    from sqlmodel import SQLModel

    from core.tables.schema import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
    store = open_store(f"sqlite:///{tmp_path}/schema.db")
    upgrade(store)
    ours = {t for t in SQLModel.metadata.tables if not t.startswith("baseline")}
    database = create_engine(f"sqlite:///{tmp_path}/schema.db")
    with database.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in ours}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    database.dispose()
    store.close()


async def test_passwords_tickets_and_tokens_are_nowhere_in_the_file(tmp_path: Path) -> None:
    from gateway import demo

    engine = Engine(open_store(f"sqlite:///{tmp_path}/secrets.db"))
    await engine.start()
    await demo.load(engine)
    await engine.execute(CreateUser("zoe", hash_password("correct horse battery")), who(engine))
    await engine.stop()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: ASYNC240
    for secret in (demo.TICKET, demo.CLIENT_SECRET, "correct horse battery"):
        assert secret.encode() not in raw
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in raw
