"""What has to be done before a task can be completed. Source: dossier inforouter.md, section 3.7, TestTaskCompletion.

Documents are a registry here: nobody can read or edit one through this gateway, so requirements to read, edit, archive
or review it count as met. Comments, an approval decision and the state of the check-out are known and are asked for.
"""

from adapters.inforouter import work
from adapters.inforouter.auth import Call
from core.principal import Principal
from core.task.queries import TaskDetail
from core.types import TaskState

PREFIX = "This task cannot be completed."


def unmet(call: Call, who: Principal, detail: TaskDetail, *, comment: str | None, completing: bool) -> str:
    """The text of the first requirement that is not met, empty if the task can be completed.

    `comment` is what comes with the completion; None leaves comments out of the question. An approval is only demanded
    by the completion itself.
    """
    task, kept = detail.task, work.kept(detail.task)
    if task.state != TaskState.CREATED:
        return f"{PREFIX} {_STATES.get(TaskState(task.state), 'The task is being changed by somebody else.')}"
    names = {r["name"] for r in kept.get("requirements", ())}
    has_comment = bool((comment or "").strip()) or detail.comment is not None
    if "Comments" in names and comment is not None and not has_comment:
        return f"{PREFIX} You did not enter comments."
    if completing and "Approval" in names and not kept.get("approval"):
        return f"{PREFIX} You did not approve or reject the document."
    span = kept.get("start_span", 0)
    if span and task.due_at is not None and call.now < task.due_at - span * 3_600_000:
        return f"{PREFIX} It is too early."
    view = detail.document
    if view is not None and view.document.checked_out_by == who.username:
        return f"{PREFIX} The document is checked out by you."
    return ""


_STATES = {
    TaskState.PLANNED: "The task has not been started.",
    TaskState.COMPLETED: "The task is already completed.",
    TaskState.CANCELED: "The task is no longer active.",
}
