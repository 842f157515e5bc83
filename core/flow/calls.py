"""Call activities: instances that others run."""

from dataclasses import replace
from typing import Any

from core.flow import mappings
from core.flow.beginning import add_instance
from core.flow.plans import version_of
from core.flow.state import State
from core.graph.elements import Call, Element
from core.graph.expressions import ExpressionError, attribute
from core.ids import new_uid
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance
from core.tables.process import Definition
from core.turn.workingset import Unplanned
from core.types import ElementState, InstanceState, Trouble

#: how many instances may run each other inside of one command
MAX_DEPTH = 30


def call_of(element: Element) -> Call:
    assert isinstance(element.call, Call), "the graph was checked"
    return element.call


def _meant(run: State, element: Element, entered: ElementInstance) -> Call:
    """The call with the id that its expression comes to."""
    call = call_of(element)
    if not call.process_id.startswith("="):
        return call
    try:
        variables = run.variables(entered.key)
        process_id = attribute(call.process_id, variables, run.ctx.now, run.ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element.id, str(error)) from error
    if not isinstance(process_id, str) or not process_id:
        raise ExecutionFailed(element.id, "the id of a called process is no text")
    if process_id not in run.ctx.ws.called:
        run.ctx.ws.called.add(process_id)
        raise Unplanned(process_id)
    return replace(call, process_id=process_id)


def _called(run: State, element: Element, call: Call) -> Definition:
    version = version_of(run.ctx.ws, call, run.known.definition)
    if version is None:
        raise ExecutionFailed(element.id, f"there is no process '{call.process_id}' to call", Trouble.CALL)
    return version


def begin(run: State, element: Element, entered: ElementInstance) -> Instance:
    """Make an instance of the called process; the element waits for its end."""
    if run.depth >= MAX_DEPTH:
        raise ExecutionFailed(element.id, f"processes call each other more than {MAX_DEPTH} deep", Trouble.EFFORT)
    definition, outer, ctx = _called(run, element, _meant(run, element, entered)), run.instance, run.ctx
    instance = Instance(
        key=ctx.key(),
        uid=new_uid(),
        number=ctx.number("instance"),
        tenant_key=outer.tenant_key,
        process_key=definition.process_key,
        definition_key=definition.key,
        title=definition.name,
        document_key=outer.document_key,
        creator_key=outer.creator_key,
        creator=outer.creator,
        created_at=ctx.now,
        changed_at=ctx.now,
        tags=outer.tags,
        business_id=outer.business_id,
        parent_key=outer.key,
        parent_element_key=entered.key,
        root_key=outer.root_key or outer.key,
    )
    add_instance(ctx, instance, definition)
    return instance


def given(run: State, element: Element, entered: ElementInstance) -> dict[str, Any]:
    """The variables that the called instance begins with."""
    return run.variables(entered.key) if call_of(element).gives_all else run.local(entered.key)


def give_back(inner: State, outer: State, entered: ElementInstance) -> Element | None:
    """The called instance has ended: its variables go to the caller. Returns the element behind which that goes on."""
    if outer.instance.state != InstanceState.ACTIVE or entered.state != ElementState.ACTIVE:
        return None
    element = outer.known.program.elements[entered.element_id]
    variables = inner.local(inner.instance.key)
    if call_of(element).returns_all or element.outputs:
        mappings.result(outer, element, entered, variables)
    return element
