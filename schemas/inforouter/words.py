"""The enumerations of infoRouter, odd spellings included. Source: dossier inforouter.md, section 1.10."""

from schemas.common.numbers import whole

#: number -> name
TASK_STATUS = {
    -2: "Reassigned",
    -1: "Dropped",
    0: "NotStarted",
    10: "InProgress",
    20: "DueDateChanged",
    30: "Completed",
}
PRIORITY = {0: "NoPriortySetting", 1: "Low", 5: "Normal", 10: "High", 11: "Urgent"}
#: the spelling of two of the vendor's tables
PRIORITY_ALIASES = {"nopriority": 0}
APPROVAL = {0: "NoResult", 5: "Rejected", 6: "Approved"}
RIGHT_TYPE = {
    0: ("NOACCESS", "No Access"),
    1: ("LIST", "List"),
    2: ("READ", "Read Only"),
    3: ("ADD", "Add"),
    4: ("ADDREAD", "Add and Read"),
    5: ("CHANGE", "Change"),
    6: ("FULLCONTROL", "Full Control"),
}
PERMISSIONS = ("EditDocument", "ChangeFinishdate", "Postpone", "ChangePriority", "EditNextStep", "EditAllSteps")
#: the last six numbers are guesses of the dossier
REQUIREMENTS = {
    "NoRequirement": 0,
    "Sign": 1,
    "Edit": 2,
    "LastestVersionRead": 4,
    "PublishedVersionRead": 8,
    "Comments": 16,
    "Approval": 32,
    "ISOReview": 64,
    "SOXReview": 128,
    "Dispose": 256,
    "Archive": 512,
    "Downgrade": 1024,
    "Declassify": 2048,
    "Transfer": 4096,
    "Attachment": 8192,
    "FormTemplate": 16384,
    "MetaData": 32768,
    "ReproptPassword": 65536,
}
COMPLETION_STATUS = (
    "NoCompletionStatus",
    "Due",
    "OverDue",
    "Completed",
    "NotStarted",
    "Reassigned",
    "Dropped",
    "Archived",
)
TASK_SORT = (
    "DefaultSort",
    "DocumentID",
    "Instruction",
    "DateAssigned",
    "RecurringEndBy",
    "DueDate",
    "ReminderDate",
    "Priority",
    "TaskStatus",
    "FinishDate",
    "Assignee",
    "AssignedBy",
    "WorkflowName",
    "DocTypeName",
    "DocumentLibrary",
    "DocumentName",
    "SuperVisor",
)
DOCUMENT_OWNER = -1
SPECIAL_ROLES = {DOCUMENT_OWNER: "DocumentOwner"}
#: how many of the assignees have to complete a task
ALL_OF_THEM, ANY_ONE, PICKED_ONE = 0, 2, 1

_LOWER_PRIORITY = {name.lower(): number for number, name in PRIORITY.items()} | PRIORITY_ALIASES
_LOWER_REQUIREMENT = {name.lower(): name for name in REQUIREMENTS}
_LOWER_RIGHT = {name.lower(): number for number, (name, _) in RIGHT_TYPE.items()}
_BY_NUMBER = {number: name for name, number in REQUIREMENTS.items()}


def priority_number(text: str) -> int | None:
    """By name or number; None for what is neither."""
    text = text.strip()
    number = whole(text)
    return _LOWER_PRIORITY.get(text.lower()) if number is None else number if number in PRIORITY else None


def requirement_name(text: str) -> str | None:
    text = text.strip()
    number = whole(text)
    return _LOWER_REQUIREMENT.get(text.lower()) if number is None else _BY_NUMBER.get(number)


def right_number(text: str) -> int | None:
    text = text.strip()
    number = whole(text)
    return _LOWER_RIGHT.get(text.lower()) if number is None else number if number in RIGHT_TYPE else None
