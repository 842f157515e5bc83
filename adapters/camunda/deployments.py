"""Deployments. Source: dossier camunda.md, section 3.4."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import DEFAULT_TENANT, Call, Endpoints, check_tenant, reply
from adapters.camunda.errors import Problem, UnsupportedMediaType, media_type
from adapters.camunda.models import read_decisions, read_model
from adapters.common.http import header, max_fields, read_body
from adapters.common.multipart import BadMultipart, read_multipart
from core.decision.commands import NewRequirements
from core.graph.dmn.model import Requirements
from core.process.commands import Deploy, DeployProcess, NewResource
from core.turn.command import Deployed, DeployedAll, StoredRequirements, StoredResource
from core.types import ResourceKind
from schemas.bpmn.reader import BadBpmn, is_bpmn
from schemas.camunda.body import BadRequest
from schemas.camunda.deployment import BadResource, read_form
from schemas.common import charsets

endpoints = Endpoints()

MAX_FILES = 1000
#: bytes of a body, as the vendor's server takes them
MAX_DEPLOYMENT = 10 * 1024 * 1024
_ERRORS = "Expected to deploy new resources, but encountered the following errors:"
#: what an entry of the answer can hold
_ENTRY = ("processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource")


@dataclass(slots=True)
class _Plan:
    """What the files come to: commands, and the entries of the answer with where their outcome is."""

    processes: list[DeployProcess] = field(default_factory=list)
    resources: list[NewResource] = field(default_factory=list)
    requirements: list[NewRequirements] = field(default_factory=list)
    entries: list[tuple[str, int]] = field(default_factory=list)

    def add(self, kind: str, resource: NewResource) -> None:
        self.entries.append((kind, len(self.resources)))
        self.resources.append(resource)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    content: bytes


async def _form(call: Call) -> FormData:
    content_type = header(call.request, b"content-type")
    call.request.scope["dragoman.max_body"] = int(call.mount.options.get("max_deployment", MAX_DEPLOYMENT))
    body = await read_body(call.request)
    if media_type(content_type) != "multipart/form-data":
        raise UnsupportedMediaType(content_type, "multipart/form-data")

    try:
        charset = charsets.of_media_type(content_type)
        return await read_multipart(
            body, content_type, max_fields=max_fields(call.request), max_files=MAX_FILES, charset=charset
        )
    except (BadMultipart, charsets.UnknownCharset):
        raise BadRequest("Failed to parse multipart servlet request") from None


async def _files(form: FormData) -> list[_File]:
    parts = [part for part in form.getlist("resources") if isinstance(part, UploadFile)]
    if not parts:
        raise BadRequest("Required part 'resources' is not present.")
    return [_File(part.filename or "", await part.read()) for part in parts]


def _refused(problems: list[str]) -> Problem:
    reason = "\n".join((_ERRORS, *problems, ""))
    return Problem(400, "INVALID_ARGUMENT", f"Command 'CREATE' rejected with code 'INVALID_ARGUMENT': {reason}")


def _text(file: _File) -> str:
    """Of a file that need not be XML."""
    try:
        return file.content.decode()
    except UnicodeDecodeError:
        raise BadResource("the file is not UTF-8") from None


def _xml(file: _File) -> str:
    """Of a file that has been parsed, in the encoding that it says."""
    codec, start = charsets.of_document(file.content)
    return file.content[start:].decode(codec)


def _plan(files: list[_File]) -> _Plan:
    """Raises Problem that names all that is wrong."""
    plan, problems = _Plan(), list[str]()
    homes: dict[str, str] = {}
    for file in files:
        try:
            _add(plan, file, homes, problems)
        except (BadBpmn, BadResource) as error:
            problems.append(f"'{file.name}': {error}")
    if problems:
        raise _refused(problems)
    return plan


def _add(plan: _Plan, file: _File, homes: dict[str, str], problems: list[str]) -> None:
    kind = file.name.rpartition(".")[2].lower()
    if kind == "bpmn" or (kind == "xml" and is_bpmn(file.content)):
        processes, refusals = read_model(file.content)
        for record, compiled in processes:
            if record.id in homes:
                problems.append(f"Duplicated process id in resources '{homes[record.id]}' and '{file.name}'")
                continue
            homes[record.id] = file.name
            plan.entries.append(("processDefinition", len(plan.processes)))
            plan.processes.append(DeployProcess(compiled, file.name, _xml(file), record.version_tag))
        if refusals:
            lines = [f"- Element: {element}\n    - ERROR: {text}" for element, text in refusals]
            problems.append(f"'{file.name}': " + "\n".join(lines))
    elif kind == "form":
        plan.add("form", NewResource(ResourceKind.FORM, read_form(file.content), file.name, _text(file)))
    elif kind == "dmn":
        graph = read_decisions(file.content)
        twice = _twice(plan, graph, file.name)
        if twice:
            problems.append(twice)
            return
        plan.entries.append(("decisionRequirements", len(plan.requirements)))
        plan.requirements.append(NewRequirements(graph, file.name, _xml(file)))
    else:
        plan.add("resource", NewResource(ResourceKind.FILE, file.name, file.name, _text(file)))


def _twice(plan: _Plan, graph: Requirements, name: str) -> str:
    """What is said of requirements and decisions that an earlier file has, too; empty if there are none."""
    ids = {decision.id for decision in graph.decisions}
    for new in plan.requirements:
        both = [("decision requirements", graph.id)] if new.graph.id == graph.id else []
        both += [("decision", decision.id) for decision in new.graph.decisions if decision.id in ids]
        for what, id in both:
            return (
                f"Expected the {what} ids to be unique within a deployment but found a duplicated id '{id}' in the "
                f"resources '{new.name}' and '{name}'."
            )
    return ""


def _shown(plan: _Plan, done: DeployedAll) -> list[dict[str, Any]]:
    entries: list[tuple[str, dict[str, Any]]] = []
    for kind, index in plan.entries:
        if kind == "processDefinition":
            entries.append((kind, _process(plan.processes[index], done.processes[index])))
        elif kind == "decisionRequirements":
            entries += _decisions(plan.requirements[index], done.requirements[index])
        else:
            entries.append((kind, _resource(kind, plan.resources[index], done.resources[index])))
    return [{name: value if name == kind else None for name in _ENTRY} for kind, value in entries]


def _decisions(wanted: NewRequirements, rows: StoredRequirements) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those of a file, and the requirements that they are a part of."""
    graph = wanted.graph
    whole = {"decisionRequirementsId": graph.id, "decisionRequirementsKey": str(rows.key)}
    for decision, row in zip(graph.decisions, rows.decisions, strict=True):
        members = {"version": row.version, "tenantId": DEFAULT_TENANT, "decisionDefinitionId": decision.id}
        named = {"name": decision.name, "decisionDefinitionKey": str(row.key)}
        yield "decisionDefinition", {**members, **named, **whole}
    members = {"version": rows.version, "tenantId": DEFAULT_TENANT, "resourceName": wanted.name}
    yield "decisionRequirements", {**members, **whole, "decisionRequirementsName": graph.name}


def _process(wanted: DeployProcess, row: Deployed) -> dict[str, Any]:
    return {
        "processDefinitionId": wanted.graph.id,
        "processDefinitionVersion": row.version,
        "resourceName": wanted.resource_name,
        "tenantId": DEFAULT_TENANT,
        "processDefinitionKey": str(row.definition_key),
    }


def _resource(kind: str, wanted: NewResource, row: StoredResource) -> dict[str, Any]:
    members: dict[str, Any] = {"version": row.version, "tenantId": DEFAULT_TENANT}
    if kind == "form":
        return {**members, "formId": wanted.resource_id, "resourceName": wanted.name, "formKey": str(row.key)}
    named = {"resourceId": wanted.resource_id, "resourceName": wanted.name}
    return {**members, **named, "resourceKey": str(row.key)}


@endpoints("createDeployment", "POST", "/deployments", (200, 400, 401, 403, 405, 406, 413, 415, 500, 503))
async def deploy(call: Call) -> Response:
    """All files or none; what is not supported is refused, element by element."""
    call.means(errors.DEPLOY)
    form = await _form(call)
    try:
        files, tenant = await _files(form), form.get("tenantId")
    finally:
        await form.close()
    check_tenant(tenant if isinstance(tenant, str) else None, "Deploy Resources")
    plan = await call.mount.engine.in_thread(_plan, files)
    done = await call.do(Deploy(tuple(plan.processes), tuple(plan.resources), tuple(plan.requirements)))
    return reply({"deploymentKey": str(done.key), "tenantId": DEFAULT_TENANT, "deployments": _shown(plan, done)})
