"""What differs between generations of Camunda 8. Source: dossier camunda.md, sections 2.1 and 5.1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """
    has_root            tasks have `rootProcessInstanceKey` and `tags`
    has_business_id     tasks have `businessId`
    bad_page            the complaint about a page object that is none
    process_operators   filters on process ids take operators
    forbidden_names_task  a 403 names the task's own permission too
    unreadable_names_all  a refused read names all permissions that would do, and not only the first
    lacks               operations that there are not
    """

    name: str
    has_root: bool
    has_business_id: bool
    bad_page: str
    process_operators: bool
    forbidden_names_task: bool
    unreadable_names_all: bool = False
    overload_status: int = 503
    lacks: frozenset[str] = frozenset()


_PAGE_89 = "At least one of [from, after, before, limit] is required."
_PAGE_810 = "Request property [page] cannot be parsed"

_SINCE_89 = frozenset(
    {
        *("searchUserTaskAuditLogs", "searchElementInstanceIncidents", "resolveProcessInstanceIncidents"),
        *("getProcessInstanceStatisticsByError", "getProcessInstanceStatisticsByDefinition"),
    }
)
_SINCE_810 = frozenset({"searchOwnAuthorizations", "getForm"})
#: the old API of tasks is gone in 8.10
_TASKLIST = frozenset(
    f"{verb}Tasklist{what}"
    for verb, what in (
        *(("search", "Tasks"), ("search", "Variables"), ("save", "Drafts"), ("get", "Variable"), ("get", "Task")),
        *(("assign", "Task"), ("unassign", "Task"), ("complete", "Task"), ("get", "Form")),
    )
)

PROFILES: dict[str, Profile] = {
    "8.9": Profile(
        name="8.9",
        has_root=True,
        has_business_id=False,
        bad_page=_PAGE_89,
        process_operators=False,
        forbidden_names_task=True,
        lacks=_SINCE_810,
    ),
    "8.8": Profile(
        name="8.8",
        has_root=False,
        has_business_id=False,
        bad_page=_PAGE_89,
        process_operators=False,
        forbidden_names_task=False,
        lacks=_SINCE_89 | _SINCE_810,
    ),
    "8.10": Profile(
        name="8.10",
        has_root=True,
        has_business_id=True,
        bad_page=_PAGE_810,
        process_operators=True,
        forbidden_names_task=True,
        unreadable_names_all=True,
        lacks=_TASKLIST,
    ),
}
