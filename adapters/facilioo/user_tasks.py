"""User tasks. Source: dossier facilioo.md, section 3.6: they exist; what they look like is our choice.

Every task of the engine is one, those of processes too. Staff sees all; others what they have, could have or made.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.common.rights import SIGNED_IN
from adapters.facilioo.calls import Call, time
from adapters.facilioo.entity import Entity, Rights
from adapters.facilioo.parties import ALL, STAFF
from adapters.facilioo.processes import Processes
from core.instance.commands import ChangeInstance
from core.instance.queries import InstanceView
from core.people.queries import UsersByName
from core.rejections import NotFound, WrongState
from core.search.query import Is, Page, PageRequest, Where, either
from core.tables.people import User
from core.task.commands import AssignTask, CompleteTask, CreateTask, DeleteTask, UnassignTask, UpdateTask
from core.task.fields import TaskColumn, TaskSort, TaskWhere
from core.task.queries import SearchTasks, TaskByNumber, TaskView
from core.turn.command import KEEP, Command, Keep
from core.types import ENDED_TASK_STATES, ONE_TASK, TaskState


def _mine(view: TaskView) -> Mapping[str, Any]:
    return view.task.ext.get("facilioo", {})


def _of_its_own(view: TaskView) -> bool:
    return view.known.process.process_id == ONE_TASK


class UserTasks(Entity[TaskView, TaskColumn, TaskWhere]):
    name = "UserTask"
    path = "user-tasks"
    rights = Rights(create=ALL, update=ALL, delete=ALL)
    making = SIGNED_IN
    sources: Mapping[str, str] = {"create": "documented", "get": "documented"}
    conflicts = ("update", "batch", "delete")
    filters: Mapping[str, tuple[TaskColumn, str]] = {
        "ids": ("number", "int"),
        "processIds": ("instance_key", "int"),
        "accountIds": ("assignee", "int"),
        "isFinished": ("state", "bool"),
        "externalIds": ("business_id", "text"),
    }
    orders: Mapping[str, TaskColumn] = {
        **{"id": "number", "subject": "name", "dueDate": "due_at", "finishDate": "ended_at"},
        **{"created": "created_at", "lastModified": "changed_at"},
    }

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    async def _seen(self, call: Call) -> tuple[TaskWhere, ...]:
        if call.party.type in STAFF:
            return ()
        who = call.principal
        visible: TaskWhere = Is("visible_to", (who.username, who.groups))
        return (either((visible,), (Where("creator", "eq", who.username),)),)

    async def one(self, call: Call, number: int) -> TaskView:
        view = await call.ask(TaskByNumber(number))
        this_task: TaskWhere = Where("key", "eq", view.task.key)
        where = (this_task, *await self._seen(call))
        if view.task.state == TaskState.PLANNED or not (await call.ask(SearchTasks(where, (), PageRequest(1)))).items:
            raise NotFound("task", number)
        return view

    async def find(
        self, call: Call, where: tuple[TaskWhere, ...], sort: tuple[TaskSort, ...], window: PageRequest
    ) -> Page[TaskView]:
        return await call.ask(SearchTasks((*where, *await self._seen(call)), sort, window))

    async def conditions(self, call: Call, name: str, values: tuple[Any, ...]) -> tuple[TaskWhere, ...]:
        if name == "isFinished":
            return (Where("state", "eq" if values[0] else "neq", TaskState.COMPLETED.value),)
        if name == "processIds":
            keys = await call.keys("process", values)
            return (either((Where("instance_key", "in", keys),), (Where("belongs_to", "in", keys),)),)
        if name == "accountIds":
            names = await call.usernames(values)
            return (Where("assignee", "in", names),)
        return await super().conditions(call, name, values)

    def is_deleted(self, view: TaskView) -> bool:
        return _deleted(view) is not None

    async def reads(self, call: Call, views: tuple[TaskView, ...]) -> list[dict[str, Any]]:
        names = {view.task.assignee for view in views if view.task.assignee}
        users = await call.ask(UsersByName(tuple(names))) if names else {}
        return [_read(view, users) for view in views]

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        refs = await call.refer(values, self.name, process=self._processes.live)
        account, process = refs.get("accountId"), refs.get("processId")
        started = await call.do(
            CreateTask(
                values["subject"],
                values["description"] or "",
                account.username if account is not None else None,
                due_at=values["dueDate"],
                business_id=values["externalId"] or "",
                reference_key=process.instance.key if process is not None else 0,
                ext={"facilioo": _kept(values)},
            )
        )
        task = started.tasks[0]
        if values["isFinished"]:
            await call.do(CompleteTask(task.key))
        return task.number

    async def change(self, call: Call, view: TaskView, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        refs = await call.refer(values, self.name, process=self._processes.live)
        state = view.task.state
        finished = bool(values["isFinished"]) if "isFinished" in values else state == TaskState.COMPLETED
        if state == TaskState.COMPLETED and not finished:
            raise WrongState("task", view.task.number, state)
        return (
            *_change_instance(view, values, refs.get("processId")),
            *_update_task(view, values),
            *_assign_task(view, values, refs.get("accountId")),
            *_complete_task(view, finished=finished),
        )

    async def remove(self, call: Call, view: TaskView) -> tuple[Command[Any], ...]:
        deleted = UpdateTask(view.task.key, ext={"facilioo": {"deletedAt": call.mount.engine.clock()}})
        return (deleted,) if view.task.state in ENDED_TASK_STATES else (deleted, DeleteTask(view.task.key))


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine keeps as it came, for it has no word for it or says it only of whole instances."""
    kept = {name: values[name] for name in ("description", "externalId", "processId") if name in values}
    return {**kept, "finishAt": values["finishDate"]} if "finishDate" in values else kept


def _text(values: Mapping[str, Any], name: str) -> str | Keep:
    return (values[name] or "") if name in values else KEEP


def _change_instance(view: TaskView, values: Mapping[str, Any], process: InstanceView | None) -> Iterator[Command[Any]]:
    """A task without a process is an instance by itself, which belongs to another one and has the name outside."""
    if _of_its_own(view) and not values.keys().isdisjoint(("processId", "externalId")):
        key = process.instance.key if process is not None else 0
        yield ChangeInstance(
            view.task.instance_key,
            reference_key=key if "processId" in values else KEEP,
            business_id=_text(values, "externalId"),
        )


def _update_task(view: TaskView, values: Mapping[str, Any]) -> Iterator[Command[Any]]:
    kept = _kept(values)
    if kept or not values.keys().isdisjoint(("subject", "dueDate")):
        yield UpdateTask(
            view.task.key,
            due_at=values.get("dueDate", KEEP),
            name=values.get("subject", KEEP),
            description=_text(values, "description"),
            ext={"facilioo": kept} if kept else {},
        )


def _assign_task(view: TaskView, values: Mapping[str, Any], account: User | None) -> Iterator[Command[Any]]:
    if "accountId" in values:
        yield UnassignTask(view.task.key) if account is None else AssignTask(view.task.key, account.username)


def _complete_task(view: TaskView, *, finished: bool) -> Iterator[Command[Any]]:
    if finished and view.task.state not in ENDED_TASK_STATES:
        yield CompleteTask(view.task.key)


def _deleted(view: TaskView) -> int | None:
    ended = view.task.ended_at if view.task.state == TaskState.CANCELED else None
    deleted: int | None = _mine(view).get("deletedAt", ended)
    return deleted


def _read(view: TaskView, users: Any) -> dict[str, Any]:
    task, task_ext = view.task, _mine(view)
    account = users.get(task.assignee)
    process = task_ext.get("processId") if _of_its_own(view) else task.instance_number
    return {
        "id": task.number,
        "subject": task.name,
        "description": task.description or task_ext.get("description"),
        "dueDate": time(task.due_at),
        "isFinished": task.state == TaskState.COMPLETED,
        "finishDate": time(task_ext.get("finishAt")),
        "processId": process,
        "accountId": account.number if account is not None else None,
        "externalId": task.business_id or task_ext.get("externalId"),
        "created": time(task.created_at),
        "lastModified": time(task.changed_at),
        "deleted": time(_deleted(view)),
    }
