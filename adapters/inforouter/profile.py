"""What differs between generations of infoRouter, as data. Source: dossier inforouter.md, sections 1.5, 1.7, 1.8 and 5.

`root` decides the root element: `page` (as on the method's page), `measured` (`response`, but `root` for the transfer
family), `root` or `response`. `blank` is what stands behind the number of `[901]` and `[900]`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A generation. `version` is what ServerInfo tells.

    `error_on_success`: every answer says `error=""`. `error_codes`: answers have an `errorCode`. `model_binding`: an
    empty required parameter is HTTP 400 over GET and POST. `steps`: a running workflow tells its steps and tasks.
    `due_range`: STARTDATE and ENDDATE bound the due date of tasks that are due. `full_names`: AssigneeName is the full
    name everywhere. `due_roles`: a document that is due says in which role. `document_tasks`: the child elements of
    GetDocumentTasks. `disjoint_statistics`: the counters of open tasks do not include each other.
    """

    name: str
    version: str
    root: str
    blank: str
    error_on_success: bool = False
    error_codes: bool = False
    model_binding: bool = False
    steps: bool = False
    due_range: bool = False
    full_names: bool = False
    due_roles: bool = False
    document_tasks: str = "WorkflowExecutingTask"
    disjoint_statistics: bool = False


PROFILES = {
    "8.7": Profile("8.7", "8.7.0.0", "page", " "),
    "9.0": Profile(
        "9.0",
        "9.0.0.0",
        "measured",
        "",
        error_on_success=True,
        error_codes=True,
        model_binding=True,
        steps=True,
        due_range=True,
        full_names=True,
        due_roles=True,
        document_tasks="Task",
        disjoint_statistics=True,
    ),
    "8.0": Profile("8.0", "8.0.0.0", "response", " ", error_on_success=True),
}
ROOTS = ("page", "measured", "root", "response")
