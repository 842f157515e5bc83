"""Call activities: instances that others run."""

from typing import TYPE_CHECKING

from core.flow import mappings
from core.flow.graph import Call, Element
from core.ids import new_uid
from core.rejections import ExecutionFailed
from core.storage.records import Definition, ElementInstance, Instance, Process
from core.types import ElementState, InstanceState, ProcessStatus

if TYPE_CHECKING:
    from core.flow.run import Run

#: how many instances may run each other inside of one command
MAX_DEPTH = 30


def _called(run: "Run", element: Element, call: Call) -> Definition:
    ws, tenant = run.ctx.ws, run.instance.tenant_key
    for process in ws.find(Process, "process_id", call.process_id):
        if process.tenant_key == tenant and process.status == ProcessStatus.ACTIVE:
            found = ws.find(Definition, "process_key", process.key)
            versions = [d for d in found if d.status == ProcessStatus.ACTIVE]
            if versions:
                return max(versions, key=lambda d: d.version)
    raise ExecutionFailed(element.id, f"there is no process '{call.process_id}' to call")


def enter(run: "Run", element: Element, entered: ElementInstance) -> None:
    """Start an instance of the called process; the element waits for its end."""
    from core.flow.run import Run

    call = element.call
    assert isinstance(call, Call), "the graph was checked"
    if run.depth >= MAX_DEPTH:
        raise ExecutionFailed(element.id, f"processes call each other more than {MAX_DEPTH} deep")
    definition, outer, ctx = _called(run, element, call), run.instance, run.ctx
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
    ctx.ws.add(instance)
    after = {"state": instance.state, "process": definition.process_id, "version": definition.version}
    ctx.emit("instance.started", "instance", instance.key, instance_key=instance.key, after=after)
    inner = Run(ctx, ctx.definitions[definition.key], instance)
    inner.caller, inner.depth, inner.started = run, run.depth + 1, run.started
    inner.assignee, inner.assigned_by, inner.task_ext = run.assignee, run.assigned_by, run.task_ext
    variables = run.variables(entered.key) if call.gives_all else run.local(entered.key)
    if variables:
        inner.put(instance.key, variables)
    inner.start()


def give_back(inner: "Run") -> None:
    """The called instance has ended: its variables go to the caller, which goes on."""
    instance, outer = inner.instance, inner.outer()
    assert outer is not None, "it was called"
    entered = outer.scope(instance.parent_element_key)
    if outer.instance.state != InstanceState.ACTIVE or entered.state != ElementState.ACTIVE:
        return
    element = outer.known.program.elements[entered.element_id]
    call = element.call
    assert isinstance(call, Call), "the graph was checked"
    variables = inner.local(instance.key)
    if call.returns_all or element.outputs:
        mappings.result(outer, element, entered, variables)
    outer.later(element, entered)
    if inner.caller is None:
        outer.settle()
