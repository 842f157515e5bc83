"""The drawing of a ProcessMaker project as a process: what its activities, events, gateways and flows become."""

import re
from collections import defaultdict
from collections.abc import Mapping

from schemas.bpmn.conditions import NotTranslated, of_php
from schemas.bpmn.decided import variable_of
from schemas.bpmn.records import BindingRecord, Edge, Node, ProcessRecord, TaskAttributes
from schemas.common.numbers import whole

Row = Mapping[str, str]

_GATEWAYS = {"EXCLUSIVE": "EXCLUSIVE_GATEWAY", "PARALLEL": "PARALLEL_GATEWAY"}
#: ends that also tell somebody something
_TELLING = ("EMAIL", "EMAILEVENT", "MESSAGETHROW", "SIGNALTHROW", "MESSAGE", "SIGNAL")
#: tasks without a person; how others are drawn makes no difference to who has them
_AUTOMATIC = ("SCRIPT-TASK", "SERVICE-TASK")
#: who gets a task, in ways that the engine does not have
_ASSIGNED_OTHERWISE = {
    "MANUAL": "whoever routes it does not choose who is next",
    "REPORT_TO": "it does not go to the superior",
    "SELF_SERVICE_EVALUATE": "no variable says which group it is for",
    "EVALUATE": "no variable says whose it is",
}
_SEVERAL = ("MULTIPLE_INSTANCE", "MULTIPLE_INSTANCE_VALUE_BASED")
_PAIR = re.compile(r's:[0-9]{1,9}:"(?:@.)?(\w+)";s:[0-9]{1,9}:"(?:@.)?(\w+)";')


class Flow:
    """Reads one drawing; what it does not take is in the record, element by element."""

    def __init__(
        self, record: ProcessRecord, drawing: Mapping[str, list[Row]], running: Mapping[str, list[Row]], *, loose: bool
    ) -> None:
        self.record, self.loose = record, loose
        self.drawing = drawing
        self.tasks, self.called, self.timers = (
            {row.get(member, ""): row for row in running.get(table, [])}
            for table, member in (("tasks", "tas_uid"), ("subprocess", "tas_parent"), ("timerevent", "evn_uid"))
        )
        self.notes: list[str] = []
        self.flows = [
            row
            for row in drawing.get("flow", [])
            if row.get("flo_type", "SEQUENCE") in ("SEQUENCE", "DEFAULT")
            and "artifact" not in f"{row.get('flo_element_origin_type')}{row.get('flo_element_dest_type')}".lower()
        ]
        self.flow_ids = {row.get("flo_uid", "") for row in self.flows}
        #: gateways whose way a variable says
        self.decided: set[str] = set()

    def read(self) -> tuple[ProcessRecord, tuple[str, ...]]:
        """(the process, what it does not have in a line each)."""
        for row in self.drawing.get("activity", []):
            self._activity(row)
        for row in self.drawing.get("event", []):
            self._event(row)
        for row in self.drawing.get("gateway", []):
            self._gateway(row)
        self._edges()
        self._untaken()
        return self.record, tuple(map(_line, self.notes))

    def _add(self, id: str, kind: str, name: str) -> Node:
        task = TaskAttributes() if kind == "USER_TASK" else None
        node = Node(id=id, kind=kind, name=name, parent="", default_flow="", task=task)
        self.record.nodes.append(node)
        return node

    def _refuse(self, id: str, text: str) -> None:
        self.record.unsupported.append((id, text))

    def _unless_loose(self, id: str, text: str, note: str) -> None:
        if self.loose:
            self.notes.append(note)
        else:
            self._refuse(id, text)

    def _activity(self, row: Row) -> None:
        id, name = row.get("act_uid", ""), _line(row.get("act_name", ""))
        kind = self.tasks.get(id, {}).get("tas_type", "")
        if row.get("act_type") == "SUB_PROCESS":
            self._sub_process(id, name)
        elif kind in _AUTOMATIC:
            self._add(id, "TASK", name)
            self.notes.append(f"{name or id}: a {kind} does nothing")
        else:
            self._add(id, "USER_TASK", name)
            self._assigned(id, name)

    def _assigned(self, id: str, name: str) -> None:
        way = self.tasks.get(id, {}).get("tas_assign_type", "")
        if way in _SEVERAL:
            self._unless_loose(
                id,
                f"The task {name!r} is given to several people at once",
                f"{name or id}: one task for all, not one for each",
            )
        elif way in _ASSIGNED_OTHERWISE:
            self.notes.append(f"{name or id}: {_ASSIGNED_OTHERWISE[way]}")

    def _sub_process(self, id: str, name: str) -> None:
        row = self.called.get(id, {})
        node = self._add(id, "CALL_ACTIVITY", name)
        called = row.get("pro_uid", "")
        if not called:
            self._refuse(id, f"The sub-process {name!r} names no project")
            return
        node.call = (called.lower(), False, False, BindingRecord())
        node.inputs = [(f"={pair[1]}", pair[2]) for pair in _PAIR.finditer(row.get("sp_variables_out", ""))]
        node.outputs = [(f"={pair[1]}", pair[2]) for pair in _PAIR.finditer(row.get("sp_variables_in", ""))]
        self.notes.append(f"{name or id}: calls the project {called}, which has to be imported, too")
        if row.get("sp_synchronous") != "1":
            self._unless_loose(
                id, f"The sub-process {name!r} is not waited for", f"{name or id}: its project is waited for"
            )

    def _event(self, row: Row) -> None:
        id, name = row.get("evn_uid", ""), _line(row.get("evn_name", ""))
        kind, marker = row.get("evn_type", ""), row.get("evn_marker", "EMPTY")
        shown = name or id
        if kind == "START":
            self._add(id, "START_EVENT", name)
            if marker != "EMPTY":
                self._unless_loose(
                    id,
                    f"A start by {marker} is not supported",
                    f"{shown}: begins when a client says so, not by {marker}",
                )
        elif kind == "END":
            self._add(id, "END_EVENT", name)
            if marker in _TELLING:
                self.notes.append(f"{shown}: nothing is sent ({marker})")
            elif marker != "EMPTY":
                self._refuse(id, f"An end by {marker} is not supported")
        elif kind == "INTERMEDIATE" and row.get("evn_behavior") == "THROW" and marker in (*_TELLING, "EMPTY"):
            self._add(id, "INTERMEDIATE_THROW_EVENT", name)
            self.notes.append(f"{shown}: nothing is sent ({marker})")
        elif kind == "INTERMEDIATE" and marker == "TIMER" and (wait := self._wait(id)):
            self._add(id, "INTERMEDIATE_CATCH_EVENT", name).timing = ("duration", wait)
        else:
            self._add(id, "INTERMEDIATE_THROW_EVENT", name)
            self._refuse(id, f"An event of kind {kind} {marker} is not supported")

    def _wait(self, id: str) -> str:
        """As ISO 8601 has it, empty if a timer waits for something else than some time."""
        row = self.timers.get(id, {})
        days, hours, minutes = (row.get(f"tmrevn_{part}", "") for part in ("day", "hour", "minute"))
        told = all(re.fullmatch("[0-9]{0,6}", part) for part in (days, hours, minutes))
        return f"P{days or 0}DT{hours or 0}H{minutes or 0}M" if told and row.get("tmrevn_option") == "WAIT-FOR" else ""

    def _gateway(self, row: Row) -> None:
        id, name, kind = row.get("gat_uid", ""), _line(row.get("gat_name", "")), row.get("gat_type", "")
        node = self._add(id, _GATEWAYS.get(kind, "EXCLUSIVE_GATEWAY"), name)
        if kind == "COMPLEX" and self.loose:
            self.decided.add(id)
            self.notes.append(f"{name or id}: the variable {variable_of(id)} says the way")
        elif kind not in _GATEWAYS:
            self._refuse(id, f"A gateway of kind {kind} is not supported")
        if (default := row.get("gat_default_flow", "")) in self.flow_ids:
            node.default_flow = default

    def _edges(self) -> None:
        """In the order in which the ways out of an element are tried."""
        nodes = {node.id: node for node in self.record.nodes}
        by_origin = defaultdict[str, list[Row]](list)
        for row in self.flows:
            by_origin[row.get("flo_element_origin", "")].append(row)
        for origin, rows in by_origin.items():
            rows.sort(key=_position)
            node = nodes.get(origin)
            for row in rows:
                id, target = row.get("flo_uid", ""), row.get("flo_element_dest", "")
                if node is None or target not in nodes:
                    continue
                if row.get("flo_type") == "DEFAULT":
                    node.default_flow = id
                choosing = node.kind == "EXCLUSIVE_GATEWAY" and len(rows) > 1 and node.default_flow != id
                self.record.edges.append(Edge(id, origin, target, self._condition(row, origin) if choosing else ""))

    def _condition(self, row: Row, origin: str) -> str:
        """A flow without one is not taken, as at the vendor's."""
        id, text = row.get("flo_uid", ""), row.get("flo_condition", "")
        by_variable = f'{variable_of(origin)} = "{id}"'
        if origin in self.decided:
            return by_variable
        try:
            return of_php(text) if text else "false"
        except NotTranslated as reason:
            note = f"{id}: is taken if {variable_of(origin)} is its id, since {text!r} cannot be read"
            self._unless_loose(id, f"Condition {text!r}: {reason}", note)
            return by_variable

    def _untaken(self) -> None:
        """Gateways that nobody gets beyond, at the vendor's neither."""
        conditions = defaultdict[str, set[str]](set)
        for edge in self.record.edges:
            conditions[edge.source].add(edge.condition)
        for node in self.record.nodes:
            if node.kind == "EXCLUSIVE_GATEWAY" and not node.default_flow and conditions[node.id] == {"false"}:
                self.notes.append(f"{node.name or node.id}: no way out has a condition, so none is taken")


def _line(text: str) -> str:
    return " ".join(text.split())


def _position(row: Row) -> int:
    return whole(row.get("flo_position", ""), 9) or 0
