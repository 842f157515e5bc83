"""Golden exchanges: `.http` files with requests and the answers expected to them.

    @profile processmaker 3.3          settings of the whole file, in front of the first case; also
    @option camunda request_timeout_ms 150
    @world crossroads                  what the world has besides; see ADDITIONS
    ### The title of a case
    @maintenance on                    what happens before the request
    POST /path
    Header: value

    body
    => 201
    Header: value                      as it has to be; `!Header` has to be absent
                                       (others may be there)
    body with {{uuid}} or {{name:uuid}}

Cases of a file share a world. `{{name:kind}}` binds what matched; `{{name}}` is that text ever after, in requests too.
`{{basic user}}` is an Authorization value. A `␍` stands for a carriage return, a `␊` for a line feed at the end.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from starlette.types import ASGIApp

from adapters.common.bpmn import graphs
from core.graph.elements import Element, ElementKind, Flow, Listener, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import StartInstance
from core.people.commands import CreateUser
from core.process.commands import ActivityIds, AddAssignee, DeployProcess, UpdateActivity
from core.process.queries import ActivityByUid
from core.search.query import Where
from core.task.commands import AssignTask, CompleteTask, CreateTask
from core.task.queries import SearchTasks
from core.types import AssigneeKind, AssignmentKind, Distribution, UserStatus
from gateway import demo
from tests.support.asgi import Answer, basic, call
from tests.support.bpmn import document, element, row
from tests.support.world import World

KINDS = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "key": r"22517998\d{8}",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z?",
    "millis": r"\d{13}",
    "tasklist": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000",
    "int": r"\d+",
    "hex40": r"[0-9a-f]{40}",
    "uid": r"[0-9a-f]{32}",
    "jwt": r"[\w-]+\.[\w-]+\.[\w-]+",
    "trace": r"00-[0-9a-f]{32}-[0-9a-f]{16}-00",
    "cursor": r"[A-Za-z0-9+/]+=*",
    "local": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "date": r"\d{4}-\d\d-\d\d",
    "any": r"[\s\S]*?",
}
_PLACE = re.compile(r"\{\{(?:(?P<name>\w+):)?(?P<kind>\w+)\}\}")


@dataclass
class Case:
    title: str
    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 0
    expected: list[tuple[str, str]] = field(default_factory=list)
    answer: str = ""
    before: list[str] = field(default_factory=list)


@dataclass
class Exchanges:
    directives: list[str]
    cases: list[Case]


def read(path: Path) -> Exchanges:
    head, *blocks = re.split(r"^### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    directives = [line[1:].strip() for line in head.splitlines() if line.startswith("@")]
    return Exchanges(directives, [_case(block) for block in blocks])


def _case(block: str) -> Case:
    title, _, rest = block.partition("\n")
    case = Case(title.strip())
    request, arrow, answer = re.split(r"^(=>) ", rest, maxsplit=1, flags=re.MULTILINE)
    assert arrow == "=>", title
    lines = request.splitlines()
    while lines and (lines[0].startswith("@") or not lines[0].strip()):
        line = lines.pop(0)
        if line.startswith("@"):
            case.before.append(line[1:].strip())
    case.method, case.target = lines.pop(0).split(" ", 1)
    while lines and lines[0].strip():
        name, _, value = lines.pop(0).partition(":")
        case.headers[name.strip()] = value.strip()
    case.body = "\n".join(lines[1:]).rstrip("\n").replace("␍", "\r").replace("␊", "\n")
    status, _, rest = answer.partition("\n")
    case.status = int(status)
    lines = rest.splitlines()
    while lines and lines[0].strip():
        name, _, value = lines.pop(0).partition(":")
        case.expected.append((name.strip().lower(), value.strip()))
    case.answer = "\n".join(lines[1:]).rstrip("\n").replace("␍", "\r").replace("␊", "\n")
    return case


def fill(text: str, bound: dict[str, str]) -> str:
    text = re.sub(r"\{\{basic (\w+)\}\}", lambda m: basic(m[1]), text)
    return re.sub(r"\{\{(\w+)\}\}", lambda m: bound.get(m[1], m[0]), text)


def _check(what: str, expected: str, found: str, bound: dict[str, str]) -> None:
    expected = fill(expected, bound)
    pattern, at, names = "", 0, []
    for place in _PLACE.finditer(expected):
        assert place["kind"] in KINDS, f"{what}: {place[0]} is not bound and not a kind"
        pattern += re.escape(expected[at : place.start()])
        pattern += f"({KINDS[place['kind']]})"
        names.append(place["name"])
        at = place.end()
    match = re.fullmatch(pattern + re.escape(expected[at:]), found)
    assert match is not None, f"{what}\nexpected: {expected!r}\nfound:    {found!r}"
    bound.update({name: value for name, value in zip(names, match.groups(), strict=True) if name})


def bind(expected: str, found: str, bound: dict[str, str]) -> None:
    """The names of places in a text that may differ from the expected one: each by what stands in front of it."""
    try:
        _check("", expected, found, bound)
    except AssertionError:
        expected = fill(expected, bound)
        at = 0
        for place in _PLACE.finditer(expected):
            if place["name"] and place["kind"] in KINDS:
                before = re.split(r"\}\}", expected[: place.start()])[-1][-24:]
                match = re.compile(re.escape(before) + f"({KINDS[place['kind']]})").search(found, at)
                if match is not None:
                    at = match.end()
                    bound[place["name"]] = match[1]


_GUARDED = TaskTemplate(listeners=(Listener("completing", "audit"),))


async def _crossroads(world: World) -> None:
    """A task in front of a choice, and behind it one whose completion somebody listens to."""
    start, end = Element("start", ElementKind.START_EVENT), Element("end", ElementKind.END_EVENT)
    graph = Graph(
        "crossroads",
        "Crossroads",
        (
            start,
            Element("decide", ElementKind.USER_TASK, "Decide", task=TaskTemplate()),
            Element("choice", ElementKind.EXCLUSIVE_GATEWAY),
            Element("guarded", ElementKind.USER_TASK, "Guarded", task=_GUARDED),
            end,
        ),
        (
            Flow("f1", "start", "decide"),
            Flow("f2", "decide", "choice"),
            Flow("left", "choice", "guarded", 'way = "left"'),
            Flow("right", "choice", "end", 'way = "right"'),
            Flow("f3", "guarded", "end"),
        ),
    )
    deployed = await world.engine.execute(DeployProcess(graph), world.system)
    await world.engine.execute(StartInstance(deployed.process_key), world.system)


async def _held_task(world: World) -> None:
    """A task of robert that a listener holds, and one that it does not."""
    await _crossroads(world)
    who = world.system
    (decide,) = (await world.engine.ask(SearchTasks((Where("name", "eq", "Decide"),)), who)).items
    await world.engine.execute(CompleteTask(decide.task.key, {"way": "left"}), who)
    (guarded,) = (await world.engine.ask(SearchTasks((Where("name", "eq", "Guarded"),)), who)).items
    await world.engine.execute(AssignTask(guarded.task.key, "robert"), who)
    await world.engine.execute(CompleteTask(guarded.task.key), who)
    await world.engine.execute(CreateTask("Free", assignee="robert"), who)


async def _leave(world: World) -> None:
    """A request, then the boss (in turn) and the office (self-service) side by side, then a last look or none."""
    user, group, ordinary = AssigneeKind.USER, AssigneeKind.GROUP, AssignmentKind.ORDINARY
    tasks = (("ask", "Ask", "1"), ("boss", "Boss", "2"), ("office", "Office", "3"), ("look", "Look", "4"))
    graph = Graph(
        "leave",
        "Leave request",
        (
            Element("start", ElementKind.START_EVENT),
            *(Element(id, ElementKind.USER_TASK, name, task=TaskTemplate()) for id, name, _ in tasks),
            Element("split", ElementKind.PARALLEL_GATEWAY),
            Element("join", ElementKind.PARALLEL_GATEWAY),
            Element("choice", ElementKind.EXCLUSIVE_GATEWAY, default_flow="none"),
            Element("end", ElementKind.END_EVENT),
        ),
        (
            Flow("f1", "start", "ask"),
            Flow("f2", "ask", "split"),
            Flow("f3", "split", "boss"),
            Flow("f4", "split", "office"),
            Flow("f5", "boss", "join"),
            Flow("f6", "office", "join"),
            Flow("f7", "join", "choice"),
            Flow("more", "choice", "look", 'amount = "many"'),
            Flow("none", "choice", "end"),
            Flow("f8", "look", "end"),
        ),
    )
    ids = tuple(ActivityIds(id, f"{'0' * 30}a{n}") for id, _, n in tasks)
    engine, who = world.engine, world.system
    await engine.execute(DeployProcess(graph, uid=f"{'0' * 30}a0", activities=ids), who)
    keys = {id: (await engine.ask(ActivityByUid(f"{'0' * 30}a{n}"), who)).key for id, _, n in tasks}
    for name, kind, uid in (
        ("ask", user, "00000000000000000000000000000001"),
        ("ask", user, "184131195492c7a04cba5f9056989964"),
        ("boss", user, "00000000000000000000000000000001"),
        ("office", group, "1846526764c8905435c74e2028286704"),
        ("look", user, "00000000000000000000000000000001"),
    ):
        await engine.execute(AddAssignee(keys[name], ordinary, kind, uid), who)
    for name in ("boss", "look"):
        await engine.execute(UpdateActivity(keys[name], Distribution.BALANCE), who)


async def _two_ways_in(world: World) -> None:
    """A process with two start events, and a task behind each, of Mary's."""
    start = ElementKind.START_EVENT
    graph = Graph(
        "enquiry",
        "Enquiry",
        (
            Element("by phone", start),
            Element("by mail", start),
            Element("write", ElementKind.USER_TASK, "Write down", task=TaskTemplate()),
            Element("read", ElementKind.USER_TASK, "Read", task=TaskTemplate()),
            Element("end", ElementKind.END_EVENT),
        ),
        (
            Flow("f1", "by phone", "write"),
            Flow("f2", "by mail", "read"),
            Flow("f3", "write", "end"),
            Flow("f4", "read", "end"),
        ),
    )
    ids = (ActivityIds("write", f"{'0' * 30}b1"), ActivityIds("read", f"{'0' * 30}b2"))
    engine, who = world.engine, world.system
    await engine.execute(DeployProcess(graph, uid=f"{'0' * 30}b0", activities=ids), who)
    for id in ids:
        activity = await engine.ask(ActivityByUid(id.uid), who)
        mary = "184131195492c7a04cba5f9056989964"
        await engine.execute(AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.USER, mary), who)


async def _page_case(world: World) -> None:
    """The case that the first PHP example of ProcessMaker's page passes on, and who has it. The example takes the first
    available user; here that is one who may have it."""
    engine, who = world.engine, world.system
    activity = await engine.ask(ActivityByUid(demo.PHP_ACTIVITY), who)
    admin = "00000000000000000000000000000001"
    await engine.execute(AddAssignee(activity.key, AssignmentKind.ORDINARY, AssigneeKind.USER, admin), who)
    await engine.execute(CreateUser("holder", uid="41089101154de3b97536fc0077548396", status=UserStatus.VACATION), who)
    case = StartInstance(activity.process_key, assignee="holder", uid="276544696573f9457cd0983094962709")
    await engine.execute(case, who)


async def _broken_storage(world: World) -> None:
    """The tables of work are gone: every statement on them fails."""
    connection = world.engine.store.connect()
    for table in ("task", "instance"):
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_gone", {})
    connection.close()


async def _called(world: World) -> None:
    """A process that waits for another one, which waits for a task."""
    call = element("callActivity", "call", '<zeebe:calledElement processId="inner"/>')
    for id, content in (("inner", row(element("userTask", "work"))), ("outer", row(call))):
        (graph,) = graphs(document(id, content).encode())
        deployed = await world.engine.execute(DeployProcess(graph), world.system)
    await world.engine.execute(StartInstance(deployed.process_key), world.system)


async def _onlooker(world: World) -> None:
    """Somebody who may log in and nothing else, and somebody who needs a second factor."""
    for name, ext in (("onlooker", {"partyType": 11}), ("careful", {"multiFactorAuthentication": True})):
        hashed = await world.engine.hash_password(name)
        mail = f"{name}@example.com"
        command = CreateUser(
            name, hashed, name.capitalize(), email=mail, permissions=frozenset(), ext={"facilioo": ext}
        )
        await world.engine.execute(command, world.system)


ADDITIONS = {
    "onlooker": _onlooker,
    "called": _called,
    "leave": _leave,
    "page case": _page_case,
    "two ways in": _two_ways_in,
    "crossroads": _crossroads,
    "held task": _held_task,
    "broken storage": _broken_storage,
}


async def add(world: World, directives: list[str]) -> None:
    for directive in directives:
        word, _, name = directive.partition(" ")
        if word == "world":
            await ADDITIONS[name](world)


async def prepare(world: World, directive: str) -> None:
    if directive.startswith("maintenance "):
        await world.engine.set_maintenance(directive.split()[1] == "on")
    else:
        raise AssertionError(f"unknown directive {directive!r}")


def filled(case: Case, bound: dict[str, str]) -> tuple[str, dict[str, str], str]:
    """The target, the headers and the body that are sent."""
    headers = {name: fill(value, bound) for name, value in case.headers.items()}
    return fill(case.target, bound), headers, fill(case.body, bound)


async def ask(world: World, case: Case, bound: dict[str, str], app: ASGIApp | None = None) -> Answer:
    """`app` is the gateway of the world as somebody else sees it."""
    for directive in case.before:
        await prepare(world, directive)
    target, headers, body = filled(case, bound)
    return await call(app or world.gateway, case.method, target, headers, body)


def check(case: Case, answer: Answer, bound: dict[str, str]) -> None:
    where = f"{case.title}: {case.method} {case.target}"
    assert answer.status == case.status, f"{where}\nstatus {answer.status}, expected {case.status}\n{answer.text}"
    for name, value in case.expected:
        if name.startswith("!"):
            assert name[1:] not in answer.headers, f"{where}: header {name[1:]} is there"
        else:
            _check(f"{where}: header {name}", value, answer.headers.get(name, "(absent)"), bound)
    _check(f"{where}: body", case.answer, answer.text, bound)


async def run(world: World, cases: list[Case], app: ASGIApp | None = None) -> None:
    bound: dict[str, str] = {}
    for case in cases:
        check(case, await ask(world, case, bound, app), bound)


def settings_of(directives: list[str]) -> dict[str, dict[str, str]]:
    """`profile NAME VALUE` and `option NAME KEY VALUE` as dialect settings."""
    dialects: dict[str, dict[str, str]] = {}
    for directive in directives:
        word, name, *rest = directive.split()
        if word == "world":
            continue
        key, value = ("profile", rest[0]) if word == "profile" else (rest[0], rest[1])
        dialects.setdefault(name, {})[key] = value
    return dialects
