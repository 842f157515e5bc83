"""A database of an older version opens, and what was in it is where the newer one looks for it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from adapters.common.bpmn import graphs
from core.engine import Engine
from core.instance.commands import StartInstance
from core.instance.queries import InstanceByKey, SearchComments, SearchInstances
from core.outbox.commands import SendMail, Subscribe
from core.outbox.queries import PendingDeliveries, PendingSubscriptions
from core.people.commands import CreateUser, RenameUser
from core.principal import system
from core.process.commands import DeployProcess, DraftProcess
from core.process.queries import Drafted, SearchActivities
from core.registry.commands import CreateReference
from core.registry.queries import ReferenceByNumber
from core.search.query import Is, Sort, Where
from core.storage import open_store
from core.storage.store import Duplicate
from core.tables.schema import MIGRATIONS, sqlalchemy, upgrade
from core.task.commands import AssignTask, ClaimTask, CompleteTask, CreateTask, SetComment, UnassignTask
from core.task.queries import HoldingsOf, SearchTasks, TaskByHolding
from core.types import InstanceState
from tests.support.bpmn import document, element, row
from tests.support.postgresql import fresh_database


def old_database(engine: sa.Engine, revision: str) -> None:
    """An empty database as `revision` made it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, revision)


def old_file(path: Path, revision: str) -> sqlite3.Connection:
    old_database(sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool), revision)
    return sqlite3.connect(path)


def copy_rows(new: sa.Engine, old: sa.Engine) -> None:
    """What of a database has a place in an older one; what only that one had is empty."""
    there, here = sa.MetaData(), sa.MetaData()
    there.reflect(new)
    here.reflect(old)
    with new.connect() as source, old.begin() as target:
        for table in here.tables.values():
            if table.name == "alembic_version":
                continue
            same = there.tables[table.name].c
            columns = [same[column.name] for column in table.columns if column.name in same]
            rows = [dict(row) for row in source.execute(sa.select(*columns)).mappings()]
            if rows:
                target.execute(table.insert(), rows)


def insert(db: sqlite3.Connection, table: str, **given: object) -> None:
    """A row in which all that is not given is empty."""
    row: dict[str, object] = {}
    for _, name, kind, needed, default, _ in db.execute(f"PRAGMA table_info({table})"):
        if needed and default is None:
            row[name] = "" if kind == "TEXT" else 0
    row |= given
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


async def test_schema_0005_knew_what_belongs_together_by_number_only(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = old_file(path, "0005")
    insert(db, "tenant", key=1, number=1, name="default", ext="{}")
    insert(db, "reference", key=10, tenant_key=1, kind="unit", number=9001, ext='{"propertyId": 501}')
    insert(db, "reference", key=11, tenant_key=1, kind="property", number=501, ext="{}")
    insert(db, "reference", key=12, tenant_key=1, kind="unit", number=9002, ext="{}")
    mine = '{"facilioo": {"unitId": 9001, "externalId": "ERP-77"}}'
    insert(db, "process", key=40, tenant_key=1, process_id="p", created_at=5)
    for key in (41, 42):
        insert(db, "activity", key=key, uid=str(key), number=key, tenant_key=1, process_key=40, element_id=str(key))
    insert(db, "instance", key=20, uid="a", number=51234, tenant_key=1, ext=mine, state="ACTIVE")
    insert(db, "instance", key=21, uid="b", number=51235, tenant_key=1, ext="{}", state="ACTIVE", business_id="B")
    for key, task in ((30, 0), (31, 99), (32, 0)):
        insert(db, "comment", key=key, tenant_key=1, instance_key=20, task_key=task, text=f"note {key}")
    db.commit()
    db.close()

    engine = Engine(open_store(f"sqlite:///{path}"))
    await engine.start()
    who = system(engine.default_tenant)
    unit = await engine.ask(ReferenceByNumber("unit", 9001), who)
    assert (unit.parent_key, (await engine.ask(ReferenceByNumber("unit", 9002), who)).parent_key) == (11, 0)
    notes = await engine.ask(SearchComments((Where("task_key", "eq", 0),), (Sort("key"),)), who)
    assert [(note.key, note.number) for note in notes.items] == [(30, 1), (32, 2)]
    stages = await engine.ask(SearchActivities((Where("process_key", "eq", 40),), (Sort("key"),)), who)
    assert [(stage.position, stage.created_at) for stage in stages.items] == [(1, 5), (2, 5)]
    made = await engine.execute(CreateReference("unit", "one more"), who)
    assert made.number == 9003
    await engine.stop()

    db = sqlite3.connect(path)
    rows = db.execute("SELECT key, reference_key, business_id FROM instance ORDER BY key").fetchall()
    db.close()
    assert rows == [(20, 10, "ERP-77"), (21, 0, "B")]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_and_old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty databases of a kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new.db", f"sqlite:///{tmp_path}/old.db"
    server = request.getfixturevalue("postgresql")
    return fresh_database(server), fresh_database(server)


async def test_schema_0006_kept_where_an_instance_ends_among_the_words_of_the_dialects(
    new_and_old: tuple[str, str],
) -> None:
    new, old = map(open_store, new_and_old)
    engine = Engine(new)
    await engine.start()
    who = system(engine.default_tenant)
    content = row(element("userTask", "one"), element("userTask", "two"), element("userTask", "three"))
    (graph,) = graphs(document("p", content).encode())
    process = (await engine.execute(DeployProcess(graph), who)).process_key
    ending = (await engine.execute(StartInstance(process, ext={"x": {"said": "end_after ä"}}), who)).key
    going_on = (await engine.execute(StartInstance(process, ext={"x": {"end_after": ["one"]}}), who)).key
    await engine.stop()

    old_database(sqlalchemy(old), "0006")
    source, target = (sqlalchemy(store) for store in (new, old))
    copy_rows(source, target)
    with target.begin() as db:
        ext = '{"x":{"said":"end_after ä"},"end_after":["one","three"]}'
        db.execute(sa.text("UPDATE instance SET ext = :ext WHERE key = :key"), {"ext": ext, "key": ending})

    engine = Engine(old)
    await engine.start()
    for view in (await engine.ask(SearchTasks((), (Sort("key"),)), who)).items:
        await engine.execute(CompleteTask(view.task.key), who)
    ended = (await engine.ask(InstanceByKey(ending), who)).instance
    assert ended.state == InstanceState.TERMINATED
    assert (await engine.ask(InstanceByKey(going_on), who)).instance.state == InstanceState.ACTIVE
    await engine.stop()
    with target.connect() as db:
        rows = db.execute(sa.text("SELECT end_after, ext FROM instance ORDER BY key")).all()
    assert rows == [
        ('["one","three"]', '{"x":{"said":"end_after ä"}}'),
        ("[]", '{"x":{"end_after":["one"]}}'),
    ]
    source.dispose()
    target.dispose()


async def test_schema_0014_kept_decisions_among_other_files(new_and_old: tuple[str, str]) -> None:
    """They are where decisions are, with their keys and versions; none can be evaluated before it is deployed anew."""
    _, old = map(open_store, new_and_old)
    old_database(sqlalchemy(old), "0014")
    target = sqlalchemy(old)
    insert = sa.text(
        "INSERT INTO resource (key, tenant_key, kind, resource_id, version, name, content, created_at) "
        "VALUES (:key, 1, :kind, :id, :version, :name, :content, 5)"
    )
    kept = (
        (10, "decision", "yes", 1, "Yes", "<a/>"),
        (11, "requirements", "all", 1, "all.dmn", "<a/>"),
        (12, "decision", "yes", 2, "Yes!", "<b/>"),
        (13, "requirements", "all", 2, "all.dmn", "<b/>"),
        (14, "form", "f", 1, "f.form", "{}"),
    )
    names = ("key", "kind", "id", "version", "name", "content")
    with target.begin() as db:
        for row in kept:
            db.execute(insert, dict(zip(names, row, strict=True)))
    upgrade(old)
    with target.connect() as db:
        requirements = db.execute(
            sa.text("SELECT key, requirements_id, version, resource_name, resource, graph FROM decision_requirements")
        ).all()
        decisions = db.execute(sa.text("SELECT key, name, version, requirements_key FROM decision ORDER BY key")).all()
        rest = db.execute(sa.text("SELECT key FROM resource")).all()
    target.dispose()
    assert sorted(requirements) == [(11, "all", 1, "all.dmn", "<a/>", ""), (13, "all", 2, "all.dmn", "<b/>", "")]
    assert decisions == [(10, "Yes", 1, 11), (12, "Yes!", 2, 13)]
    assert rest == [(14,)]


async def test_what_waited_in_the_outbox_of_schema_0008_goes_on(new_and_old: tuple[str, str]) -> None:
    new, old = map(open_store, new_and_old)
    engine = Engine(new)
    await engine.start()
    who = system(engine.default_tenant, dialect="test")
    key = (await engine.execute(Subscribe(("task.created",), {"to": "somebody"}), who)).key
    await engine.execute(CreateTask("t"), who)
    (before,) = await engine.ask(PendingDeliveries(key), who)
    await engine.stop()

    old_database(sqlalchemy(old), "0008")
    source, target = (sqlalchemy(store) for store in (new, old))
    copy_rows(source, target)
    source.dispose()
    target.dispose()

    engine = Engine(old)
    await engine.start()
    (after,) = await engine.ask(PendingDeliveries(key), who)
    assert after.delivery.key == before.delivery.key
    assert (after.delivery.content, after.delivery.expires_at) == ({}, 0)
    await engine.execute(CreateTask("another"), who)
    await engine.execute(SendMail(1, "ann@example.com", "s", "t", 1000), who)
    assert len(await engine.ask(PendingDeliveries(key), who)) == 2
    assert len(await engine.ask(PendingSubscriptions("test"), who)) == 2
    await engine.stop()


async def test_schema_0009_made_another_task_when_one_was_passed_on(new_and_old: tuple[str, str]) -> None:
    """A delegation is where clients know it, whoever had a task took part in it, and the cases go on."""
    new, old = map(open_store, new_and_old)
    engine = Engine(new)
    await engine.start()
    who = system(engine.default_tenant)
    content = row(element("userTask", "one"), element("userTask", "two"))
    (graph,) = graphs(document("p", content).encode())
    process = (await engine.execute(DeployProcess(graph), who)).process_key
    for name in ("ann", "bob", "cec"):
        await engine.execute(CreateUser(name), who)
    replaced, given, both = [await engine.execute(StartInstance(process, assignee="ann"), who) for _ in range(3)]
    await engine.execute(SetComment(replaced.tasks[0].key, "Not mine"), who)
    (task,) = given.tasks
    await engine.execute(AssignTask(task.key, "bob"), who)
    await engine.execute(UnassignTask(task.key), who)
    await engine.execute(ClaimTask(task.key, "cec"), who)
    await engine.execute(RenameUser("bob", "bert"), who)
    await engine.execute(CompleteTask(both.tasks[0].key), who)
    await engine.stop()

    old_database(sqlalchemy(old), "0009")
    source, target = (sqlalchemy(store) for store in (new, old))
    copy_rows(source, target)
    number = 1_000
    with target.begin() as db:
        tasks = sa.Table("task", sa.MetaData(), autoload_with=target)
        first = db.execute(sa.select(tasks).where(tasks.c.key == replaced.tasks[0].key)).mappings().one()
        later = {"created_at": first["created_at"] + 5, "started_at": first["created_at"] + 5}
        again = {"key": first["key"] + 900, "uid": "f" * 32, "number": number, "assignee": "cec", **later}
        db.execute(tasks.insert(), {**first, **again})
        ended = {"state": "CANCELED", "ended_at": later["created_at"], "successor_key": again["key"]}
        db.execute(tasks.update().where(tasks.c.key == first["key"]).values(ended))

    engine = Engine(old)
    await engine.start()
    asked = await engine.ask(HoldingsOf((replaced.key, given.key, both.key)), who)

    def held(key: int) -> list[tuple[Any, ...]]:
        rows = ((h.holding.ordinal, h.holding.thread, h.holding.previous, h.holding.holder) for h in asked[key])
        return list(rows)

    assert held(replaced.key) == [(1, 1, 0, "ann"), (2, 1, 1, "cec")]
    assert held(given.key) == [(0, 0, 0, "ann"), (0, 0, 0, "bert"), (1, 1, 0, "cec")], "known from events only"
    assert held(both.key) == [(1, 1, 0, "ann"), (2, 1, 1, None)]
    old_number = await engine.ask(TaskByHolding(first["number"]), who)
    assert old_number.passed is not None
    assert (old_number.task.assignee, old_number.task.state) == ("ann", "CANCELED")
    assert old_number.passed.before == {"comment": "Not mine"}
    assert (await engine.ask(TaskByHolding(number), who)).task.key == again["key"]
    took_part = SearchInstances((Is("participant", "bert"),))
    assert [view.instance.key for view in (await engine.ask(took_part, who)).items] == [given.key]

    await engine.execute(AssignTask(again["key"], "bert"), who)
    await engine.execute(CompleteTask(again["key"]), who)
    asked = await engine.ask(HoldingsOf((replaced.key,)), who)
    assert held(replaced.key) == [(1, 1, 0, "ann"), (2, 1, 1, "cec"), (3, 1, 2, "bert"), (4, 1, 3, None)]
    await engine.execute(CompleteTask(asked[replaced.key][-1].task.key), who)
    assert (await engine.ask(InstanceByKey(replaced.key), who)).instance.state == InstanceState.COMPLETED
    await engine.stop()
    source.dispose()
    target.dispose()


async def test_schema_0012_kept_who_supervises_a_process_in_its_draft(new_and_old: tuple[str, str]) -> None:
    new, old = map(open_store, new_and_old)
    engine = Engine(new)
    await engine.start()
    who = system(engine.default_tenant)
    supervised = (await engine.execute(DraftProcess("a", "A", {}), who)).key
    forgotten = (await engine.execute(DraftProcess("b", "B", {}), who)).key
    await engine.stop()

    old_database(sqlalchemy(old), "0012")
    source, target = (sqlalchemy(store) for store in (new, old))
    copy_rows(source, target)
    with target.begin() as db:
        for key, content in (
            (supervised, '{"hide":false,"users":[7,8],"groups":[9],"steps":[{"name":"ä"}]}'),
            (forgotten, '{"users":[],"groups":[]}'),
        ):
            change = sa.text("UPDATE draft SET content = :content WHERE process_key = :key")
            db.execute(change, {"content": content, "key": key})
    source.dispose()
    target.dispose()

    engine = Engine(old)
    await engine.start()
    views = await engine.ask(Drafted(), who)
    assert [(v.process.supervisors, v.draft.content) for v in views] == [
        ({"users": [7, 8], "groups": [9]}, {"hide": False, "steps": [{"name": "ä"}]}),
        ({}, {}),
    ]
    await engine.stop()


def test_a_database_from_before_is_brought_up_to_date(tmp_path: pytest.TempPathFactory) -> None:
    """A file of schema 0001, with a task and a group in it."""
    from alembic import command
    from alembic.config import Config

    from core.storage.revision import current
    from core.tables.schema import MIGRATIONS, REVISION, sqlalchemy

    store = open_store(f"sqlite:///{tmp_path}/old.db")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = sqlalchemy(store)
    command.upgrade(config, "0001")
    connection = store.connect()
    for table, values in (
        ("tenant", {"key": 1, "number": 1, "name": "default", "ext": "{}"}),
        ("user_group", {"key": 2, "uid": "a", "number": 1, "tenant_key": 1, "name": "STRAßE", "status": "ACTIVE"}),
        ("task", {"key": 3, "uid": "b", "number": 1, "tenant_key": 1, "created_at": 77, "assignee": "ann"}),
    ):
        columns = connection.execute(f"PRAGMA table_info({table})", {})[0]
        row = {name: 0 if kind == "INTEGER" else "" for _, name, kind, *_ in columns} | values
        names = ", ".join(row)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{n}' for n in row)})", row)
    connection.close()
    assert current(store) == "0001"
    upgrade(store)
    assert current(store) == REVISION
    connection = store.connect()
    assert connection.execute("SELECT name_folded, library_key FROM user_group", {})[0] == [("strasse", 0)]
    assert connection.execute("SELECT started_at, assigned_by, held_since FROM task", {})[0] == [(77, "", 77)]
    assert connection.execute("SELECT draft, paused_at, paused_until FROM task", {})[0] == [(0, None, None)]
    with pytest.raises(Duplicate):
        connection.execute("INSERT INTO draft SELECT 1, 1, 0, '{}', 0 UNION ALL SELECT 1, 1, 0, '{}', 0", {})
    connection.close()
    store.close()
