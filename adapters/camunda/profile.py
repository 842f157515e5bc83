"""What differs between generations of Camunda 8. Source: dossier camunda.md, sections 2.1 and 5.1."""

from dataclasses import dataclass

_BASE = (
    "userTaskKey", "name", "state", "assignee", "elementId", "elementInstanceKey", "candidateGroups", "candidateUsers",
    "processDefinitionId", "processDefinitionKey", "processDefinitionVersion", "processName", "processInstanceKey",
)  # fmt: skip
_REST = (
    "creationDate", "completionDate", "followUpDate", "dueDate", "tenantId", "externalFormReference", "formKey",
    "customHeaders", "priority",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """`task_members` are emitted in this order; `process_operators` says that filters on process ids take operators."""

    name: str
    task_members: tuple[str, ...]
    bad_page: str
    process_operators: bool
    forbidden_names_task: bool
    overload_status: int = 503


_PAGE_89 = "At least one of [from, after, before, limit] is required."
_PAGE_810 = "Request property [page] cannot be parsed"

PROFILES: dict[str, Profile] = {
    "8.9": Profile("8.9", (*_BASE, "rootProcessInstanceKey", *_REST, "tags"), _PAGE_89, False, True),
    "8.8": Profile("8.8", (*_BASE, *_REST), _PAGE_89, False, False),
    "8.10": Profile(
        "8.10", (*_BASE, "rootProcessInstanceKey", "businessId", *_REST, "tags"), _PAGE_810, True, True
    ),
}
