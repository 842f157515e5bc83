"""Reports about tasks and workflows. Source: dossier inforouter.md, sections 3.3, 3.8 and 3.10."""

from datetime import datetime, timedelta

from adapters.common.rights import OWN, SIGNED_IN
from adapters.inforouter import errors, searching
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import D_, Answer, I, S, Service, T, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.flows import Draft, find_flow
from adapters.inforouter.paths import folder_path
from adapters.inforouter.people import find_library, find_user, full_name
from core.library.queries import FoldersByKey, LibrariesOf
from core.people.queries import GroupsOf, UsersByName, UsersByNumber
from core.principal import Principal
from core.process.queries import Drafted, Statistics
from core.rejections import NotFound
from core.search.query import PageRequest, Where
from core.tables.people import User
from core.task.fields import TaskWhere
from core.task.queries import SearchTasks, Workloads
from core.types import TaskState
from schemas.inforouter.element import Element
from schemas.inforouter.moments import Moment
from schemas.inforouter.people import fields

_COUNT = PageRequest(limit=0, cap=None)
#: what is counted of documents, which are not kept here
_NO_DOCUMENTS = (
    *("TotalDocuments", "CheckedOutDocuments", "ViewedDocuments", "SubscribedDocuments", "FavoriteDocuments"),
    *("VotedDocuments", "DocumentsInDownloadQueue", "RecycledDocuments", "TotalFolders", "SubscribedFolders"),
    *("FavoriteFolders", "FoldersInDownloadQueue", "RecycledFolders"),
)
_NO_OTHER = ("IsoReviewerRoles",)


class Reports(Service):
    @web(OWN, T, S, I, I)
    async def GetISOReviewAssignmentsOfUser(
        ctx: Call, AuthenticationTicket: str | None, userName: str | None, startingRow: int, rowCount: int
    ) -> Answer:
        """The documents whose ISO review is a user's; reviews are not kept here, so there is none."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        if user.key != who.user_key and not who.is_administrator:
            raise Denied
        return Answer(attributes=(("totalcount", "0"),))

    @web(OWN, T, S)
    async def GetUserStatistics(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """What a user has and has to do, in numbers."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        if user.key != who.user_key and not who.is_administrator:
            raise Denied(errors.INSUFFICIENT)
        rows = await _task_counts(ctx, who, user)
        memberships = await ctx.ask(GroupsOf(user.key), who)
        values = [(name, 0) for name in _NO_DOCUMENTS]
        values += rows
        values += [
            ("WorkflowRoles", len(await _roles(ctx, who, user))),
            *((name, 0) for name in _NO_OTHER),
            ("DomainMemberships", len(await ctx.ask(LibrariesOf(user.key), who))),
            ("GlobalGroupMemberships", sum(1 for g in memberships if not g.library_key)),
            ("LocalGroupMemberships", sum(1 for g in memberships if g.library_key)),
            ("DomainManagerRoles", len(await ctx.ask(LibrariesOf(user.key, managed=True), who))),
            ("ExpirationAgentRoles", 0),
        ]
        return Answer((fields("UserStatistics", *values),))

    @web(SIGNED_IN, T, root="response")
    async def GetUsersTaskPerformance(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """How many tasks are due and overdue, user by user."""
        who = await ctx.principal(AuthenticationTicket)
        loads = await ctx.ask(Workloads(ctx.now), who)
        users = await ctx.ask(UsersByName(tuple(load.assignee for load in loads)), who)
        rows = sorted(
            (
                (full_name(users[load.assignee]), users[load.assignee].number, load)
                for load in loads
                if load.assignee in users
            ),
            key=lambda row: (row[0].casefold(), row[1]),
        )
        models = tuple(
            fields(
                "UserTaskStatisticModel",
                ("AssigneeId", number),
                ("AssigneeName", name),
                ("DueCount", load.due),
                ("OverdueCount", load.overdue),
            )
            for name, number, load in rows
        )
        return Answer((Element("ArrayOfUserTaskStatisticModel", children=models),))

    @web(OWN, T, S, root="response")
    async def GetUsersWorkflowRoles(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """The task definitions in which a user stands, himself, through a group, or as supervisor."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        if user.key != who.user_key and not who.is_administrator:
            raise Denied(errors.INSUFFICIENT_921)
        return Answer((Element("WorkflowRoles", children=await _roles(ctx, who, user)),))

    @web(SIGNED_IN, T, S, S, D_, D_)
    async def GetWorkflowStatistics(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        workflowName: str | None,
        startDate: Moment,
        endDate: Moment,
    ) -> Answer:
        """How many documents went through a workflow, and how long it took."""
        who = await ctx.principal(AuthenticationTicket)
        try:
            library = await find_library(ctx, who, required("domainName", domainName))
        except NotFound:
            raise Failure("Domain not found", 4041) from None
        view = await find_flow(ctx, who, library, required("workflowName", workflowName))
        since = startDate.milliseconds() if startDate.given else None
        until = endDate.milliseconds() if endDate.given else None
        statistics = await ctx.ask(Statistics(view.process.key, ctx.now, since, until), who)
        draft = Draft.of(view)
        folders = await ctx.ask(FoldersByKey((draft.active_folder,)), who)
        path = folder_path(*folders[draft.active_folder]) if draft.active_folder in folders else ""
        hours = statistics.average // 3_600_000
        values: list[tuple[str, object]] = [
            ("DomainName", library.name),
            ("WorkflowName", view.process.name),
            ("ActiveFolderPath", path),
        ]
        if since is not None or until is not None:
            values += [
                ("PendingInRange", statistics.open_in_range),
                ("SubmittedInRange", statistics.submitted_in_range),
                ("CompletedInRange", statistics.completed_in_range),
            ]
        values += [
            ("AverageTimeSpanInHours", hours),
            ("AverageTimeSpanInText", _span(hours)),
            ("TotalPending", statistics.open),
            ("TotalCompleted", statistics.completed),
            ("TotalOverdue", statistics.overdue),
        ]
        return Answer((fields("WorkflowStatistics", *values),))


def _span(hours: int) -> str:
    """`1 day 3 hours`"""
    days, rest = divmod(hours, 24)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((days, "day"), (rest, "hour")) if n]
    return " ".join(parts) or "0 hours"


async def _roles(call: Call, who: Principal, user: User) -> tuple[Element, ...]:
    groups = {g.number for g in await call.ask(GroupsOf(user.key), who)}
    views = await call.ask(Drafted(), who)
    elements = []
    drafts = [(view, Draft.of(view)) for view in views]
    supervisors = {t.task.supervisor for _, d in drafts for s in d.steps for t in s.tasks if t.task.supervisor}
    people = await call.ask(UsersByNumber(tuple(supervisors)), who)
    for view, draft in drafts:
        for step in draft.steps:
            for task in step.tasks:
                definition = task.task
                is_assignee = user.number in definition.users or groups & set(definition.groups)
                if not is_assignee and definition.supervisor != user.number:
                    continue
                supervisor = people.get(definition.supervisor)
                attributes = (
                    ("TaskDefId", task.id),
                    ("TaskName", definition.name),
                    ("FlowDefId", view.process.number),
                    ("FlowName", view.process.name),
                    ("StepNumber", step.number),
                    ("SupervisorId", definition.supervisor),
                    ("SupervisorName", full_name(supervisor) if supervisor is not None else ""),
                )
                elements.append(Element("WorkflowRole", tuple((name, str(value)) for name, value in attributes)))
    return tuple(elements)


async def _task_counts(call: Call, who: Principal, user: User) -> list[tuple[str, int]]:
    """In 8.7 the counts include each other, today those that are late; in 9.0 they are disjoint."""
    now = datetime.fromtimestamp(call.now // 1000).astimezone()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = _ms(today + timedelta(days=1))
    monday = _ms(today + timedelta(days=7 - today.weekday()))
    assigned: TaskWhere = Where("assignee", "eq", user.username)
    due = (assigned, searching.DUE)

    async def count(*where: TaskWhere) -> int:
        return (await call.ask(SearchTasks(where, page=_COUNT, planned=True), who)).total

    planned = await count(assigned, Where("state", "eq", TaskState.PLANNED.value))
    overdue = await count(*due, Where("due_at", "lt", call.now))
    until_tomorrow = await count(*due, Where("due_at", "lt", tomorrow))
    until_monday = await count(*due, Where("due_at", "lt", monday))
    started = await count(*due)
    to_others = await count(
        Where("assigned_by", "eq", user.username), Where("assignee", "neq", user.username), searching.DUE
    )
    if call.profile.disjoint_statistics:
        return [
            ("NotStartedTasks", planned),
            ("OverDueTasks", overdue),
            ("DueTodayTasks", until_tomorrow - overdue),
            ("DueThisWeekTasks", until_monday - until_tomorrow),
            ("DueLaterTasks", started - until_monday),
            ("DueTasks", started),
            ("OpenTasks", started + planned),
            ("TasksAssignedToOthers", to_others),
        ]
    return [
        ("QueuedTasks", planned),
        ("TasksDueToday", until_tomorrow),
        ("TasksDueThisWeek", until_monday),
        ("OverdueTasks", overdue),
        ("TotalTasks", started + planned),
        ("TasksAssignedToOthers", to_others),
    ]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
