"""The words of the engine: states and kinds, stored as text under their value.

A dialect that spells a word in the same way may show it as it is; any other one maps it.
"""

from enum import StrEnum


class TaskState(StrEnum):
    """PLANNED is a task of an element that no token has reached yet, or one that was put back; nobody sees it who does
    not ask for it."""

    PLANNED = "PLANNED"
    CREATING = "CREATING"
    CREATED = "CREATED"
    ASSIGNING = "ASSIGNING"
    UPDATING = "UPDATING"
    COMPLETING = "COMPLETING"
    COMPLETED = "COMPLETED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    FAILED = "FAILED"


class HandOver(StrEnum):
    """How a holding ended before its task did: the task was given to somebody else, given back, passed on with all that
    its holder had, passed on under a new number, or planned again."""

    ASSIGNED = "ASSIGNED"
    RELEASED = "RELEASED"
    TRANSFERRED = "TRANSFERRED"
    RENUMBERED = "RENUMBERED"
    PLANNED = "PLANNED"


class InstanceState(StrEnum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class ElementState(StrEnum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class UserStatus(StrEnum):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    VACATION = "VACATION"
    CLOSED = "CLOSED"


class GroupStatus(StrEnum):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class AssignmentKind(StrEnum):
    """Ordinary assignees get the tasks of an activity; ad hoc ones only widen whom a task may be passed to."""

    ORDINARY = "ordinary"
    AD_HOC = "adhoc"


class ResourceKind(StrEnum):
    """What is deployed beside processes."""

    FORM = "form"
    FILE = "file"


class Distribution(StrEnum):
    """What happens with a task of an activity that has ordinary assignees: all of them may take it, or one in turn gets
    it."""

    OFFER = "offer"
    BALANCE = "balance"


class AssigneeKind(StrEnum):
    USER = "user"
    GROUP = "group"


class EntryKind(StrEnum):
    """What the directory holds besides users and groups. A TENANT has a name and members, and owns nothing: whose data
    is whose is told by `tenant_key`, the key of another thing of that name (core.tables.identity.Tenant)."""

    ROLE = "role"
    TENANT = "tenant"
    MAPPING_RULE = "mapping-rule"


class OwnerKind(StrEnum):
    """What has members."""

    GROUP = "group"
    ROLE = "role"
    TENANT = "tenant"


class MemberKind(StrEnum):
    USER = "user"
    CLIENT = "client"
    MAPPING_RULE = "mapping-rule"
    GROUP = "group"
    ROLE = "role"


class Permission(StrEnum):
    """What a principal may do; checked in the engine, once."""

    ADMINISTER = "administer"  # everything, and what concerns other users' data
    DESIGN = "design"  # processes, their activities and assignments
    MANAGE_USERS = "manage-users"
    START = "start"  # start instances
    WORK = "work"  # act on tasks
    READ = "read"


class Action(StrEnum):
    """What a principal may do with single things, if more than their permissions decides.

    To redefine a task is to say what has to be done, and who does it; to supervise it, to act in place of whoever has
    it. Whoever directs a process says what it is called and who supervises it.
    """

    READ_TASK = "read-task"
    CREATE_TASK = "create-task"
    UPDATE_TASK = "update-task"
    CLAIM_TASK = "claim-task"
    COMPLETE_TASK = "complete-task"
    SUPERVISE_TASK = "supervise-task"
    REDEFINE_TASK = "redefine-task"
    DELETE_TASK = "delete-task"
    START_INSTANCE = "start-instance"
    UPDATE_INSTANCE = "update-instance"
    CANCEL_INSTANCE = "cancel-instance"
    MODIFY_INSTANCE = "modify-instance"
    DRAFT_PROCESS = "draft-process"
    REVISE_PROCESS = "revise-process"
    DIRECT_PROCESS = "direct-process"
    DELETE_PROCESS = "delete-process"
    MANAGE_LIBRARY = "manage-library"
    MANAGE_GROUP = "manage-group"
    REDIRECT_TASKS = "redirect-tasks"


class Relation(StrEnum):
    """What somebody has to do with a thing.

    A task has an assignee, candidates, an assigner and a supervisor, and its process supervisors; an instance has a
    creator; what is in a library has its managers, and so has everybody who belongs to it. What is about one library
    alone is inside of it, whoever comes.
    """

    ASSIGNEE = "assignee"
    CANDIDATE_USERS = "candidate_users"
    CANDIDATE_GROUPS = "candidate_groups"
    ASSIGNER = "assigner"
    SUPERVISOR = "supervisor"
    PROCESS_SUPERVISOR = "process-supervisor"
    CREATOR = "creator"
    MANAGER = "manager"
    ONESELF = "oneself"
    INSIDE = "inside"


class ProcessStatus(StrEnum):
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class Involved(StrEnum):
    """What somebody has to do with an instance. An accessor, outside of the house, sees it (or a comment)."""

    ACCESSOR = "accessor"
    SPECTATOR = "spectator"
    EDITOR = "editor"
    RESPONSIBLE = "responsible"


class JobKind(StrEnum):
    """What a worker does: listens to what happens to a user task, or to an element that is entered or left; or does
    the task, or the element, itself, or leads an ad-hoc sub-process."""

    OF_TASK = "TASK_LISTENER"
    OF_ELEMENT = "EXECUTION_LISTENER"
    TASK = "TASK"
    ELEMENT = "ELEMENT"
    AD_HOC = "AD_HOC"


class JobState(StrEnum):
    """How far a job has come that is not done yet."""

    CREATED = "CREATED"
    FAILED = "FAILED"
    ERROR_THROWN = "ERROR_THROWN"
    RETRIES_UPDATED = "RETRIES_UPDATED"


#: when nobody gets a job any more
NEVER = 2**62


class Trouble(StrEnum):
    """Why an element cannot go on."""

    VALUE = "VALUE"  # something cannot be computed, or is not what it has to be
    CONDITION = "CONDITION"  # no flow may be taken
    MAPPING = "MAPPING"
    CALL = "CALL"  # there is nothing to call
    JOB = "JOB"  # nobody tries it again
    AD_HOC_JOB = "AD_HOC_JOB"  # the same, of who leads an ad-hoc sub-process
    LISTENER = "LISTENER"  # the same, of who listens to an element
    TASK_LISTENER = "TASK_LISTENER"  # and to a task
    ERROR = "ERROR"  # an error that nobody catches
    DECISION = "DECISION"
    DECISION_CALL = "DECISION_CALL"  # there is none to call
    EFFORT = "EFFORT"  # it does not come to rest


class IncidentState(StrEnum):
    """It is there as long as the element stands still: until somebody resolves it, or the element ends."""

    ACTIVE = "ACTIVE"
    RESOLVED = "RESOLVED"


#: the jobs that end with an element
JOBS_OF_ELEMENTS = frozenset((JobKind.OF_ELEMENT, JobKind.ELEMENT, JobKind.AD_HOC))


class SubscriptionState(StrEnum):
    """Of who waits for a message: OPEN as long as they do, CORRELATED when it has come, CLOSED if they wait no more."""

    OPEN = "OPEN"
    CORRELATED = "CORRELATED"
    CLOSED = "CLOSED"


class Channel(StrEnum):
    """What a subscription gets: events of its kinds, or the mails of its dialect."""

    EVENTS = "events"
    MAILS = "mails"


class DeliveryState(StrEnum):
    WAITING = "WAITING"
    RETRYING = "RETRYING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class CredentialKind(StrEnum):
    """RESET lets its owner set a new password, once; CODE is what a browser brings to a client for a token; SPENT is
    what was good for once and has been used."""

    TICKET = "ticket"
    RESET = "reset"
    CODE = "code"
    ACCESS = "access"
    REFRESH = "refresh"
    SPENT = "spent"


OPEN_TASK_STATES: tuple[TaskState, ...] = (
    TaskState.CREATING,
    TaskState.CREATED,
    TaskState.ASSIGNING,
    TaskState.UPDATING,
    TaskState.COMPLETING,
    TaskState.CANCELING,
    TaskState.FAILED,
)
ENDED_TASK_STATES: tuple[TaskState, ...] = (TaskState.COMPLETED, TaskState.CANCELED)

#: the kind of an activity that no token reaches
STAGE = "STAGE"
#: the role of all who may administer
ADMINISTRATORS = "admin"
#: the tenant in the directory that is always there; no other one is ever named with data
DEFAULT_TENANT = "<default>"
#: the process of tasks that have none of their own
ONE_TASK = "core-tasks"

ALL_PERMISSIONS: frozenset[Permission] = frozenset(Permission)
WORKER_PERMISSIONS: frozenset[Permission] = frozenset({Permission.START, Permission.WORK, Permission.READ})
