"""A database of an older version opens, and what was in it is where the newer one looks for it."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config

from core.commands import CreateReference
from core.engine.engine import Engine
from core.principal import system
from core.queries import ReferenceByNumber, SearchComments, SearchStages, Sort, Where
from core.storage.migrate import MIGRATIONS
from core.storage.store import open_store


def old_file(path: Path, revision: str) -> sqlite3.Connection:
    """An empty database as `revision` made it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = f"sqlite:///{path}"
    command.upgrade(config, revision)
    return sqlite3.connect(path)


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
    stages = await engine.ask(SearchStages((Where("process_key", "eq", 40),), (Sort("key"),)), who)
    assert [(stage.position, stage.created_at) for stage in stages.items] == [(1, 5), (2, 5)]
    made = await engine.execute(CreateReference("unit", "one more"), who)
    assert made.number == 9003
    await engine.stop()

    db = sqlite3.connect(path)
    rows = db.execute("SELECT key, reference_key, business_id FROM instance ORDER BY key").fetchall()
    db.close()
    assert rows == [(20, 10, "ERP-77"), (21, 0, "B")]
