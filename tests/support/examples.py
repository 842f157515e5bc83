"""A world in which every command of the engine can be carried out, and an example of each."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

from core.decision.commands import EvaluateDecision, NewRequirements
from core.directory.commands import (
    AddAssociate,
    CreateEntry,
    CreateFirstAdministrator,
    DeleteEntry,
    DeleteGrant,
    PutGrant,
    RemoveAssociate,
    UpdateEntry,
)
from core.engine import Engine
from core.file.commands import AddFile, RemoveFile, SetPicture
from core.graph.dmn.model import Decision, LiteralExpression, Requirements, Written
from core.graph.elements import (
    AdHoc,
    Element,
    ElementKind,
    Event,
    EventKind,
    Flow,
    Listener,
    Participants,
    TaskTemplate,
    Timing,
    Work,
)
from core.graph.graph import Graph
from core.identity.commands import (
    CreateTenant,
    ExtendCredential,
    IssueCredential,
    RegisterClient,
    RemoveExpired,
    RevokeCredential,
    RevokeFamily,
    SetSetting,
    SetTenant,
    SpendCredential,
    TryWriting,
)
from core.identity.digests import digest
from core.incident.commands import ResolveIncident, ResolveIncidents
from core.instance.commands import (
    ActivateAdHoc,
    AddComment,
    CancelInstance,
    ChangeInstance,
    DeleteInstance,
    FinishInstance,
    Involve,
    ModifyInstance,
    RemoveInstance,
    ReopenInstance,
    ReviseComment,
    SetVariables,
    StartInstance,
)
from core.job.commands import ActivateJobs, CompleteJob, FailJob, FireTimer, ThrowError, UpdateJob
from core.job.queries import NextTimers
from core.library.commands import (
    CreateLibrary,
    RegisterDocument,
    RegisterFolder,
    SetLibraryManager,
    SetLibraryMember,
    TransferDocuments,
)
from core.message.commands import (
    BroadcastSignal,
    CorrelateMessage,
    OfferMessage,
    PublishMessage,
    RemoveExpiredMessages,
)
from core.outbox.commands import ChangeSubscription, LeaseSubscription, NoteDelivery, SendMail, Subscribe
from core.people.commands import (
    AddMember,
    CloseUser,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveMember,
    RemoveRedirection,
    RenameUser,
    SetPassword,
    SetRedirection,
    SetUserStatus,
    UpdateGroup,
    UpdateUser,
)
from core.principal import Principal
from core.process.commands import (
    AddAssignee,
    CreateStage,
    CreateStarter,
    DeleteResource,
    Deploy,
    DeployProcess,
    DraftProcess,
    NewResource,
    RemoveAssignee,
    ReviseProcess,
    Supervisors,
    UpdateActivity,
    UpdateStage,
)
from core.process.queries import ActivitiesOf
from core.registry.commands import CreateReference, PutReference, UpdateReference
from core.storage.record import load_all
from core.storage.statements import table_of
from core.tables.identity import Credential
from core.tables.incident import Incident
from core.tables.instance import ElementInstance
from core.tables.outbox import Delivery
from core.tables.process import Resource
from core.tables.task import Task
from core.task.commands import (
    AssignTask,
    AttachDocument,
    CancelTask,
    ClaimTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    PauseTask,
    PlanTask,
    ReassignTask,
    ResumeTask,
    SetComment,
    TransferTasks,
    UnassignTask,
    UpdateTask,
)
from core.turn.command import Command, Several
from core.types import (
    AssigneeKind,
    AssignmentKind,
    CredentialKind,
    Distribution,
    EntryKind,
    GroupStatus,
    Involved,
    MemberKind,
    OwnerKind,
    Permission,
    ProcessStatus,
    ResourceKind,
    UserStatus,
)

T = TypeVar("T")

HOUR = 3_600_000
EVENTS = ("reference.created", "reference.updated", "task.completed", "instance.updated")


def chain(id: str, *elements: Element, name: str = "Chain") -> Graph:
    """start, the elements one after the other, end."""
    all_of_them = (Element("s", ElementKind.START_EVENT), *elements, Element("e", ElementKind.END_EVENT))
    flows = tuple(Flow(f"f{n}", a.id, b.id) for n, (a, b) in enumerate(pairwise(all_of_them)))
    return Graph(id, name, all_of_them, flows)


def begun(id: str, event: Event, *elements: Element) -> Graph:
    """As a chain, but it begins with an event."""
    graph = chain(id, *elements)
    start, *others = graph.elements
    return replace(graph, elements=(replace(start, event=event), *others))


def work(id: str = "work", template: TaskTemplate | None = None) -> Element:
    return Element(id, ElementKind.USER_TASK, id, task=template or TaskTemplate())


HEARD = TaskTemplate(listeners=tuple(Listener(event, "audit") for event in ("assigning", "updating", "completing")))
SOON = Element("soon", ElementKind.INTERMEDIATE_CATCH_EVENT, timing=Timing("date", "2001-01-01T00:00:00Z"))
SERVED = Element("served", ElementKind.SERVICE_TASK, work=Work("press"))
LATER = Element("later", ElementKind.INTERMEDIATE_CATCH_EVENT, timing=Timing("duration", "P9D"))


@dataclass
class Examples:
    """`known` are the keys of what the world holds."""

    known: dict[str, Any]
    commands: dict[type[Command[Any]], Command[Any]]


def rows(engine: Engine, cls: type[T]) -> list[T]:
    """All of a table, by key."""
    table = table_of(cls)
    connection = engine.store.connect()
    order = ", ".join(column.name for column in table.primary_key.columns)
    names = ", ".join(column.name for column in table.columns)
    found, _ = connection.execute(f"SELECT {names} FROM {table.name} ORDER BY {order}", {})
    connection.close()
    return load_all(cls, found)  # type: ignore[type-var]


def keep_still(engine: Engine) -> None:
    """Nothing happens by itself any more."""
    for task in engine._background:
        task.cancel()


async def make(engine: Engine, who: Principal) -> Examples:
    """The timers that are due stay so: nobody but the test fires them."""
    keep_still(engine)

    async def do(command: Command[Any]) -> Any:
        return await engine.execute(command, who)

    k: dict[str, Any] = {}
    for name in ("ann", "bob", "cec", "dan", "eve"):
        user = await do(CreateUser(name, password_hash="x", number=500 if name == "eve" else 0))
        k[name], k[f"{name}_uid"] = user.key, user.uid
    staff = await do(CreateGroup("staff", members=("ann", "bob")))
    k["staff"], k["staff_uid"] = staff.key, staff.uid
    await do(CreateGroup("others", members=("cec",)))
    k["library"] = (await do(CreateLibrary("House"))).key
    await do(RegisterFolder(k["library"], "a/b"))
    k["document"] = (await do(RegisterDocument(k["library"], "a", "paper", owner="bob"))).key
    k["paper"] = (await do(RegisterDocument(k["library"], "a", "other", owner="ann"))).key
    for name in ("ann", "bob"):
        await do(SetLibraryMember(k["library"], AssigneeKind.USER, k[name]))

    k["plain"] = (await do(DeployProcess(chain("plain", work(), work("next"))))).process_key
    (activity, _) = await engine.ask(ActivitiesOf(k["plain"]), who)
    k["activity"] = activity.key
    await do(AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.USER, k["ann_uid"]))
    await do(AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.GROUP, k["staff_uid"]))
    k["starter"] = (await do(CreateStarter(k["plain"], "go", "Go", "staff"))).key
    k["stage"] = (await do(CreateStage("shelf", k["plain"]))).key
    k["draft"] = (await do(DraftProcess("drafted", "Drafted", {"a": 1}, k["library"]))).key
    heard = await do(DeployProcess(chain("heard", work(template=HEARD))))
    timed = await do(DeployProcess(chain("timed", SOON, work())))
    late = await do(DeployProcess(chain("late", LATER, work())))
    several = TaskTemplate(participants=Participants((k["ann"], k["bob"])), supervisor_key=k["cec"])
    together = await do(DeployProcess(chain("together", work("one", several), work("two", several))))
    resource = NewResource(ResourceKind.FORM, "form", "form.form", "{}")
    await do(Deploy((), (resource,), (NewRequirements(decision("yes", "n + 1"), "yes.dmn", "<yes/>"),)))
    k["resource"] = rows(engine, Resource)[0].key

    subscription = await do(Subscribe(EVENTS, {"url": "http://example.org"}))
    k["subscription"] = subscription.key
    for name in ("plain", "open", "other", "ended"):
        started = await do(StartInstance(k["plain"], variables={"n": 1}, title=name))
        k[name if name != "plain" else "instance"] = started.key
        k[f"task_{name}"] = started.tasks[0].key
    await do(FinishInstance(k["ended"]))
    k["comment"] = (await do(AddComment(k["instance"], "so far"))).key
    k["file"] = (await do(AddFile(k["instance"], "so far.txt", b"so far"))).key
    await do(SetComment(k["task_plain"], "good"))
    await do(AttachDocument(k["task_plain"], k["paper"], 1_000_000))
    await do(PauseTask(k["task_open"]))
    await do(AssignTask(k["task_other"], "ann"))
    await do(Involve("instance", k["instance"], Involved.EDITOR, "user", k["bob"]))
    k["held"] = (await do(StartInstance(heard.process_key))).tasks[0].key
    await do(CompleteTask(k["held"], {"done": True}))
    k["waiting"] = (await do(StartInstance(heard.process_key))).tasks[0].key
    await do(AssignTask(k["waiting"], "ann"))
    jobs = await do(ActivateJobs("audit", "w", 1, 10))
    k["job"], k["job_too"] = (job.key for job in jobs)
    stuck = await do(DeployProcess(replace(chain("stuck", SERVED), incidents=True)))
    for name in ("stuck", "stuck_too"):
        k[name] = (await do(StartInstance(stuck.process_key))).key
    for job in await do(ActivateJobs("press", "w", 1, 2)):
        await do(FailJob(job.key, 0, "no paper"))
        await do(UpdateJob(job.key, retries=1))
    loose = Element("any", ElementKind.AD_HOC_SUB_PROCESS, ad_hoc=AdHoc())
    inside = chain("loose", loose)
    process = await do(DeployProcess(replace(inside, elements=(*inside.elements, replace(work(), parent="any")))))
    k["loose"] = (await do(StartInstance(process.process_key))).key
    k["any"] = rows(engine, ElementInstance)[-1].key
    k["incident"] = rows(engine, Incident)[0].key
    await do(StartInstance(timed.process_key))
    await do(StartInstance(late.process_key))
    k["timer"] = (await engine.ask(NextTimers(), who))[0].key
    for event in (Event(EventKind.MESSAGE, "paid", correlation="a"), Event(EventKind.SIGNAL, "alarm")):
        hearing = Element("hear", ElementKind.INTERMEDIATE_CATCH_EVENT, event=event)
        hears = await do(DeployProcess(chain(f"hears-{event.kind}", hearing, work())))
        await do(StartInstance(hears.process_key))
    served = chain("served", Element("serve", ElementKind.SERVICE_TASK, work=Work("pay")))
    caught = Element("caught", ElementKind.BOUNDARY_EVENT, event=Event(EventKind.ERROR), attached_to="serve")
    fails = await do(DeployProcess(replace(served, elements=(*served.elements, caught))))
    await do(StartInstance(fails.process_key))
    k["job_served"] = (await do(ActivateJobs("pay", "w", 1, 1)))[0].key
    k["message"] = (await do(PublishMessage("kept", "a", time_to_live=HOUR))).key
    await do(DeployProcess(begun("late-start", Event(EventKind.MESSAGE, "kept"), work())))
    k["together"] = (await do(StartInstance(together.process_key))).key
    k["planned"] = next(task.key for task in rows(engine, Task) if task.state == "PLANNED")

    k["reference"] = (await do(CreateReference("unit", "a", ext={"x": 1}))).key
    k["delivery"] = rows(engine, Delivery)[0].key
    ticket = IssueCredential(CredentialKind.TICKET, k["ann"], HOUR)
    k["ticket"] = digest((await do(ticket)).text)
    for name in ("code", "spent"):
        code = await do(IssueCredential(CredentialKind.CODE, k["ann"], HOUR, "client"))
        k[name] = digest(code.text)
    await do(SpendCredential(k["spent"], CredentialKind.CODE, 2**52))
    family = next(row.family for row in rows(engine, Credential) if row.digest == k["spent"])
    await do(IssueCredential(CredentialKind.ACCESS, k["ann"], HOUR, "client", family=family))
    await do(RegisterClient("client", "x"))
    await do(CreateEntry(EntryKind.ROLE, "clerks", "Clerks"))
    await do(AddAssociate(OwnerKind.ROLE, "clerks", MemberKind.USER, "ann"))
    k["grant"] = (await do(PutGrant("user", "ann", "process", ("READ",), "*"))).key
    await do(SetRedirection("dan", "cec", 0))
    await do(SetSetting("color", "blue"))
    return Examples(k, {type(command): command for command in _examples(k)})


def decision(id: str, text: str) -> Requirements:
    """Of one expression."""
    return Requirements(f"{id}-requirements", "", (Decision(id, id, LiteralExpression(Written(text)), id),))


def _examples(k: dict[str, Any]) -> tuple[Command[Any], ...]:
    return (
        # people
        CreateUser("new", number=7_000),
        UpdateUser("ann", first_name="Ann", ext={"t": {"a": 1}}, permissions=frozenset({Permission.WORK})),
        SetPassword("ann", "y"),
        SetUserStatus("bob", UserStatus.INACTIVE),
        DeleteUser("ann"),
        RenameUser("bob", "robert"),
        CloseUser("eve"),
        CreateGroup("new", members=("ann",)),
        UpdateGroup("staff", new_name="crew", status=GroupStatus.INACTIVE, ext={"t": {"a": 1}}),
        DeleteGroup("staff"),
        AddMember("staff", "cec"),
        RemoveMember("staff", "ann"),
        SetRedirection("ann", "bob", 0),
        RemoveRedirection("dan"),
        TransferTasks("ann", "bob"),
        # who may do what
        CreateEntry(EntryKind.ROLE, "new", "New"),
        UpdateEntry(EntryKind.ROLE, "clerks", name="Scribes"),
        DeleteEntry(EntryKind.ROLE, "clerks"),
        AddAssociate(OwnerKind.ROLE, "clerks", MemberKind.GROUP, "staff"),
        RemoveAssociate(OwnerKind.ROLE, "clerks", MemberKind.USER, "ann"),
        PutGrant("user", "ann", "process", ("READ", "WRITE"), "*", key=k["grant"]),
        DeleteGrant(k["grant"]),
        CreateFirstAdministrator("first", "x"),
        IssueCredential(CredentialKind.ACCESS, k["ann"], HOUR, "client"),
        ExtendCredential(k["ticket"], CredentialKind.TICKET, 2**52),
        RevokeCredential(k["ticket"], CredentialKind.TICKET),
        SpendCredential(k["code"], CredentialKind.CODE, 2**52),
        RevokeFamily(k["spent"]),
        RegisterClient("new", "x"),
        SetSetting("color", "red"),
        TryWriting(),
        RemoveExpired(),
        CreateTenant("new", 9),
        SetTenant("named", 3),
        # libraries
        CreateLibrary("New"),
        SetLibraryMember(k["library"], AssigneeKind.GROUP, k["staff"]),
        SetLibraryManager(k["library"], k["ann"]),
        RegisterFolder(k["library"], "x/y"),
        RegisterDocument(k["library"], "x", "new"),
        TransferDocuments("bob", "ann"),
        # processes
        DeployProcess(chain("plain", work(), work("another"), name="Again")),
        Deploy((DeployProcess(chain("new", work())),), (NewResource(ResourceKind.FILE, "f", "f", "f"),)),
        Deploy(requirements=(NewRequirements(decision("yes", "2"), "yes.dmn", "<again/>"),)),
        DeleteResource(k["resource"]),
        EvaluateDecision("yes", variables={"n": 1}),
        CreateStarter(k["plain"], "new", "New", "staff"),
        DraftProcess("new", "New", {"a": 1}, k["library"], supervisors=Supervisors((1,), (2,))),
        ReviseProcess(
            process_key=k["draft"],
            revision=0,
            content={"a": 2},
            name="Else",
            status=ProcessStatus.ACTIVE,
            graph=chain("drafted", work()),
            supervisors=Supervisors((1, 2)),
        ),
        AddAssignee(k["activity"], AssignmentKind.ORDINARY, AssigneeKind.USER, k["cec_uid"]),
        RemoveAssignee(k["activity"], AssignmentKind.ORDINARY, k["ann_uid"]),
        UpdateActivity(k["activity"], Distribution.BALANCE, {"t": {"a": 1}}),
        CreateStage("new", k["plain"]),
        UpdateStage(k["stage"], name="drawer", deleted=True),
        # messages and signals
        PublishMessage("paid", "a", {"n": 2}, HOUR, "once"),
        CorrelateMessage("paid", "a", {"n": 2}),
        BroadcastSignal("alarm", {"n": 2}),
        OfferMessage(k["message"]),
        RemoveExpiredMessages(),
        # master data, and who is told
        CreateReference("unit", "new", k["reference"]),
        PutReference("unit", 1, "b"),
        UpdateReference(k["reference"], name="c", ext={"y": 2}),
        Subscribe(("task.created",), {}),
        SendMail(k["ann"], "ann@example.org", "Hello", "Ann", HOUR),
        ChangeSubscription(k["subscription"], kinds=("task.created",), deleted=True),
        LeaseSubscription(k["subscription"], HOUR),
        NoteDelivery((k["delivery"],), delivered=True),
        # instances
        StartInstance(k["plain"], variables={"a": 1}, document_key=k["document"], business_id="b"),
        ChangeInstance(k["instance"], title="new", business_id="b", ext={"t": {"a": 1}}),
        FinishInstance(k["instance"]),
        ReopenInstance(k["ended"]),
        RemoveInstance(k["instance"], ext={"t": {"a": 1}}),
        CancelInstance(k["open"]),
        ModifyInstance(k["open"]),
        ActivateAdHoc(k["loose"], k["any"], (("work", {"n": 1}),), cancels=True),
        DeleteInstance(k["other"]),
        SetVariables(k["instance"], {"n": 2, "m": 3}),
        AddComment(k["instance"], "more"),
        ReviseComment(k["comment"], "less", {"a": 1}, deleted=True),
        Involve("instance", k["instance"], Involved.EDITOR, "user", k["bob"], involved=False),
        AddFile(k["instance"], "more.txt", b"more"),
        RemoveFile(k["instance"], k["file"]),
        SetPicture("ann", "ann.png", b"picture"),
        # tasks
        CreateTask("new", assignee="ann", candidate_users=("bob",), redirect=True),
        AssignTask(k["task_plain"], "ann"),
        ClaimTask(k["task_plain"], "ann"),
        UnassignTask(k["task_other"]),
        UpdateTask(k["task_plain"], priority=7, candidate_users=("cec",), ext={"t": {"a": 1}}),
        CompleteTask(k["task_plain"], {"n": 5}, comment="done"),
        ReassignTask(k["task_plain"], "bob", ext={"t": {"a": 1}}),
        PlanTask(k["planned"]),
        CancelTask(k["task_plain"]),
        DeleteTask(k["task_plain"]),
        SetComment(k["task_plain"], "bad"),
        AttachDocument(k["task_plain"], k["paper"], 1_000_000, attached=False),
        PauseTask(k["task_plain"]),
        ResumeTask(k["task_open"]),
        # what waits
        ActivateJobs("audit", "w", 1, 1),
        CompleteJob(k["job"]),
        FailJob(k["job"], 1, "again"),
        UpdateJob(k["job_too"], retries=5),
        ThrowError(k["job_served"], "broke", "no money", {"left": 3}),
        FireTimer(k["timer"]),
        ResolveIncident(k["incident"]),
        ResolveIncidents(k["stuck_too"]),
        Several((UpdateReference(k["reference"], name="d"), SetComment(k["task_plain"], "both"))),
    )
