"""The demo world: made from the vendors' own samples, so that every request on their pages can be pasted.

Everything goes through the engine's own commands; see the architecture page for the table of what is in it.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from adapters.common.bpmn import graphs
from adapters.inforouter.flows import Draft, DraftStep, DraftTask, graph
from core.clock import DAY
from core.directory.commands import AddAssociate, CreateEntry, PutGrant
from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.identity.commands import IssueCredential, RegisterClient, SetTenant
from core.identity.digests import digest
from core.identity.passwords import hash_password
from core.identity.queries import PrincipalOf
from core.instance.commands import StartInstance
from core.library.commands import CreateLibrary, RegisterDocument, RegisterFolder, SetLibraryManager, SetLibraryMember
from core.people.commands import CreateGroup, CreateUser
from core.people.queries import GroupByName, ListUsers
from core.principal import Principal, system
from core.process.commands import ActivityIds, AddAssignee, CreateStarter, DeployProcess, DraftProcess, ReviseProcess
from core.process.queries import ActivityByUid, ProcessById
from core.registry.commands import PutReference
from core.task.commands import CreateTask
from core.types import (
    ALL_PERMISSIONS,
    WORKER_PERMISSIONS,
    AssigneeKind,
    AssignmentKind,
    CredentialKind,
    EntryKind,
    MemberKind,
    OwnerKind,
    Permission,
    ProcessStatus,
    UserStatus,
)
from gateway.settings import DialectSettings, Settings
from schemas.inforouter.flow import TaskDef

COMPANY = 2
COMPANY_PARTY = 4422685
TENANT_PARTY = 4422690
TENANT = "demo"
TICKET = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
STARTER = "74933f6c72c644c59e9091070f98c7dd"
STARTER_WITHOUT_TASK = "00000000000040008000000000000204"
STARTER_THAT_FAILS = "00000000000040008000000000000500"
PROJECT = "276544696573f9457cd0983094962709"
ACTIVITY = "679814870573f92e6509f59003354333"
SUB_PROCESS = "5296539325780572339ce51048356524"
#: the ids that the PHP examples of the page use
PHP_PROJECT = "3818779375772ec1f183320075303646"
PHP_ACTIVITY = "6537449955772ec4b9705a4019286874"
PHP_USER = "11609821854ca4355344560009542371"
#: the user whom the page's request adds; both are on vacation and so in no list, but known
SAMPLE_USER = "977d1339862ae390ad134e2745a3fdbd"
CLIENT_ID = "10000000000000000000000000000001"
CLIENT_SECRET = "20000000000000000000000000000002"  # noqa: S105  printed in the README
#: where the login page sends a browser back to
CLIENT_REDIRECT = "http://localhost:9000/callback"
LIBRARY = "Corporate"
WORKFLOW = "ContractApproval"
INUBIT_ROLE = "HR_Sachbearbeiter"
#: a role of Camunda's, and what it may do with all processes
WORKER = "worker"
WORKER_MAY = (
    *("READ_PROCESS_DEFINITION", "CREATE_PROCESS_INSTANCE", "READ_PROCESS_INSTANCE", "UPDATE_PROCESS_INSTANCE"),
    *("CANCEL_PROCESS_INSTANCE", "READ_USER_TASK", "UPDATE_USER_TASK", "CLAIM_USER_TASK", "COMPLETE_USER_TASK"),
)


@dataclass(frozen=True)
class Person:
    username: str
    first: str
    last: str = ""
    uid: str = ""
    permissions: frozenset[Permission] = WORKER_PERMISSIONS
    party_type: int = 2
    party: int = COMPANY_PARTY
    status: UserStatus = UserStatus.ACTIVE
    ext: dict[str, Any] = field(default_factory=dict)


PEOPLE = (
    Person(
        username="admin",
        first="Administrator",
        last="",
        uid="00000000000000000000000000000001",
        permissions=ALL_PERMISSIONS,
        party_type=1,
    ),
    Person("demo", "Demo", permissions=ALL_PERMISSIONS),
    Person("lisa", "Lisa", permissions=ALL_PERMISSIONS),
    Person("testuser", "Test", "User", party_type=7, party=TENANT_PARTY),
    Person("jdoe", "John", "Doe"),
    Person("jsmith", "John", "Smith"),
    Person("mark", "Mark", "Smith", "4e2745a3fdbd977d1339862ae390ad13"),
    Person("jrowe", "Jane", "Rowe", "60108982451ae53bc5786b3013937849"),
    Person("james", "James", "Johnson", "8f30daa78a440ab308727ca33381a545"),
    Person("mary", "Mary", "Rose", "184131195492c7a04cba5f9056989964"),
    Person("robert", "Robert", "Williams", "ae1e2034be750da53e48582cddc2ebc7"),
    Person("svacation", "Sample", "Vacation", SAMPLE_USER, status=UserStatus.VACATION),
    Person("pvacation", "Pasted", "Vacation", PHP_USER, status=UserStatus.VACATION),
)
GROUPS = (
    ("Managers", "157493645523b4c00067b67020029802", ("mark", "jrowe", "james")),
    ("Employees", "1846526764c8905435c74e2028286704", ("robert", "mary")),
    (INUBIT_ROLE, "", ("testuser",)),
)

APPROVE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://example.org/t">
  <bpmn:process id="approve" name="Approve" isExecutable="true">
    <bpmn:startEvent id="s"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
    <bpmn:userTask id="t" name="Approve request">
      <bpmn:extensionElements>
        <zeebe:userTask/>
        <zeebe:assignmentDefinition candidateGroups="Managers" candidateUsers="demo,lisa"/>
        <zeebe:priorityDefinition priority="70"/>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>
    <bpmn:endEvent id="e"/>
  </bpmn:process>
</bpmn:definitions>
"""

_START, _END = Element("start", ElementKind.START_EVENT), Element("end", ElementKind.END_EVENT)


def _task(id: str, name: str, parent: str = "") -> Element:
    return Element(id, ElementKind.USER_TASK, name, parent, task=TaskTemplate())


def _chain(id: str, name: str, *middle: Element, more: tuple[Element, ...] = (), flows: tuple[Flow, ...] = ()) -> Graph:
    """start - middle - end, in a row."""
    row = (_START, *middle, _END)
    steps = tuple(Flow(f"flow{n}", a.id, b.id) for n, (a, b) in enumerate(pairwise(row)))
    return Graph(id, name, (*row, *more), (*steps, *flows))


REQUEST = _chain(
    "request",
    "PAB HR-Recruiting Vorauswahl",
    _task("review", "Review request"),
    Element("onboarding", ElementKind.SUB_PROCESS, "Onboarding"),
    more=(
        Element("onboarding-start", ElementKind.START_EVENT, parent="onboarding"),
        _task("welcome", "Welcome the newcomer", "onboarding"),
        Element("onboarding-end", ElementKind.END_EVENT, parent="onboarding"),
    ),
    flows=(Flow("inner0", "onboarding-start", "welcome"), Flow("inner1", "welcome", "onboarding-end")),
)
MATTER = _chain("matter", "Vorgang", _task("open", "In Bearbeitung"))
ASSIGNED = _chain("php-example", "Leave request", _task("decide", "Decide"))
NOTHING = _chain("without-task", "Without a task")
FAILING = Graph(
    "failing",
    "Never finds its way",
    (
        _START,
        Element("choice", ElementKind.EXCLUSIVE_GATEWAY),
        _task("left", "Left"),
        _task("right", "Right"),
        _END,
    ),
    (
        Flow("in", "start", "choice"),
        Flow("to-left", "choice", "left", 'way = "left"'),
        Flow("to-right", "choice", "right", 'way = "right"'),
        Flow("from-left", "left", "end"),
        Flow("from-right", "right", "end"),
    ),
)


def with_authorizations(settings: Settings) -> Settings:
    """The world is served with Camunda's authorizations on, unless the settings say something else."""
    camunda = settings.dialect("camunda")
    if "authorizations" in camunda.options:
        return settings
    on = DialectSettings.model_validate({**camunda.model_dump(), "authorizations": "on"})
    return settings.model_copy(update={"dialects": {**settings.dialects, "camunda": on}})


async def load(engine: Engine) -> bool:
    """Load the world into an empty database; False if somebody lives there already."""
    who = system(engine.default_tenant)
    if await engine.ask(ListUsers(), who):
        return False
    aliases = {"inubit": ("Virtimo_AG",), "processmaker": ("workflow",)}
    await engine.execute(SetTenant(TENANT, COMPANY, aliases), who)
    await _people(engine, who)
    await _processes(engine, who)
    await _work(engine, who)
    await _rights(engine, who)
    return True


async def _rights(engine: Engine, who: Principal) -> None:
    """Whoever is no administrator may work on all processes with Camunda's clients, too."""
    await engine.execute(CreateEntry(EntryKind.ROLE, WORKER, "Worker", "Works on tasks"), who)
    for person in PEOPLE:
        if Permission.ADMINISTER not in person.permissions and person.status is UserStatus.ACTIVE:
            await engine.execute(AddAssociate(OwnerKind.ROLE, WORKER, MemberKind.USER, person.username), who)
    grant = PutGrant(MemberKind.ROLE, WORKER, "PROCESS_DEFINITION", WORKER_MAY, resource_id="*")
    await engine.execute(grant, who)


async def _people(engine: Engine, who: Principal) -> None:
    for person in PEOPLE:
        # nobody waits yet, and what a thread of the pool takes for a hash is never given back
        hashed = hash_password(person.username)
        await engine.execute(
            CreateUser(
                username=person.username,
                password_hash=hashed,
                first_name=person.first,
                last_name=person.last,
                email=f"{person.username}@example.com",
                permissions=person.permissions,
                status=person.status,
                uid=person.uid,
                ext={"facilioo": {"partyId": person.party, "partyType": person.party_type}},
            ),
            who,
        )
    for name, uid, members in GROUPS:
        await engine.execute(CreateGroup(name, uid=uid, members=members), who)
    client = RegisterClient(CLIENT_ID, digest(CLIENT_SECRET), "Demo client", redirect_uri=CLIENT_REDIRECT)
    await engine.execute(client, who)
    house = 0
    for kind, number, name, ext in (
        ("party", COMPANY_PARTY, "Musterhaus Verwaltung", {"type": 2}),
        ("party", TENANT_PARTY, "Test User", {"type": 7}),
        ("property", 501, "Musterstrasse 1", {"number": "PLS22"}),
        ("unit", 9001, "3. OG links", {}),
        ("feed-type", 1, "Note", {}),
    ):
        put = PutReference(kind, number, name, ext, parent_key=house if kind == "unit" else 0)
        made = await engine.execute(put, who)
        house = made.key if kind == "property" else house


async def _processes(engine: Engine, who: Principal) -> None:
    ids = (
        ActivityIds("review", ACTIVITY),
        ActivityIds("onboarding", SUB_PROCESS),
    )
    await engine.execute(DeployProcess(MATTER, number=3, activities=(ActivityIds("open", number=7),)), who)
    request = await engine.execute(DeployProcess(REQUEST, uid=PROJECT, activities=ids), who)
    php_ids = (ActivityIds("decide", PHP_ACTIVITY),)
    await engine.execute(DeployProcess(ASSIGNED, uid=PHP_PROJECT, activities=php_ids), who)
    nothing = await engine.execute(DeployProcess(NOTHING), who)
    failing = await engine.execute(DeployProcess(FAILING), who)
    for approve in graphs(APPROVE.encode()):
        await engine.execute(DeployProcess(approve, "approve.bpmn", APPROVE), who)
    name = f"{REQUEST.name} WF Starter"
    for process, uid, number, label in (
        (request, STARTER, 140, f"{REQUEST.name} starten"),
        (nothing, STARTER_WITHOUT_TASK, 204, "Without a task"),
        (failing, STARTER_THAT_FAILS, 500, "Never finds its way"),
    ):
        module = name if number == 140 else label
        await engine.execute(
            CreateStarter(process.process_key, module, label, INUBIT_ROLE, uid=uid, number=number), who
        )
    for uid, kind in ((_uid("mark"), "user"), (_uid("jrowe"), "user"), (GROUPS[0][1], "group"), (PHP_USER, "user")):
        activity = (await engine.ask(ActivityByUid(ACTIVITY), who)).key
        await engine.execute(AddAssignee(activity, AssignmentKind.AD_HOC, AssigneeKind(kind), uid), who)
    activity = (await engine.ask(ActivityByUid(PHP_ACTIVITY), who)).key
    for uid in (_uid("james"), PHP_USER):
        await engine.execute(AddAssignee(activity, AssignmentKind.AD_HOC, AssigneeKind.USER, uid), who)


def _uid(username: str) -> str:
    return next(p.uid for p in PEOPLE if p.username == username)


async def _library(engine: Engine, who: Principal) -> None:
    """A library with documents, and a workflow of two steps."""
    users = {u.username: u for u in await engine.ask(ListUsers(), who)}
    managers = await engine.ask(GroupByName("Managers"), who)
    library = (await engine.execute(CreateLibrary(LIBRARY), who)).key
    await engine.execute(CreateLibrary("Finance"), who)
    for username in ("jdoe", "jsmith", "jrowe"):
        await engine.execute(SetLibraryMember(library, AssigneeKind.USER, users[username].key), who)
    await engine.execute(SetLibraryMember(library, AssigneeKind.GROUP, managers.key), who)
    await engine.execute(SetLibraryManager(library, users["jrowe"].key), who)
    await engine.execute(CreateGroup(f"{LIBRARY}/Legal", members=("mark", "james"), library_key=library), who)
    folders = {
        path: (await engine.execute(RegisterFolder(library, path), who)).key for path in ("Contracts", "Archive")
    }
    for name in ("Agreement.docx", "Proposal.docx"):
        await engine.execute(RegisterDocument(library, "Contracts", name, owner="mark"), who)
    for number in (1, 2, 3):
        document = RegisterDocument(library, "Handbook", f"Document {number}.docx", owner="mark")
        key = (await engine.execute(document, who)).key
        await engine.execute(CreateTask(f"Read document {number}", assignee="jdoe", document_key=key), who)
    draft = Draft(folders["Contracts"], folders["Archive"], users=[users["jrowe"].number])
    legal = await engine.ask(GroupByName(f"{LIBRARY}/Legal"), who)
    made = await engine.execute(
        DraftProcess(
            f"{LIBRARY}.{WORKFLOW}",
            WORKFLOW,
            draft.content,
            library,
            status=ProcessStatus.ACTIVE,
            supervisors=draft.supervisors,
        ),
        who,
    )
    first = made.number * 1000 + 1
    review = TaskDef("Legal review", "Please review the contract.", 48, groups=(legal.number,), required=2)
    sign = TaskDef("Sign", "Please sign the contract.", 24, users=(users["jsmith"].number,))
    draft.steps = [
        DraftStep(1, "Review", tasks=[DraftTask(first, review)]),
        DraftStep(2, "Signature", tasks=[DraftTask(first + 1, sign)]),
    ]
    draft.last_task = 2
    numbers = {u.number: u.key for u in users.values()}
    process = graph(f"{LIBRARY}.{WORKFLOW}", WORKFLOW, draft, numbers, {legal.number: legal.key})
    await engine.execute(ReviseProcess(made.key, 0, draft.content, graph=process), who)


async def _work(engine: Engine, who: Principal) -> None:
    approve = (await engine.ask(ProcessById("approve"), who)).key
    await engine.execute(StartInstance(approve, title="Approve request"), who)
    await _library(engine, who)
    admin = await engine.ask(PrincipalOf(user_number=1, via="system"), Principal(who.tenant_key, 0, "", "inforouter"))
    ticket = IssueCredential(CredentialKind.TICKET, admin.user_key, 3650 * DAY, text=TICKET)
    await engine.execute(ticket, admin)
