"""A process in its compiled form."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from core.graph.elements import (
    NEWEST,
    Binding,
    Call,
    Element,
    ElementKind,
    EventKind,
    Flow,
    Participants,
    computed_texts,
)
from core.graph.graph import Graph

#: what comes from outside, to whoever waits for it
SUBSCRIBED = frozenset((EventKind.MESSAGE, EventKind.SIGNAL))
THROWING = frozenset((ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.END_EVENT))


def is_subscribed(element: Element) -> bool:
    """Is a message or a signal waited for there? What is thrown is not."""
    event = element.event
    return event is not None and event.kind in SUBSCRIBED and element.kind not in THROWING


def happens(element: Element) -> bool:
    """Does it wait until something happens?"""
    return element.event is not None or element.timing is not None


class Program:
    """A graph ready to run: look-ups instead of searches."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.elements: dict[str, Element] = {e.id: e for e in graph.elements}
        outgoing, incoming = defaultdict[str, list[Flow]](list), defaultdict[str, list[Flow]](list)
        for flow in (*graph.flows, *_links(graph)):
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        self.outgoing: dict[str, tuple[Flow, ...]] = {e.id: tuple(outgoing[e.id]) for e in graph.elements}
        self.incoming: dict[str, tuple[Flow, ...]] = {e.id: tuple(incoming[e.id]) for e in graph.elements}
        self.boundaries: dict[str, tuple[Element, ...]] = {}
        for e in graph.elements:
            if e.attached_to:
                self.boundaries[e.attached_to] = (*self.boundaries.get(e.attached_to, ()), e)
        #: by the ids of ad-hoc sub-processes: what can be activated there, by its id, and what is around each of these
        self.activatable: dict[str, dict[str, Element]] = {}
        self.activations: dict[str, Element] = {}
        for e in graph.elements:
            if e.kind is ElementKind.AD_HOC_SUB_PROCESS:
                self._add_activation(e)
        #: where a scope begins if nobody says where: at the first of its start events for which nothing has to happen
        self.starts: dict[str, Element] = {}
        for e in sorted(graph.elements, key=happens):
            if e.kind is ElementKind.START_EVENT:
                self.starts.setdefault(e.parent, e)
        #: by the scope that they are in: how the event sub-processes begin that something may start there
        self.event_subs: dict[str, tuple[Element, ...]] = {}
        for e in graph.elements:
            if e.kind is ElementKind.EVENT_SUB_PROCESS and e.id in self.starts:
                self.event_subs[e.parent] = (*self.event_subs.get(e.parent, ()), self.starts[e.id])

    def _add_activation(self, ad_hoc: Element) -> None:
        inside = [e for e in self.graph.elements if e.parent == ad_hoc.id and e.kind not in _BEGUN_BY_EVENTS]
        self.activatable[ad_hoc.id] = {e.id: e for e in inside if not (self.incoming[e.id] or e.undoing)}
        activation = Element(f"{ad_hoc.id}#innerInstance", ElementKind.AD_HOC_ACTIVATION, parent=ad_hoc.id)
        self.activations[ad_hoc.id] = self.elements[activation.id] = activation
        self.outgoing[activation.id] = self.incoming[activation.id] = ()

    @cached_property
    def start_form(self) -> str:
        """The id of the form that an instance starts with, empty if there is none."""
        return self.starts[""].form_id if "" in self.starts else ""

    @property
    def start_binding(self) -> Binding:
        return self.starts[""].form_binding if "" in self.starts else NEWEST

    @cached_property
    def first_tasks(self) -> tuple[Element, ...]:
        """The user tasks that a token can reach from a start event without waiting at another."""
        tasks: dict[str, Element] = {}
        todo = [e.id for e in self.graph.elements if e.kind is ElementKind.START_EVENT and not e.parent]
        seen: set[str] = set()
        while todo:
            id = todo.pop(0)
            if id in seen:
                continue
            seen.add(id)
            element = self.elements[id]
            if element.kind is ElementKind.USER_TASK:
                tasks[id] = element
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append(self.starts[id].id)
            elif element.kind is ElementKind.AD_HOC_SUB_PROCESS:
                todo.extend((*self.activatable[id], *(flow.target for flow in self.outgoing[id])))
            else:
                todo.extend(flow.target for flow in self.outgoing[id])
        return tuple(tasks.values())

    def following(self, id: str) -> tuple[tuple["Element", Flow], ...]:
        """The user tasks that can come right after an element, each with the first flow that leads there; gateways are
        passed through, and at the end of a sub-process what follows it."""
        reached: dict[str, tuple[Element, Flow]] = {}
        todo = [(flow.target, flow) for flow in self.outgoing[id]] or self._behind(id)
        seen: set[str] = set()
        while todo:
            target, flow = todo.pop(0)
            if target in seen:
                continue
            seen.add(target)
            element = self.elements[target]
            if element.kind is ElementKind.USER_TASK:
                reached[target] = (element, flow)
            elif element.kind is ElementKind.SUB_PROCESS:
                todo.append((self.starts[target].id, flow))
            elif element.kind is ElementKind.AD_HOC_SUB_PROCESS:
                todo.extend((id, flow) for id in self.activatable[target])
                todo.extend((f.target, flow) for f in self.outgoing[target])
            elif element.kind is ElementKind.END_EVENT:
                todo.extend(self._behind(target))
            else:
                todo.extend((f.target, f if f.condition else flow) for f in self.outgoing[target])
        return tuple(reached.values())

    @cached_property
    def leading(self) -> frozenset[str]:
        """The user tasks behind which others can come: of their process, or the same one again."""
        repeats = any(e.loop is not None and e.loop.sequential for e in self.graph.elements)
        anywhere = repeats or self.ends_others
        tasks = (e.id for e in self.graph.elements if e.task is not None)
        return frozenset(id for id in tasks if anywhere or self.following(id))

    def _behind(self, id: str) -> list[tuple[str, Flow]]:
        parent = self.elements[id].parent
        return [(flow.target, flow) for flow in self.outgoing[parent]] if parent else []

    @cached_property
    def participants(self) -> tuple[Participants, ...]:
        """Those of all user tasks that have some; such a process plans its tasks ahead."""
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return tuple(t.participants for t in tasks if t.participants is not None)

    @cached_property
    def supervisors(self) -> tuple[int, ...]:
        """The keys of those who are named as supervisors of tasks."""
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return tuple(dict.fromkeys(t.supervisor_key for t in tasks if t.supervisor_key))

    @cached_property
    def reads_variables(self) -> bool:
        """Does running it need variables: a condition or a computed attribute?"""
        of_process = (text for listener in self.graph.listeners for text in (listener.type, listener.retries))
        if any(f.condition for f in self.graph.flows) or any(text.startswith("=") for text in of_process):
            return True
        if any(e.inputs or e.outputs or e.script or e.call or e.loop or e.ad_hoc for e in self.graph.elements):
            return True
        if any(e.decision or e.event for e in self.graph.elements):
            return True
        return any(text.startswith("=") for e in self.graph.elements for text in computed_texts(e))

    @cached_property
    def merges(self) -> bool:
        """Are there inclusive gateways to which several flows come?"""
        gateways = (e for e in self.graph.elements if e.kind is ElementKind.INCLUSIVE_GATEWAY)
        return any(len(self.incoming[e.id]) > 1 for e in gateways)

    def upstream(self, id: str, without: frozenset[str]) -> frozenset[str]:
        """The elements of a scope from which a token can come to this one, not by the flows `without` of those that
        lead right to it, and not through it."""
        reached: set[str] = set()
        todo = [flow.source for flow in self.incoming[id] if flow.id not in without]
        while todo:
            source = todo.pop()
            if source in reached or source == id:
                continue
            reached.add(source)
            todo.extend(flow.source for flow in self.incoming[source])
            if self.elements[source].attached_to:
                todo.append(self.elements[source].attached_to)
        return frozenset(reached)

    @cached_property
    def undone_by(self) -> dict[str, Element]:
        """By the ids of activities: what undoes them."""
        return {e.attached_to: self.elements[e.undone_by] for e in self.graph.elements if e.undone_by}

    @cached_property
    def catches(self) -> frozenset[EventKind]:
        """What is thrown from within and caught at a boundary, or by an event sub-process."""
        starts = (start for starts in self.event_subs.values() for start in starts)
        boundaries = (event for events in self.boundaries.values() for event in events)
        return _THROWN & {e.event.kind for e in (*starts, *boundaries) if e.event is not None}

    @cached_property
    def ends_others(self) -> bool:
        """Can a token that moves end elements at which others are, or ask what had been done?"""
        throwing = (e.event for e in self.graph.elements if e.kind in _THROWING)
        thrown = any(event is not None and event.kind in _THROWN for event in throwing)
        loops = any(e.loop is not None and e.loop.condition for e in self.graph.elements)
        ad_hoc = any(e.ad_hoc is not None and e.ad_hoc.condition for e in self.graph.elements)
        led = any(e.ad_hoc is not None and e.work is not None for e in self.graph.elements)
        return thrown or loops or ad_hoc or led or bool(self.calls and self.catches)

    @cached_property
    def has_work(self) -> bool:
        """Are there jobs of elements?"""
        return any(e.work is not None for e in self.graph.elements)

    @cached_property
    def has_timers(self) -> bool:
        return any(e.timing is not None for e in self.graph.elements)

    @cached_property
    def occasions(self) -> tuple[Element, ...]:
        """The start events of the process itself at which something has to happen."""
        return tuple(
            e for e in self.graph.elements if e.kind is ElementKind.START_EVENT and not e.parent and happens(e)
        )

    @cached_property
    def has_events(self) -> bool:
        """Does anything in it wait for a message or a signal?"""
        return any(map(is_subscribed, self.graph.elements))

    @cached_property
    def message_starts(self) -> tuple[Element, ...]:
        starts = (e for e in self.occasions if e.event is not None)
        return tuple(e for e in starts if e.event is not None and e.event.kind is EventKind.MESSAGE)

    @cached_property
    def has_listeners(self) -> bool:
        tasks = (e.task for e in self.graph.elements if e.task is not None)
        return bool(self.graph.listeners or any(e.listeners for e in self.graph.elements)) or any(
            task.listeners for task in tasks
        )

    @cached_property
    def has_offers(self) -> bool:
        return any(e.task is not None and e.task.offer is not None for e in self.graph.elements)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Of other processes."""
        return tuple(dict.fromkeys(e.call for e in self.graph.elements if e.call is not None))


def _links(graph: Graph) -> Iterator[Flow]:
    """From where a link is thrown to where it is caught in the same scope, as if somebody had drawn it."""
    links = [(e, e.event) for e in graph.elements if e.event is not None and e.event.kind is EventKind.LINK]
    for thrown, link in links:
        for caught, other in links:
            ends = (thrown.kind, caught.kind)
            if ends == _LINKED and (thrown.parent, link.name) == (caught.parent, other.name):
                yield Flow(f"{thrown.id} > {caught.id}", thrown.id, caught.id)


_LINKED = (ElementKind.INTERMEDIATE_THROW_EVENT, ElementKind.INTERMEDIATE_CATCH_EVENT)
#: what ends other elements than the one at which it is thrown, or asks for them
_THROWN = frozenset((EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATION, EventKind.TERMINATE))
_THROWING = frozenset((ElementKind.END_EVENT, ElementKind.INTERMEDIATE_THROW_EVENT))
#: what a token comes to in no other way
_BEGUN_BY_EVENTS = frozenset((ElementKind.START_EVENT, ElementKind.BOUNDARY_EVENT, ElementKind.EVENT_SUB_PROCESS))
