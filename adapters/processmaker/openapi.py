"""A description of the API as it is served, for tools that read OpenAPI."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from adapters.common import openapi as common
from adapters.common.dialect import Operation
from adapters.common.openapi import Content, Described, Head, content
from adapters.processmaker import errors
from adapters.processmaker.calls import Endpoint
from adapters.processmaker.profile import PROFILES, Profile
from adapters.processmaker.shapes import ANSWERS, BODIES, DAYS, DEEP, QUERIES, WITH_FILES
from schemas.common.samples import Samples
from schemas.common.shapes import Schema, array, ref
from schemas.processmaker.contract import EMPTY, ID, TEXT, case_page, components, grid_page, note_page, page
from schemas.processmaker.samples import VALUES
from schemas.processmaker.tokens import SCOPES

TITLE = "Dragoman: ProcessMaker 3 dialect"
DESCRIPTION = (
    "Names in paths may have any case, and most resources have a second address. Members of a body may also be sent in "
    "the query; what is in the body counts. With `suppress_response_codes=true` in the query the status is always 200. "
    "The addresses for tokens name the workspace `workflow`; each workspace has its own."
)
JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"

#: what is in a path -> tag; the first that fits counts
TAGS: Mapping[str, str] = {
    "/oauth2/": "OAuth 2",
    "/light/": "Mobile",
    "/adhoc-": "Ad hoc assignees",
    "assignee": "Assignees",
    "/activity/": "Activities",
    "/project": "Projects",
    "/case": "Cases",
    "/group": "Groups",
    "/role": "Roles",
    "/user": "Users",
}
#: what the names of operations leave open; the address that has `/paged` says so besides
SUMMARIES: Mapping[str, str] = {
    "token": "Get a token",
    "tokenUnderApi": "Get a token",
    "authorize": "Ask a user for access",
    "login": "Log in and allow access, or deny it",
    **{
        f"{verb}{name}": summary.format(kind)
        for name, kind in (("AdhocAssignees", "ad hoc assignee"), ("Assignees", "assignee"))
        for verb, summary in (
            ("list", "List the {}s of an activity"),
            ("page", "List the {}s of an activity"),
            ("listAvailable", "List who could become {} of an activity"),
            ("pageAvailable", "List who could become {} of an activity"),
            ("listAll", "List the {}s of an activity with the members of groups"),
            ("get", "Get one {} of an activity"),
            ("add", "Make a user or a group an {} of an activity"),
            ("remove", "Remove an {} of an activity"),
        )
    },
    "listStartingTasks": "List tasks with which a case can start",
    "listStartingTasksOfUser": "List tasks with which a user can start a case",
    "listProjectUsers": "List users who are assigned in a project",
    "listSteps": "List forms and documents of an activity",
    "getDynaform": "Get a form of a project",
    "importProject": "Import a project from a file",
    "listCases": "List cases in the inbox",
    "listUnassignedCases": "List cases that may be claimed",
    "listParticipatedCases": "List cases in which the caller took part",
    "listStartCases": "List what the caller can start",
    "impersonateCase": "Start a case for somebody else",
    "routeCase": "Pass a case on to the next task",
    "reassignCaseByPost": "Reassign case",
    "getCurrentTask": "Get the task of the caller in a case",
    "listGroupUsers": "List users of a group",
    "listGroupAvailableUsers": "List users who are not in a group",
    "listGroupSupervisorUsers": "List users of a group who may supervise",
    "addGroupUser": "Add a user to a group",
    "removeGroupUser": "Take a user from a group",
    "listRoleUsers": "List users who have a role",
    "listRoleAvailableUsers": "List users who do not have a role",
    "listRolePermissions": "List permissions of a role",
    "addRoleUser": "Give a user a role",
    "removeRoleUser": "Take a role from a user",
    "getVariable": "Get one variable of a case",
    "createVariable": "Add a variable to a case, or rows to a grid",
    "updateVariable": "Change a variable of a case, or rows of a grid",
    "deleteVariable": "Delete a variable of a case, or rows of a grid",
    "listInputDocuments": "List files that were put to a case",
    "getInputDocument": "Get a file of a case",
    "downloadInputDocument": "Download a file of a case",
    "addInputDocument": "Put a file to a case",
    "removeInputDocument": "Take a file from a case",
    "listOutputDocuments": "List documents that were made in a case",
    "getOutputDocument": "Get a document that was made in a case",
    "downloadOutputDocument": "Download a document that was made in a case",
    "removeOutputDocument": "Delete a document that was made in a case",
    "generateOutputDocument": "Make a document in a case",
    "uploadUserImage": "Set the picture of a user",
    "executeTrigger": "Execute a trigger",
    "lightCounters": "Count the cases of the caller",
    "lightUser": "Get the caller",
    "lightTodo": "List cases in the inbox",
    "lightDraft": "List draft cases",
    "lightPaused": "List paused cases",
    "lightUnassigned": "List cases that may be claimed",
    "lightParticipated": "List cases in which the caller took part",
    "lightStartCases": "List what the caller can start",
    "lightUsersToReassign": "List to whom a task may be reassigned",
    **{
        f"light{name}": summary
        for name, summary in (
            ("StartCase", "Start case"),
            ("Reassign", "Reassign case"),
            ("Claim", "Claim case"),
            ("Unpause", "Unpause case"),
            ("Cancel", "Cancel case"),
            ("Pause", "Pause case"),
            ("Route", "Pass a case on to the next task"),
            ("Notes", "List notes of a case"),
            ("AddNote", "Add a note to a case"),
            ("CheckTodo", "Tell which cases are not in the inbox any more"),
            ("CheckDraft", "Tell which cases are no drafts any more"),
            ("CheckUnassigned", "Tell which cases may not be claimed any more"),
            ("Variables", "Get variables"),
            ("SetVariables", "Set variables"),
        )
    },
}


def describe(
    endpoints: Sequence[Endpoint], open_operations: Sequence[Operation], profile: str, server: str
) -> dict[str, Any]:
    """`open_operations` are those about tokens, which lie beside the others."""
    chosen = PROFILES[profile]
    schemas = components()
    writer = _Writer(schemas, chosen)
    served = [e.operation for e in endpoints if not e.profile or getattr(chosen, e.profile)]
    head = Head(TITLE, profile, server, DESCRIPTION, _schemes(f"{server.rstrip('/')}/{VALUES['workspace']}/oauth2"))
    described = map(writer.described, (*open_operations, *served))
    return common.document(head, described, schemas, common.refusals("Error", ref("Error"), JSON, _replies()))


def _schemes(base: str) -> Mapping[str, Any]:
    token, page = {"tokenUrl": f"{base}/token", "scopes": SCOPES}, {"authorizationUrl": f"{base}/authorize"}
    again = {**token, "refreshUrl": f"{base}/token"}
    flows = {
        "password": again,
        "clientCredentials": token,
        "authorizationCode": {**page, **again},
        "implicit": {**page, "scopes": SCOPES},
    }
    return {
        "oauth2": {"type": "oauth2", "flows": flows},
        "query": {"type": "apiKey", "in": "query", "name": "access_token"},
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "The id and the secret of an OAuth client; they may stand in the body, too.",
        },
    }


def _replies() -> Iterator[Response]:
    texts = {
        400: "This row does not exist!",
        403: errors.FORBIDDEN,
        406: errors.NOT_ACCEPTABLE,
        503: errors.UPGRADING,
    }
    return (errors.reply(status, texts.get(status, "")) for status in errors.PHRASES)


#: what in a path is no id
_IN_PATHS: Mapping[str, Schema] = {
    **dict.fromkeys(("workspace", "token", "var_name"), TEXT),
    "del_index": {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"},
}


class _Writer:
    def __init__(self, schemas: Mapping[str, Schema], profile: Profile) -> None:
        self._samples = Samples(schemas, VALUES)
        self._profile = profile
        self._seen: dict[str, str] = {}

    def described(self, operation: Operation) -> Described:
        name, path = operation.name, operation.path
        paged = path.endswith("/paged")
        answers: dict[int, Content | str] = {s: f"Error{s}" for s in operation.statuses if s >= 400}
        answers |= {s: self._answer(name, paged) for s in operation.statuses if s < 300}
        if "/oauth2/" in path:
            # what is wrong with the workspace or with the body is told as everywhere
            answers[400] = self._json({"anyOf": [ref("OAuthError"), ref("Error")]})
        first = self._seen.setdefault(f"{name}{paged}", path)
        return Described(
            operation=operation,
            tag=next(tag for part, tag in TAGS.items() if part in path),
            summary=SUMMARIES.get(name, common.words(name)) + (", page by page" if paged else ""),
            answers=answers,
            parameters=self._parameters(operation),
            body=self._body(name),
            security=_security(name),
            description="" if first == path else f"The same as `{first}`.",
        )

    def _json(self, schema: Schema, *media_types: str) -> Content:
        return content(schema, JSON, *media_types, example=self._samples.of(schema))

    @staticmethod
    def _parameters(operation: Operation) -> list[dict[str, Any]]:
        parameters = []
        for name in common.path_names(operation):
            parameters.append(common.in_path(name, _IN_PATHS.get(name, ID), VALUES[name]))
        return parameters + [common.in_query(*query) for query in QUERIES.get(operation.name, {}).items()]

    def _body(self, name: str) -> dict[str, Any] | None:
        shape = BODIES.get(name)
        if shape is None:
            return None
        if shape in WITH_FILES:
            return common.body(content(ref(shape), MULTIPART), required=True)
        required, shape = not shape.endswith("?"), shape.rstrip("?")
        if shape == "Login":
            example = self._samples.of(ref(shape))
            return common.body(content(ref(shape), FORM, example=example), required=required)
        schema = array(ref(shape[:-2])) if shape.endswith("[]") else ref(shape)
        forms = () if shape.removesuffix("[]") in DEEP else (FORM, MULTIPART) if shape == "TokenRequest" else (FORM,)
        return common.body(self._json(schema, *forms), required=required)

    def _answer(self, name: str, paged: bool) -> Content:
        if name in ("authorize", "login"):
            return content(TEXT, "text/html")
        if name in ("listOutputDocuments", "getOutputDocument"):
            return content(EMPTY, JSON, example=[])
        if name == "downloadInputDocument":
            return content({}, "application/octet-stream")
        if name == "reassignCases":
            return content({**TEXT, "contentMediaType": JSON}, JSON, example=VALUES["Reassigned"])
        shape = self._ad_hoc(name) or ANSWERS.get(name)
        if shape is None:
            return {}
        if paged or name.startswith("page"):
            return self._json(_page(name, ref(shape.removesuffix("[]"))))
        schemas = [array(ref(s[:-2])) if s.endswith("[]") else ref(s) for s in shape.split("|")]
        return self._json(schemas[0] if len(schemas) == 1 else {"anyOf": schemas})

    def _ad_hoc(self, name: str) -> str | None:
        """Where profiles differ."""
        if name == "listAllAdhocAssignees":
            return f"{self._profile.all_prefix.capitalize()}Assignee[]"
        if name == "getAdhocAssignees":
            return "AdaAssignee|AdaAssignee[]" if self._profile.group_in_array else "AdaAssignee"
        return None


def _page(name: str, item: Schema) -> Schema:
    if name == "getVariable":
        return grid_page()
    if name == "listNotes":
        return note_page(item)
    if name == "searchCases":
        return case_page(item, "app_status", *DAYS)
    return case_page(item) if "Cases" in name else page(item)


def _security(name: str) -> list[Mapping[str, Sequence[str]]]:
    if name in ("token", "tokenUnderApi"):
        return [{}, {"client": []}]
    return [] if name in ("authorize", "login") else [{"oauth2": []}, {"query": []}]
