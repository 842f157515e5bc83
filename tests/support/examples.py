"""A world in which every command of the engine can be carried out, and an example of each."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from core import commands as c
from core.engine.engine import Engine
from core.flow.graph import Element, ElementKind, Flow, Graph, Listener, Participants, TaskTemplate, Timing
from core.identity.digests import digest
from core.principal import Principal
from core.queries import ActivitiesOf, NextTimers
from core.storage.record import load_all
from core.storage.statements import table_of
from core.tables.identity import Credential
from core.tables.outbox import Delivery
from core.tables.process import Resource
from core.tables.task import Task
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


def work(id: str = "work", template: TaskTemplate | None = None) -> Element:
    return Element(id, ElementKind.USER_TASK, id, task=template or TaskTemplate())


HEARD = TaskTemplate(listeners=tuple(Listener(event, "audit") for event in ("assigning", "updating", "completing")))
SOON = Element("soon", ElementKind.INTERMEDIATE_CATCH_EVENT, timing=Timing("date", "2001-01-01T00:00:00Z"))
LATER = Element("later", ElementKind.INTERMEDIATE_CATCH_EVENT, timing=Timing("duration", "P9D"))


@dataclass
class Examples:
    """`known` are the keys of what the world holds."""

    known: dict[str, Any]
    commands: dict[type[c.Command[Any]], c.Command[Any]]


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

    async def do(command: c.Command[Any]) -> Any:
        return await engine.execute(command, who)

    k: dict[str, Any] = {}
    for name in ("ann", "bob", "cec", "dan", "eve"):
        user = await do(c.CreateUser(name, password_hash="x", number=500 if name == "eve" else 0))
        k[name], k[f"{name}_uid"] = user.key, user.uid
    staff = await do(c.CreateGroup("staff", members=("ann", "bob")))
    k["staff"], k["staff_uid"] = staff.key, staff.uid
    await do(c.CreateGroup("others", members=("cec",)))
    k["library"] = (await do(c.CreateLibrary("House"))).key
    await do(c.RegisterFolder(k["library"], "a/b"))
    k["document"] = (await do(c.RegisterDocument(k["library"], "a", "paper", owner="bob"))).key
    k["paper"] = (await do(c.RegisterDocument(k["library"], "a", "other", owner="ann"))).key
    for name in ("ann", "bob"):
        await do(c.SetLibraryMember(k["library"], AssigneeKind.USER, k[name]))

    k["plain"] = (await do(c.DeployProcess(chain("plain", work(), work("next"))))).process_key
    (activity, _) = await engine.ask(ActivitiesOf(k["plain"]), who)
    k["activity"] = activity.key
    await do(c.AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.USER, k["ann_uid"]))
    await do(c.AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.GROUP, k["staff_uid"]))
    k["starter"] = (await do(c.CreateStarter(k["plain"], "go", "Go", "staff"))).key
    k["stage"] = (await do(c.CreateStage("shelf", k["plain"]))).key
    k["draft"] = (await do(c.DraftProcess("drafted", "Drafted", {"a": 1}, k["library"]))).key
    heard = await do(c.DeployProcess(chain("heard", work(template=HEARD))))
    timed = await do(c.DeployProcess(chain("timed", SOON, work())))
    late = await do(c.DeployProcess(chain("late", LATER, work())))
    several = TaskTemplate(participants=Participants((k["ann"], k["bob"])), supervisor_key=k["cec"])
    together = await do(c.DeployProcess(chain("together", work("one", several), work("two", several))))
    resource = c.NewResource(ResourceKind.FORM, "form", "form.form", "{}")
    await do(c.Deploy((), (resource,)))
    k["resource"] = rows(engine, Resource)[0].key

    subscription = await do(c.Subscribe(EVENTS, {"url": "http://example.org"}))
    k["subscription"] = subscription.key
    for name in ("plain", "open", "other"):
        started = await do(c.StartInstance(k["plain"], variables={"n": 1}, title=name))
        k[name if name != "plain" else "instance"] = started.key
        k[f"task_{name}"] = started.tasks[0].key
    k["comment"] = (await do(c.AddComment(k["instance"], "so far"))).key
    await do(c.SetComment(k["task_plain"], "good"))
    await do(c.AttachDocument(k["task_plain"], k["paper"], 1_000_000))
    await do(c.PauseTask(k["task_open"]))
    await do(c.AssignTask(k["task_other"], "ann"))
    await do(c.Involve("instance", k["instance"], Involved.EDITOR, "user", k["bob"]))
    k["held"] = (await do(c.StartInstance(heard.process_key))).tasks[0].key
    await do(c.CompleteTask(k["held"], {"done": True}))
    k["waiting"] = (await do(c.StartInstance(heard.process_key))).tasks[0].key
    await do(c.AssignTask(k["waiting"], "ann"))
    jobs = await do(c.ActivateJobs("audit", "w", 1, 10))
    k["job"], k["job_too"] = (job.key for job in jobs)
    await do(c.StartInstance(timed.process_key))
    await do(c.StartInstance(late.process_key))
    k["timer"] = (await engine.ask(NextTimers(), who))[0].key
    k["together"] = (await do(c.StartInstance(together.process_key))).key
    k["planned"] = next(task.key for task in rows(engine, Task) if task.state == "PLANNED")

    k["reference"] = (await do(c.CreateReference("unit", "a", ext={"x": 1}))).key
    k["delivery"] = rows(engine, Delivery)[0].key
    ticket = c.IssueCredential(CredentialKind.TICKET, k["ann"], HOUR)
    k["ticket"] = digest((await do(ticket)).text)
    for name in ("code", "spent"):
        code = await do(c.IssueCredential(CredentialKind.CODE, k["ann"], HOUR, "client"))
        k[name] = digest(code.text)
    await do(c.SpendCredential(k["spent"], CredentialKind.CODE, 2**52))
    family = next(row.family for row in rows(engine, Credential) if row.digest == k["spent"])
    await do(c.IssueCredential(CredentialKind.ACCESS, k["ann"], HOUR, "client", family=family))
    await do(c.RegisterClient("client", "x"))
    await do(c.CreateEntry(EntryKind.ROLE, "clerks", "Clerks"))
    await do(c.AddAssociate(OwnerKind.ROLE, "clerks", MemberKind.USER, "ann"))
    k["grant"] = (await do(c.PutGrant("user", "ann", "process", ("READ",), "*"))).key
    await do(c.SetRedirection("dan", "cec", 0))
    await do(c.SetSetting("color", "blue"))
    return Examples(k, {type(command): command for command in _examples(k)})


def _examples(k: dict[str, Any]) -> tuple[c.Command[Any], ...]:
    return (
        # people
        c.CreateUser("new", number=7_000),
        c.UpdateUser("ann", first_name="Ann", ext={"t": {"a": 1}}, permissions=frozenset({Permission.WORK})),
        c.SetPassword("ann", "y"),
        c.SetUserStatus("bob", UserStatus.INACTIVE),
        c.DeleteUser("ann"),
        c.RenameUser("bob", "robert"),
        c.CloseUser("eve"),
        c.CreateGroup("new", members=("ann",)),
        c.UpdateGroup("staff", new_name="crew", status=GroupStatus.INACTIVE, ext={"t": {"a": 1}}),
        c.DeleteGroup("staff"),
        c.AddMember("staff", "cec"),
        c.RemoveMember("staff", "ann"),
        c.SetRedirection("ann", "bob", 0),
        c.RemoveRedirection("dan"),
        c.TransferTasks("ann", "bob"),
        # who may do what
        c.CreateEntry(EntryKind.ROLE, "new", "New"),
        c.UpdateEntry(EntryKind.ROLE, "clerks", name="Scribes"),
        c.DeleteEntry(EntryKind.ROLE, "clerks"),
        c.AddAssociate(OwnerKind.ROLE, "clerks", MemberKind.GROUP, "staff"),
        c.RemoveAssociate(OwnerKind.ROLE, "clerks", MemberKind.USER, "ann"),
        c.PutGrant("user", "ann", "process", ("READ", "WRITE"), "*", key=k["grant"]),
        c.DeleteGrant(k["grant"]),
        c.CreateFirstAdministrator("first", "x"),
        c.IssueCredential(CredentialKind.ACCESS, k["ann"], HOUR, "client"),
        c.ExtendCredential(k["ticket"], CredentialKind.TICKET, 2**52),
        c.RevokeCredential(k["ticket"], CredentialKind.TICKET),
        c.SpendCredential(k["code"], CredentialKind.CODE, 2**52),
        c.RevokeFamily(k["spent"]),
        c.RegisterClient("new", "x"),
        c.SetSetting("color", "red"),
        c.TryWriting(),
        c.RemoveExpired(),
        c.CreateTenant("new", 9),
        c.SetTenant("named", 3),
        # libraries
        c.CreateLibrary("New"),
        c.SetLibraryMember(k["library"], AssigneeKind.GROUP, k["staff"]),
        c.SetLibraryManager(k["library"], k["ann"]),
        c.RegisterFolder(k["library"], "x/y"),
        c.RegisterDocument(k["library"], "x", "new"),
        c.TransferDocuments("bob", "ann"),
        # processes
        c.DeployProcess(chain("plain", work(), work("another"), name="Again")),
        c.Deploy((c.DeployProcess(chain("new", work())),), (c.NewResource(ResourceKind.FILE, "f", "f", "f"),)),
        c.DeleteResource(k["resource"]),
        c.CreateStarter(k["plain"], "new", "New", "staff"),
        c.DraftProcess("new", "New", {"a": 1}, k["library"]),
        c.ReviseProcess(k["draft"], 0, {"a": 2}, "Else", ProcessStatus.ACTIVE, chain("drafted", work())),
        c.AddAssignee(k["activity"], AssignmentKind.ORDINARY, AssigneeKind.USER, k["cec_uid"]),
        c.RemoveAssignee(k["activity"], AssignmentKind.ORDINARY, k["ann_uid"]),
        c.UpdateActivity(k["activity"], Distribution.BALANCE, {"t": {"a": 1}}),
        c.CreateStage("new", k["plain"]),
        c.UpdateStage(k["stage"], name="drawer", deleted=True),
        # master data, and who is told
        c.CreateReference("unit", "new", k["reference"]),
        c.PutReference("unit", 1, "b"),
        c.UpdateReference(k["reference"], name="c", ext={"y": 2}),
        c.Subscribe(("task.created",), {}),
        c.SendMail(k["ann"], "ann@example.org", "Hello", "Ann", HOUR),
        c.ChangeSubscription(k["subscription"], kinds=("task.created",), deleted=True),
        c.LeaseSubscription(k["subscription"], HOUR),
        c.NoteDelivery((k["delivery"],), delivered=True),
        # instances
        c.StartInstance(k["plain"], variables={"a": 1}, document_key=k["document"], business_id="b"),
        c.ReviseInstance(k["instance"], title="new", business_id="b", ext={"t": {"a": 1}}, finished=True),
        c.CancelInstance(k["open"]),
        c.DeleteInstance(k["other"]),
        c.SetVariables(k["instance"], {"n": 2, "m": 3}),
        c.AddComment(k["instance"], "more"),
        c.ReviseComment(k["comment"], "less", {"a": 1}, deleted=True),
        c.Involve("instance", k["instance"], Involved.EDITOR, "user", k["bob"], involved=False),
        # tasks
        c.CreateTask("new", assignee="ann", candidate_users=("bob",), redirect=True),
        c.AssignTask(k["task_plain"], "ann"),
        c.ClaimTask(k["task_plain"], "ann"),
        c.UnassignTask(k["task_other"]),
        c.UpdateTask(k["task_plain"], priority=7, candidate_users=("cec",), ext={"t": {"a": 1}}),
        c.CompleteTask(k["task_plain"], {"n": 5}, comment="done"),
        c.ReassignTask(k["task_plain"], "bob", ext={"t": {"a": 1}}),
        c.PlanTask(k["planned"]),
        c.CancelTask(k["task_plain"]),
        c.DeleteTask(k["task_plain"]),
        c.SetComment(k["task_plain"], "bad"),
        c.AttachDocument(k["task_plain"], k["paper"], 1_000_000, attached=False),
        c.PauseTask(k["task_plain"]),
        c.ResumeTask(k["task_open"]),
        # what waits
        c.Consent(k["held"]),
        c.ActivateJobs("audit", "w", 1, 1),
        c.CompleteJob(k["job"]),
        c.FailJob(k["job"], 1, "again"),
        c.UpdateJob(k["job_too"], retries=5),
        c.FireTimer(k["timer"]),
        c.Several((c.UpdateReference(k["reference"], name="d"), c.SetComment(k["task_plain"], "both"))),
    )
