"""Many tasks at once: one is created as everybody does, the others are copies of its rows."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from core.engine import Engine
from core.ids import FIRST_KEY, KEYS, new_uid
from core.instance.queries import InstanceByKey
from core.principal import system
from core.storage.statements import bulk_insert
from core.tables.instance import Instance
from core.tables.task import Candidate, Task
from core.task.commands import CreateTask
from core.task.queries import TaskByKey


def _changed(row: Any, **changes: Any) -> Any:
    changed = copy(row)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


async def crowd(
    engine: Engine, user: str | None, count: int, *, groups: Sequence[str] = (), in_one_instance: int = 1
) -> list[int]:
    """So many more tasks of somebody, or of groups, in instances with so many tasks each. Their keys."""
    who = system(engine.default_tenant)
    command = CreateTask("Read & sign", "A <long> list", user, candidate_groups=tuple(groups), due_at=4_000_000_000_000)
    model = (await engine.ask(TaskByKey((await engine.execute(command, who)).tasks[0].key), who)).task
    whole = (await engine.ask(InstanceByKey(model.instance_key), who)).instance
    keys = engine.store.reserve(KEYS, 2 * count, FIRST_KEY)
    numbers = engine.store.reserve(f"task:{model.tenant_key}", count, 1)
    instance_numbers = engine.store.reserve(f"instance:{model.tenant_key}", count, 1)
    instances, tasks = [], []
    for n in range(count):
        if n % in_one_instance == 0:
            instance = _changed(whole, key=keys + 2 * n, uid=new_uid(), number=instance_numbers + n)
            instance.ordinals = in_one_instance
            instances.append(instance)
        tasks.append(
            _changed(
                model,
                key=keys + 2 * n + 1,
                uid=new_uid(),
                number=numbers + n,
                instance_key=instance.key,
                instance_uid=instance.uid,
                instance_number=instance.number,
                created_at=model.created_at + n,
                ordinal=n % in_one_instance + 1,
            )
        )
    candidates = [Candidate(task_key=task.key, kind="group", name=name) for task in tasks for name in groups]
    connection = engine.store.connect()
    try:
        connection.begin()
        for cls, rows in ((Instance, instances), (Task, tasks), (Candidate, candidates)):
            if rows:
                bulk = bulk_insert(cls)
                connection.bulk(bulk, [bulk.row(row) for row in rows])
        connection.commit()
    finally:
        connection.close()
    return [task.key for task in tasks]
