"""Running a process: tokens move from element to element until all of them rest."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from core.flow import adhoc, calls, events, eventsubs, incidents, joins, listeners, loops, mappings, usertasks, ways
from core.flow.behaviours import BEHAVIOURS
from core.flow.folders import move_document
from core.flow.stepping import Stepping
from core.flow.steps import (
    Act,
    Activate,
    Arrive,
    Begin,
    Complete,
    EndScope,
    Enter,
    Leave,
    Listen,
    Step,
    again,
)
from core.flow.termination import end_instance, terminate_beside, terminate_element, terminate_instance
from core.graph.elements import ACTIVITIES, BODY, JOINS, PROCESS, SCOPES, Element, ElementKind, Flow
from core.graph.program import happens
from core.rejections import ExecutionFailed
from core.storage.jsontext import NOTHING
from core.tables.instance import ElementInstance, Instance
from core.turn.context import Context
from core.turn.known import KnownDefinition
from core.types import ElementState, InstanceState


class Run(Stepping):
    """The tokens of one instance during one command."""

    def __init__(self, ctx: Context, known: KnownDefinition, instance: Instance) -> None:
        super().__init__(ctx, known, instance)
        #: the run that called this one, in the same command
        self.caller: Run | None = None

    @property
    def called_here(self) -> bool:
        return self.caller is not None

    def outer(self) -> "Run | None":
        if self.caller is not None or not self.instance.parent_key:
            return self.caller
        parent = self.ctx.ws.get(Instance, self.instance.parent_key)
        assert parent is not None, "the callers of a live token are loaded"
        return Run(self.ctx, self.ctx.definitions[parent.definition_key], parent)

    # from outside

    def start(self, *element_ids: str) -> None:
        program = self.known.program
        named = [program.elements.get(id) for id in element_ids] or [program.starts.get("")]
        first = [element for element in named if element is not None]
        if len(first) < len(named):
            raise ExecutionFailed(",".join(element_ids), "no such element to start at")
        if not element_ids and happens(first[0]):
            raise ExecutionFailed(first[0].id, "begins only when something happens")
        root = ElementInstance(
            key=self.instance.key,
            instance_key=self.instance.key,
            scope_key=0,
            element_id=program.graph.id,
            kind=PROCESS,
            name=program.graph.name,
            live=len(first),
            created_at=self.ctx.now,
        )
        self.ctx.ws.add(root)
        self._scopes[root.key] = root
        if listeners.heard(self, root, "start"):
            self.ctx.ws.change(root, pending={"event": "start", "at": list(element_ids)})
            for variables in self._happened.values():
                self.put(root.key, variables)
            self._todo.append(Listen(root.key, "start", 0))
            self.settle()
            return
        self._enter_at(root, first)
        self.settle()
        if self.known.program.participants and self.instance.state == InstanceState.ACTIVE:
            usertasks.plan_ahead(self)

    def begin(self, event: Element, variables: Mapping[str, Any] = NOTHING) -> None:
        """Enter the process at one of its start events, which has happened."""
        self._happened[event.id] = variables
        self.start(event.id)

    def _enter_at(self, root: ElementInstance, elements: list[Element]) -> None:
        """Tokens enter elements anywhere in the process; the sub-processes around them are opened for that."""
        eventsubs.arm(self, "", root)
        scopes = {"": root}
        tokens: dict[str, int] = defaultdict(int)

        def scope_of(element: Element) -> ElementInstance:
            tokens[element.parent] += 1
            if element.parent not in scopes:
                around = self.known.program.elements[element.parent]
                scopes[element.parent] = self.open_around(around, scope_of(around).key)
            return scopes[element.parent]

        for element in elements:
            self._todo.append(Enter(element, scope_of(element).key))
        for id, scope in scopes.items():
            if scope.live != tokens[id]:
                self.ctx.ws.change(scope, live=tokens[id])

    def open_around(self, around: Element, scope_key: int) -> ElementInstance:
        """A sub-process that is not begun at its start event."""
        if around.loop is not None or around.ad_hoc is not None:
            raise ExecutionFailed(around.id, "says itself what begins in it: nothing else does")
        entered = self.open(around, scope_key)
        if around.inputs:
            mappings.enter(self, around, entered)
        for event in self.known.program.boundaries.get(around.id, ()):
            events.arm(self, event, entered)
        eventsubs.arm(self, around.id, entered)
        return entered

    def open(self, element: Element, scope_key: int, kind: str = "", place: int = 0) -> ElementInstance:
        entered = self._instance_of(element, scope_key, kind, place)
        self.ctx.ws.add(entered)
        self._scopes[entered.key] = entered
        return entered

    def _instance_of(self, element: Element, scope_key: int, kind: str = "", place: int = 0) -> ElementInstance:
        return ElementInstance(
            key=self.ctx.key(),
            instance_key=self.instance.key,
            scope_key=scope_key,
            element_id=element.id,
            kind=kind or element.kind.value,
            name=element.name,
            place=place,
            created_at=self.ctx.now,
        )

    def reopen(self, root: ElementInstance, elements: list[Element]) -> None:
        """Tokens enter these elements of a process that had ended; none: it starts anew."""
        self._scopes[root.key] = root
        eventsubs.arm(self, "", root)
        first = elements or [self.known.program.starts[""]]
        self.ctx.ws.change(root, state=ElementState.ACTIVE.value, ended_at=None, live=len(first), arrived={})
        self._todo.extend(Enter(element, root.key) for element in first)
        self.settle()

    def leave(self, waiting: ElementInstance) -> None:
        """Go on behind an element that waited for one task, or for the last one of several."""
        element = self.known.program.elements[waiting.element_id]
        if usertasks.still_open(self, element, waiting):
            return
        self.complete(element, waiting)
        self.settle()

    def heard(self, waiting: ElementInstance, event: str, position: int) -> None:
        """A listener of an event is done: the next one is asked, or it goes on."""
        self._scopes[waiting.key] = waiting
        self._todo.append(Listen(waiting.key, event, position + 1))
        self.settle()

    def resume(self, waiting: ElementInstance, step: Mapping[str, Any]) -> None:
        """What could not be done is done again."""
        self._scopes[waiting.key] = waiting
        element = self.known.program.elements[waiting.element_id] if waiting.scope_key else None
        self._todo.append(again(step, element, waiting.key))
        self.settle()

    def occur(self, event: Element, waiting: ElementInstance, variables: Mapping[str, Any] = NOTHING) -> None:
        """An event for which an element waits has come: the token goes on behind it, or through the boundary."""
        self.happen(event, waiting, variables)
        self.settle()

    def happen(self, event: Element, waiting: ElementInstance, variables: Mapping[str, Any] = NOTHING) -> None:
        if event.id == waiting.element_id:
            if variables:
                mappings.result(self, event, waiting, variables)
            self.complete(event, waiting)
            return
        self._happened[event.id] = variables
        if event.kind is ElementKind.START_EVENT:
            eventsubs.begin(self, event, waiting)
            return
        if not event.attached_to:  # a gateway waited for several, and this one came first
            events.disarm(self.ctx, waiting)
            self.ctx.ws.change(waiting, state=ElementState.COMPLETED.value, ended_at=self.ctx.now)
        elif event.interrupting:
            terminate_element(self.ctx, waiting)
            self.forget(waiting.key)
        else:  # a token leaves through it, besides those that are there
            scope = self.scope(waiting.scope_key)
            self.ctx.ws.change(scope, live=scope.live + 1)
        self._push(Enter(event, waiting.scope_key))

    def settle(self) -> None:
        self._move()
        while self.known.program.merges and (met := joins.meet(self)):
            self._todo.extend(Enter(gateway, scope_key) for gateway, scope_key in met)
            self._move()

    def _do(self, step: Step) -> None:
        match step:
            case Enter(element, scope_key, place, own):
                self._enter(element, scope_key, place, own)
            case Arrive(flow, scope_key):
                self._arrive(flow, scope_key)
            case Begin(element, entered_key, happened):
                self._begin(element, self.scope(entered_key), happened=happened)
            case Activate(element, entered_key, happened):
                self._activate(element, self.scope(entered_key), happened=happened)
            case Complete(element, entered_key):
                self._complete(element, self.scope(entered_key))
            case Leave(element, entered_key):
                self._leave(element, self.scope(entered_key))
            case Listen(entered_key, event, position):
                self._listen(self.scope(entered_key), event, position)
            case EndScope(scope_key):
                self._end_scope(scope_key)
            case Act(act):
                act()

    def clear(self, but: ElementInstance) -> None:
        scope = self.scope(but.scope_key)
        self.forget(scope.key)
        terminate_beside(self.ctx, but)
        self.ctx.ws.change(scope, live=1, arrived={})

    # elements

    def _enter(self, element: Element, scope_key: int, place: int = 0, own: Mapping[str, Any] | None = None) -> None:
        # most elements are done as they are entered: one row that is made as it ends, without a scope to look after
        if element.kind not in _WAITING and element.plain and not (element.folder_key or self.instance.end_after):
            entered = self._instance_of(element, scope_key, place=place)
            entered.state = ElementState.COMPLETED.value
            entered.ended_at = self.ctx.now
            self.ctx.ws.add(entered)
            self._follow(element, scope_key)
            return
        self._begin(element, self._entered(element, scope_key, place, own))

    def _entered(self, element: Element, scope_key: int, place: int, own: Mapping[str, Any] | None) -> ElementInstance:
        kind = BODY if element.loop is not None and not place else ""
        entered = self.open(element, scope_key, kind, place)
        if own:
            self.put(entered.key, own)
        return entered

    def _begin(self, element: Element, entered: ElementInstance, *, happened: bool = False) -> None:
        if entered.kind == BODY:
            loops.begin(self, element, entered)
            return
        if element.folder_key:
            move_document(self.ctx, self.instance, element.folder_key)
        if element.inputs:
            mappings.enter(self, element, entered)
        variables = self._happened.pop(element.id, None) if self._happened else None
        if variables:
            mappings.result(self, element, entered, variables)
        comes = happened or variables is not None
        if element.listeners and listeners.begin(self, entered, "start", [element.id] if comes else ()):
            return
        self._activate(element, entered, happened=comes)

    def _activate(self, element: Element, entered: ElementInstance, *, happened: bool = False) -> None:
        """What an element does: it waits for something, or is done at once, as where that has `happened`."""
        if element.loop is None:  # else they are at the boundary of all that it does
            for event in self.known.program.boundaries.get(element.id, ()):
                events.arm(self, event, entered)
        if element.kind in SCOPES:
            eventsubs.arm(self, element.id, entered)
        behaviour = BEHAVIOURS.get(element.kind)
        if happened or behaviour is None or not behaviour(self, element, entered):
            self._push(Complete(element, entered.key))

    def _complete(self, element: Element, entered: ElementInstance) -> None:
        program = self.known.program
        if events.is_armed(element) or element.id in program.boundaries or element.id in program.event_subs:
            events.disarm(self.ctx, entered)
        if entered.kind == BODY:
            loops.give(self, element, entered)
            self._leave(element, entered)
            return
        if element.ad_hoc is not None:
            adhoc.give(self, element, entered)
        if element.outputs:
            mappings.leave(self, element, entered)
        if element.listeners and listeners.begin(self, entered, "end"):
            return
        self._leave(element, entered)

    def _listen(self, waiting: ElementInstance, event: str, position: int) -> None:
        if listeners.go_on(self, waiting, event, position):
            return
        element_ids = waiting.pending.get("at", [])
        self.ctx.ws.change(waiting, pending={})
        if waiting.scope_key:
            element = self.known.program.elements[waiting.element_id]
            at_start = event == "start"
            self._push(Activate(element, waiting.key, bool(element_ids)) if at_start else Leave(element, waiting.key))
        elif event == "start":
            elements = [self.known.program.elements[id] for id in element_ids] or [self.known.program.starts[""]]
            self._enter_at(waiting, elements)
        else:
            self._end_instance(waiting)

    def _leave(self, element: Element, entered: ElementInstance) -> None:
        self.ctx.ws.change(entered, state=ElementState.COMPLETED.value, ended_at=self.ctx.now)
        if self.instance.incidents:
            incidents.end_at(self.ctx, self.instance, {entered.key})
        if entered.place:
            loops.go_on(self, element, entered)
            return
        if element.kind in _IN_AD_HOC and adhoc.is_inside(self, element):
            adhoc.go_on(self, entered)
            return
        if element.id in self.instance.end_after:
            self._keep(lambda step: False)  # other tokens end here, too
            terminate_instance(self.ctx, self.instance, waits=True)
            return
        self._follow(element, entered.scope_key)

    # flows

    def _follow(self, element: Element, scope_key: int) -> None:
        flows = ways.taken(self, element, scope_key)
        if len(flows) != 1:
            # where one token comes and one goes the scope need not be written
            scope = self.scope(scope_key)
            self.ctx.ws.change(scope, live=scope.live + len(flows) - 1)
            if scope.live == 0:
                self._todo.append(EndScope(scope_key))
        self._todo.extend(Arrive(flow, scope_key) for flow in flows)

    def _arrive(self, flow: Flow, scope_key: int) -> None:
        element = self.known.program.elements[flow.target]
        waits = element.kind in JOINS and len(self.known.program.incoming[element.id]) > 1
        if not waits or joins.arrive(self, flow, scope_key):
            self._todo.append(Enter(element, scope_key))

    # ends

    def _end_scope(self, scope_key: int) -> None:
        scope = self.scope(scope_key)
        if scope.scope_key:
            self._push(Complete(self.known.program.elements[scope.element_id], scope.key))
            return
        graph = self.known.program.graph
        if "" in self.known.program.event_subs:
            events.disarm(self.ctx, scope)
        if graph.listeners and listeners.begin(self, scope, "end"):
            return
        self._end_instance(scope)

    def _end_instance(self, root: ElementInstance) -> None:
        self.ctx.ws.change(root, state=ElementState.COMPLETED.value, ended_at=self.ctx.now)
        end_instance(self.ctx, self.instance, InstanceState.COMPLETED)
        if self.instance.parent_key:
            self._give_back()

    # calls

    def of(self, instance: Instance) -> "Run":
        if instance is self.instance:
            return self
        return Run(self.ctx, self.ctx.definitions[instance.definition_key], instance)

    def inner(self, instance: Instance) -> "Run":
        inner = Run(self.ctx, self.ctx.definitions[instance.definition_key], instance)
        inner.caller, inner.depth, inner.started = self, self.depth + 1, self.started
        inner.assignee, inner.assigned_by, inner.task_ext = self.assignee, self.assigned_by, self.task_ext
        return inner

    def _give_back(self) -> None:
        """The instance that called this one goes on."""
        outer = self.outer()
        assert outer is not None, "it was called"
        entered = outer.scope(self.instance.parent_element_key)
        element = calls.give_back(self, outer, entered)
        if element is None:
            return
        outer.later(element, entered)
        # a caller in this very command is in its own loop already, and comes to it there
        if self.caller is None:
            outer.settle()


#: what ends in an ad-hoc sub-process, or elsewhere too
_IN_AD_HOC = frozenset((ElementKind.AD_HOC_ACTIVATION, ElementKind.EVENT_SUB_PROCESS))
#: what does not end in the moment in which it is entered, at least not by itself
_WAITING = (
    ACTIVITIES | {ElementKind.INTERMEDIATE_CATCH_EVENT, ElementKind.EVENT_BASED_GATEWAY, ElementKind.EVENT_SUB_PROCESS}
) - {*(ElementKind.TASK, ElementKind.MANUAL_TASK)}
