"""Running a process: tokens move from element to element until all of them rest.

The rows of the instance must be in the working set; core.flow.plans says which those are.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from core.engine.context import Context, KnownDefinition, dump
from core.flow import usertasks
from core.flow.expressions import evaluate
from core.flow.graph import PROCESS, Element, ElementKind, Flow
from core.rejections import ExecutionFailed
from core.storage.records import Document, ElementInstance, Instance, Task, Variable
from core.types import ElementState, InstanceState

MAX_STEPS = 10_000


class Run:
    """The tokens of one instance during one command."""

    def __init__(self, ctx: Context, known: KnownDefinition, instance: Instance) -> None:
        self.ctx = ctx
        self.known = known
        self.instance = instance
        self.started: list[Task] = []
        self.assignee: str | None = None
        self.assigned_by = ""
        self.task_ext: Mapping[str, Any] = {}
        self.participants: Mapping[str, tuple[int, ...]] = {}
        self.draft = False
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
                self._add(self.instance.key, name, text)
            elif row.value != text:
                before[name] = orjson.loads(row.value)
                ws.change(row, value=text)
        return before

    def put(self, scope_key: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Set all of them in a scope itself. Returns the former values."""
        rows = {r.name: r for r in self.ctx.ws.find(Variable, "instance_key", self.instance.key)
                if r.scope_key == scope_key}  # fmt: skip
        before: dict[str, Any] = {}
        for name, value in variables.items():
            row = rows.get(name)
            if row is None:
                self._add(scope_key, name, dump(value))
            else:
                before[name] = orjson.loads(row.value)
                self.ctx.ws.change(row, value=dump(value))
        return before

    def _add(self, scope_key: int, name: str, text: str) -> None:
        variable = Variable(
            key=self.ctx.key(),
            tenant_key=self.instance.tenant_key,
            instance_key=self.instance.key,
            scope_key=scope_key,
            name=name,
            value=text,
        )
        self.ctx.ws.add(variable)

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
            name=program.graph.name,
            live=1,
            created_at=self.ctx.now,
        )
        self.ctx.ws.add(root)
        self._scopes[root.key] = root
        self._todo.append(("enter", element, root.key))
        self._settle()
        if self.known.program.participants and self.instance.state == InstanceState.ACTIVE:
            usertasks.plan_ahead(self)

    def leave(self, waiting: ElementInstance) -> None:
        """Go on behind an element that waited for one task, or for the last one of several."""
        element = self.known.program.elements[waiting.element_id]
        if usertasks.still_open(self, element, waiting):
            return
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
        if element.folder_key:
            self._move_document(element.folder_key)
        entered = ElementInstance(
            key=self.ctx.key(),
            instance_key=self.instance.key,
            scope_key=scope_key,
            element_id=element.id,
            kind=element.kind.value,
            name=element.name,
            created_at=now,
        )
        if element.kind is ElementKind.USER_TASK:
            self.ctx.ws.add(entered)
            if not usertasks.enter(self, element, entered):
                self._leave(element, entered)
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

    def _move_document(self, folder_key: int) -> None:
        document = self.ctx.ws.get(Document, self.instance.document_key)
        if document is None or document.folder_key == folder_key:
            return
        before = document.folder_key
        self.ctx.ws.change(document, folder_key=folder_key, changed_at=self.ctx.now)
        self.ctx.emit(
            "document.moved",
            "document",
            document.key,
            instance_key=self.instance.key,
            before={"folder": before},
            after={"folder": folder_key},
        )

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


def end_instance(ctx: Context, instance: Instance, state: InstanceState) -> None:
    ctx.ws.change(instance, state=state.value, ended_at=ctx.now, changed_at=ctx.now)
    document = ctx.ws.get(Document, instance.document_key) if instance.document_key else None
    if document is not None and document.instance_key == instance.key:
        ctx.ws.change(document, instance_key=0)
    ctx.emit(
        f"instance.{'completed' if state is InstanceState.COMPLETED else 'terminated'}",
        "instance",
        instance.key,
        instance_key=instance.key,
        before={"state": InstanceState.ACTIVE.value},
        after={"state": state.value},
    )
