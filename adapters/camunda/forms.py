"""Forms: which version belongs to a task, and what one is on the wire. Source: dossier camunda.md, section 2.9."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, Call, reply
from adapters.common.http import Raw
from core.graph.elements import Binding, BindingKind
from core.process.queries import Bound, BoundResources
from core.tables.process import Definition, Resource
from core.tables.task import Task
from core.task.queries import TaskView
from core.turn.known import KnownDefinition
from core.types import ResourceKind
from schemas.bpmn.reader import form_in
from schemas.common import charsets

NO_FORMS: Mapping[int, Resource] = {}
#: characters of a document in which it says its encoding
_DECLARATION = 400


def _bound(form_id: str, binding: Binding, definition: Definition, at: int) -> Bound:
    """What is not bound is the newest one `at` a moment."""
    if binding.kind is BindingKind.VERSION_TAG:
        return Bound(form_id, version_tag=binding.version_tag)
    return Bound(form_id, definition.created_at if binding.kind is BindingKind.DEPLOYMENT else at)


def _of_task(task: Task, known: KnownDefinition) -> Bound:
    """A task has the form that there was when it was made."""
    template = known.program.elements[task.element_id].task
    binding = template.form_binding if template is not None else Binding()
    return _bound(task.form_id, binding, known.definition, task.created_at)


async def forms_of(call: Call, views: Iterable[TaskView]) -> Mapping[int, Resource]:
    """The forms of tasks, by the keys of these."""
    bound = {view.task.key: _of_task(view.task, view.known) for view in views if view.task.form_id}
    if not bound:
        return NO_FORMS
    rows = await call.ask(BoundResources(ResourceKind.FORM, tuple(set(bound.values()))))
    return {key: rows[wanted] for key, wanted in bound.items() if wanted in rows}


async def form_of(call: Call, task: Task, known: KnownDefinition) -> Resource | None:
    return await _one(call, _of_task(task, known)) if task.form_id else None


async def start_form_of(call: Call, known: KnownDefinition) -> Resource | None:
    """What an instance that is started now begins with."""
    program = known.program
    if not program.start_form:
        return None
    return await _one(call, _bound(program.start_form, program.start_binding, known.definition, 0))


async def _one(call: Call, wanted: Bound) -> Resource | None:
    return (await call.ask(BoundResources(ResourceKind.FORM, (wanted,)))).get(wanted)


def document_of(text: str) -> bytes:
    """A file as it was deployed."""
    codec, _ = charsets.of_document(text[:_DECLARATION].encode())
    return text.encode(codec, "xmlcharrefreplace")


async def embedded_form(call: Call, definition: Definition, form_id: str) -> str | None:
    """A form that is inside of the process itself."""
    text = definition.resource
    if "userTaskForm" not in text:
        return None
    return await call.mount.engine.in_thread(lambda: form_in(document_of(text), definition.process_id, form_id))


def form_reply(form: Resource | None) -> Response:
    """204 if there is none."""
    return Raw(204) if form is None else reply(form_record(form))


def form_record(form: Resource) -> dict[str, Any]:
    shown = {"tenantId": DEFAULT_TENANT, "formId": form.resource_id, "schema": form.content}
    return {**shown, "version": form.version, "formKey": str(form.key)}
