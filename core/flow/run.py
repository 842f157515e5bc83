"""Running a process: tokens move from element to element until all of them rest.

The rows of the instance must be in the working set; `plan` says which those are.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import orjson

from core.engine.context import Context, KnownDefinition, dump
from core.engine.workingset import Load, WorkingSet
from core.flow.expressions import ExpressionError, attribute, evaluate
from core.flow.graph import PROCESS, Element, ElementKind, Flow, TaskTemplate
from core.ids import new_uid
from core.rejections import ExecutionFailed
from core.states import Trigger
from core.storage.records import (
    Assignment,
    Candidate,
    ElementInstance,
    Group,
    Instance,
    Task,
    User,
    Variable,
)
from core.times import parse_timestamp
from core.types import AssigneeKind, AssignmentKind, ElementState, InstanceState, TaskState

MAX_STEPS = 10_000


def plan_activities(known: KnownDefinition, ws: WorkingSet) -> Iterator[list[Load]]:
    """What creating any task of the process needs: its ordinary assignees."""
    keys = tuple(known.activities.values())
    yield [Load(Assignment, "activity_key", keys)]
    users: list[int] = []
    groups: list[int] = []
    for key in keys:
        for row in ws.find(Assignment, "activity_key", key):
            if row.kind == AssignmentKind.ORDINARY:
                (users if row.assignee_kind == AssigneeKind.USER else groups).append(row.assignee_key)
    wishes = []
    if users:
        wishes.append(Load(User, "key", tuple(users)))
    if groups:
        wishes.append(Load(Group, "key", tuple(groups)))
    if wishes:
        yield wishes


class Run:
    """The tokens of one instance during one command."""

    def __init__(self, ctx: Context, known: KnownDefinition, instance: Instance) -> None:
        self.ctx = ctx
        self.known = known
        self.instance = instance
        self.started: list[Task] = []
        self.assignee: str | None = None
        self.task_ext: Mapping[str, Any] = {}
        self._steps = 0
        self._scopes: dict[int, ElementInstance] = {}
        self._todo: list[tuple[str, Any, int]] = []

    # variables

    def variables(self, scope_key: int) -> dict[str, Any]:
        """All variables visible from a scope, the innermost winning."""
        chain = self._chain(scope_key)
        rows = self.ctx.ws.find(Variable, "instance_key", self.instance.key)
        seen: dict[str, Any] = {}
        for key in reversed(chain):
            seen.update((row.name, orjson.loads(row.value)) for row in rows if row.scope_key == key)
        return seen

    def _chain(self, scope_key: int) -> list[int]:
        chain = [scope_key]
        while chain[-1] != self.instance.key:
            chain.append(self._element(chain[-1]).scope_key)
        return chain

    def merge(self, scope_key: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Set each where it already exists on the way to the root, else at the root. Returns the former values."""
        ws = self.ctx.ws
        rows = {(r.scope_key, r.name): r for r in ws.find(Variable, "instance_key", self.instance.key)}
        chain = self._chain(scope_key)
        before: dict[str, Any] = {}
        for name, value in variables.items():
            text = dump(value)
            row = next((rows[key, name] for key in chain if (key, name) in rows), None)
            if row is None:
                ws.add(
                    Variable(
                        key=self.ctx.key(),
                        tenant_key=self.instance.tenant_key,
                        instance_key=self.instance.key,
                        scope_key=self.instance.key,
                        name=name,
                        value=text,
                    )
                )
            elif row.value != text:
                before[name] = orjson.loads(row.value)
                ws.change(row, value=text)
        return before

    # tokens

    def start(self, element_id: str = "") -> None:
        """Enter the process, at its start event or at a named element."""
        program = self.known.program
        element = program.elements.get(element_id) if element_id else program.starts.get("")
        if element is None:
            raise ExecutionFailed(element_id, "no such element to start at")
        root = ElementInstance(
            key=self.instance.key,
            instance_key=self.instance.key,
            scope_key=0,
            element_id=program.graph.id,
            kind=PROCESS,
            live=1,
            created_at=self.ctx.now,
        )
        self.ctx.ws.add(root)
        self._scopes[root.key] = root
        self._todo.append(("enter", element, root.key))
        self._settle()

    def leave(self, waiting: ElementInstance) -> None:
        """Go on behind an element that waited."""
        element = self.known.program.elements[waiting.element_id]
        self._leave(element, waiting)
        self._settle()

    def _settle(self) -> None:
        while self._todo:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise ExecutionFailed(self.known.program.graph.id, f"did not come to rest within {MAX_STEPS} steps")
            what, subject, scope_key = self._todo.pop(0)
            if what == "enter":
                self._enter(subject, scope_key)
            elif what == "arrive":
                self._arrive(subject, scope_key)
            else:
                self._end_scope(scope_key)

    def _element(self, key: int) -> ElementInstance:
        row = self._scopes.get(key) or self.ctx.ws.get(ElementInstance, key)
        assert row is not None, "a scope of a live token is loaded"
        return row

    def _enter(self, element: Element, scope_key: int) -> None:
        now = self.ctx.now
        entered = ElementInstance(
            key=self.ctx.key(),
            instance_key=self.instance.key,
            scope_key=scope_key,
            element_id=element.id,
            kind=element.kind.value,
            created_at=now,
        )
        if element.kind is ElementKind.USER_TASK:
            self.ctx.ws.add(entered)
            self._create_task(element, entered)
            return
        if element.kind is ElementKind.SUB_PROCESS:
            entered.live = 1
            self.ctx.ws.add(entered)
            self._scopes[entered.key] = entered
            self._todo.append(("enter", self.known.program.starts[element.id], entered.key))
            return
        entered.state = ElementState.COMPLETED.value
        entered.ended_at = now
        self.ctx.ws.add(entered)
        self._follow(element, scope_key)

    def _leave(self, element: Element, entered: ElementInstance) -> None:
        self.ctx.ws.change(entered, state=ElementState.COMPLETED.value, ended_at=self.ctx.now)
        self._follow(element, entered.scope_key)

    def _follow(self, element: Element, scope_key: int) -> None:
        flows = self._taken(element, scope_key)
        if len(flows) != 1:
            scope = self._element(scope_key)
            self.ctx.ws.change(scope, live=scope.live + len(flows) - 1)
            if scope.live == 0:
                self._todo.append(("end", None, scope_key))
        self._todo.extend(("arrive", flow, scope_key) for flow in flows)

    def _taken(self, element: Element, scope_key: int) -> list[Flow]:
        outgoing = self.known.program.outgoing[element.id]
        if element.kind is ElementKind.EXCLUSIVE_GATEWAY and len(outgoing) > 1:
            for flow in outgoing:
                if flow.condition and flow.id != element.default_flow and self._holds(flow, scope_key):
                    return [flow]
            return [self._default(element, outgoing)]
        taken = [f for f in outgoing if f.id != element.default_flow and self._holds(f, scope_key)]
        if not taken and outgoing:
            return [self._default(element, outgoing)]
        return taken

    def _default(self, element: Element, outgoing: tuple[Flow, ...]) -> Flow:
        for flow in outgoing:
            if flow.id == element.default_flow:
                return flow
        raise ExecutionFailed(element.id, "no condition of its outgoing flows holds and it has no default flow")

    def _holds(self, flow: Flow, scope_key: int) -> bool:
        return not flow.condition or evaluate(flow.condition, self.variables(scope_key)) is True

    def _arrive(self, flow: Flow, scope_key: int) -> None:
        element = self.known.program.elements[flow.target]
        incoming = self.known.program.incoming[element.id]
        if element.kind is not ElementKind.PARALLEL_GATEWAY or len(incoming) < 2:
            self._todo.append(("enter", element, scope_key))
            return
        scope = self._element(scope_key)
        arrived: dict[str, dict[str, int]] = orjson.loads(scope.arrived) if scope.arrived else {}
        tokens = arrived.setdefault(element.id, {})
        tokens[flow.id] = tokens.get(flow.id, 0) + 1
        live = scope.live
        if len(tokens) == len(incoming):
            for flow_id in [f for f in tokens if tokens[f] == 1]:
                del tokens[flow_id]
            for flow_id in tokens:
                tokens[flow_id] -= 1
            live -= len(incoming) - 1
            self._todo.append(("enter", element, scope_key))
        if not tokens:
            del arrived[element.id]
        self.ctx.ws.change(scope, arrived=dump(arrived) if arrived else "", live=live)

    def _end_scope(self, scope_key: int) -> None:
        scope = self._element(scope_key)
        if scope.key != self.instance.key:
            self._leave(self.known.program.elements[scope.element_id], scope)
            return
        self.ctx.ws.change(scope, state=ElementState.COMPLETED.value, ended_at=self.ctx.now)
        end_instance(self.ctx, self.instance, InstanceState.COMPLETED)

    # user tasks

    def _create_task(self, element: Element, entered: ElementInstance) -> None:
        ctx = self.ctx
        template = cast(TaskTemplate, element.task)
        computed = self._attributes(element, template, entered.scope_key)
        users, groups = computed["users"], computed["groups"]
        activity_key = self.known.activities[element.id]
        for row in ctx.ws.find(Assignment, "activity_key", activity_key):
            if row.kind != AssignmentKind.ORDINARY:
                continue
            if row.assignee_kind == AssigneeKind.USER:
                user = ctx.ws.get(User, row.assignee_key)
                users += [user.username] if user is not None and user.username not in users else []
            else:
                group = ctx.ws.get(Group, row.assignee_key)
                groups += [group.name] if group is not None and group.name not in groups else []
        assignee = self.assignee or computed["assignee"] or None
        task = Task(
            key=ctx.key(),
            uid=new_uid(),
            number=ctx.number("task"),
            tenant_key=self.instance.tenant_key,
            instance_key=self.instance.key,
            instance_uid=self.instance.uid,
            instance_number=self.instance.number,
            element_instance_key=entered.key,
            process_key=self.instance.process_key,
            definition_key=self.instance.definition_key,
            activity_key=activity_key,
            element_id=element.id,
            name=element.name or element.id,
            state=TaskState.CREATED.value,
            assignee=assignee,
            priority=computed["priority"],
            due_at=computed["due"],
            follow_up_at=computed["follow_up"],
            created_at=ctx.now,
            changed_at=ctx.now,
            candidate_users=dump(users) if users else "[]",
            candidate_groups=dump(groups) if groups else "[]",
            form_id=template.form_id,
            form_reference=template.form_reference,
            headers=dump(template.headers) if template.headers else "{}",
            ext=dump(dict(self.task_ext)) if self.task_ext else "{}",
        )
        ctx.ws.add(task)
        add_candidates(ctx.ws, task.key, users, groups)
        self.started.append(task)
        ctx.emit(
            "task.created",
            "task",
            task.key,
            instance_key=self.instance.key,
            after={"state": task.state, "assignee": assignee, "name": task.name},
        )

    def _attributes(self, element: Element, template: TaskTemplate, scope_key: int) -> dict[str, Any]:
        needs = any(
            text.startswith("=")
            for text in (
                template.assignee, template.candidate_users, template.candidate_groups,
                template.priority, template.due, template.follow_up,
            )
        )  # fmt: skip
        variables = self.variables(scope_key) if needs else {}
        try:
            return {
                "assignee": _text(attribute(template.assignee, variables)),
                "users": _names(attribute(template.candidate_users, variables)),
                "groups": _names(attribute(template.candidate_groups, variables)),
                "priority": _priority(attribute(template.priority, variables)),
                "due": _time(attribute(template.due, variables)),
                "follow_up": _time(attribute(template.follow_up, variables)),
            }
        except (ExpressionError, ValueError) as error:
            raise ExecutionFailed(element.id, str(error)) from error


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError(f"{value!r} is not a user name")


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        value = value.split(",")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"{value!r} is not a list of names")
    return list(dict.fromkeys(v.strip() for v in value if v.strip()))


def _priority(value: Any) -> int:
    if value in ("", None):
        return 50
    number = int(value)
    if not 0 <= number <= 100:
        raise ValueError(f"priority {number} is not within [0,100]")
    return number


def _time(value: Any) -> int | None:
    if value in ("", None):
        return None
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a date and time")
    return parse_timestamp(value)


def add_candidates(ws: WorkingSet, task_key: int, users: list[str], groups: list[str]) -> None:
    for name in users:
        ws.add(Candidate(task_key=task_key, kind=AssigneeKind.USER.value, name=name))
    for name in groups:
        ws.add(Candidate(task_key=task_key, kind=AssigneeKind.GROUP.value, name=name))


def end_instance(ctx: Context, instance: Instance, state: InstanceState) -> None:
    ctx.ws.change(instance, state=state.value, ended_at=ctx.now, changed_at=ctx.now)
    ctx.emit(
        f"instance.{'completed' if state is InstanceState.COMPLETED else 'terminated'}",
        "instance",
        instance.key,
        instance_key=instance.key,
        before={"state": InstanceState.ACTIVE.value},
        after={"state": state.value},
    )


def end_task(
    ctx: Context, task: Task, trigger: Trigger, variables: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Give a task its final state, with its one event."""
    state = TaskState.COMPLETED if trigger is Trigger.COMPLETE else TaskState.CANCELED
    old: dict[str, Any] = {"state": task.state}
    new: dict[str, Any] = {"state": state.value}
    if variables:
        new["variables"] = dict(variables)
        old["variables"] = dict(before)
    ctx.ws.change(task, state=state.value, ended_at=ctx.now, changed_at=ctx.now, pending="")
    ctx.emit(f"task.{state.value.lower()}", "task", task.key, instance_key=task.instance_key, before=old, after=new)
