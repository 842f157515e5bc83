"""The golden exchanges as requests that are known to do something: for which operation each is, and others in the place
of whoever asks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from adapters.common.dialect import Operation
from gateway.dialects import load
from tests.support.asgi import Answer
from tests.support.exchange import Case, Exchanges, bind, fill, read
from tests.support.world import World

WIRE = Path(__file__).parents[1] / "wire"


@dataclass(frozen=True)
class Asked:
    """A case that succeeds, and the operation that it is for."""

    path: Path
    case: Case
    operation: Operation

    @property
    def title(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}: {self.case.title}"


@lru_cache
def _patterns(dialect: str) -> list[tuple[re.Pattern[str], Operation]]:
    """Those with the most of their path written out come first."""
    flags = re.IGNORECASE if dialect in ("processmaker", "facilioo") else 0
    operations = sorted(load(dialect).operations, key=lambda o: o.path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", o.path), flags), o) for o in operations]


def operation_of(dialect: str, case: Case) -> Operation | None:
    path = case.target.partition("?")[0].replace("{{", "").replace("}}", "")
    if dialect == "inforouter":
        folded = path.lower()
        return next((o for o in load(dialect).operations if o.method == case.method and o.path.lower() == folded), None)
    found = (o for pattern, o in _patterns(dialect) if o.method == case.method and pattern.fullmatch(path))
    return next(found, None)


#: how a refusal looks where the status does not tell
_REFUSALS = ('success="false"', '"status":"fail', '"success":"failure"')


def does_nothing(case: Case) -> bool:
    """A refusal leaves no trace; who waits in vain has done something."""
    return not succeeds(case) and case.status != 504


def succeeds(case: Case) -> bool:
    return case.status < 400 and not any(text in case.answer for text in _REFUSALS)


@lru_cache
def exchanges(path: Path) -> Exchanges:
    return read(path)


@lru_cache
def asked(dialect: str) -> tuple[Asked, ...]:
    """All cases of a dialect that succeed, and that say who asks where others do."""
    return tuple(_of(dialect))


def _of(dialect: str) -> Iterator[Asked]:
    for path in sorted((WIRE / dialect).glob("*.http")):
        for case in exchanges(path).cases:
            operation = operation_of(dialect, case)
            if operation is not None and succeeds(case) and "access_token=" not in case.target:
                yield Asked(path, case, operation)


def out_of_few_files(each: Iterable[list[Asked]], most: int) -> dict[Path, list[Asked]]:
    """So many of each list, by file: a file takes its time, whatever is asked in it."""
    lists = sorted(each, key=lambda several: len({one.path for one in several}))
    files: set[Path] = set()
    for several in lists:
        if files.isdisjoint(one.path for one in several):
            files.add(several[0].path)
    found: dict[Path, list[Asked]] = {path: [] for path in sorted(files)}
    for several in lists:
        for one in [one for one in several if one.path in files][:most]:
            found[one.path].append(one)
    return found


def _base(operation: Operation) -> str:
    return operation.name.removesuffix("V1").removesuffix("Alias").replace("Adhoc", "")


@lru_cache
def _by_base(dialect: str) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for operation in load(dialect).operations:
        found.setdefault(_base(operation), []).append(operation)
    return found


def alike(dialect: str, operation: Operation) -> tuple[Operation, ...]:
    """The rows of the table that are the same operation at other addresses."""
    variables = re.findall(r"\{\w+\}", operation.path)
    return tuple(o for o in _by_base(dialect)[_base(operation)] if re.findall(r"\{\w+\}", o.path) == variables)


def at(case: Case, operation: Operation, other: Operation) -> Case:
    """The case at another address of its operation."""
    path, mark, query = case.target.partition("?")
    if other.method != operation.method and operation.path == other.path:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return replace(case, method=other.method, target=path, headers={**case.headers, **form}, body=query)
    parts = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", operation.path), path, re.IGNORECASE)
    if parts is None:
        return case
    values = iter(parts.groups())
    there = re.sub(r"\{\w+\}", lambda _: next(values), other.path)
    return replace(case, method=other.method, target=f"{there}{mark}{query}")


_CREDENTIALS = ("authorization", "cookie", "x-auth-token", "x-csrf-token")
_TICKET = re.compile(r"(AuthenticationTicket[=>])[^&<]*", re.IGNORECASE)
#: a ticket that nobody has
NOBODYS = "00000000-0000-4000-8000-00000000dead"


def without_credentials(case: Case) -> Case:
    """Where a ticket stands in the address, it is empty; in a body it is one that nobody has."""
    return _as(case, {}, "" if case.method == "GET" else NOBODYS)


def as_somebody(case: Case, credentials: dict[str, str]) -> Case:
    """With the credentials of a dialect: a header, or the `ticket` of an address."""
    headers = {name: value for name, value in credentials.items() if name != "ticket"}
    return _as(case, headers, credentials.get("ticket", ""))


def _as(case: Case, headers: dict[str, str], ticket: str) -> Case:
    kept = {name: value for name, value in case.headers.items() if name.lower() not in _CREDENTIALS}
    target = _TICKET.sub(rf"\g<1>{quote(ticket)}", case.target)
    return replace(case, headers={**kept, **headers}, target=target, body=_TICKET.sub(rf"\g<1>{ticket}", case.body))


def is_filled(case: Case, bound: dict[str, str]) -> bool:
    """All that it is about is known by now."""
    return not re.search(r"\{\{\w+\}\}", fill(f"{case.target}\n{case.headers}\n{case.body}", bound))


async def send(world: World, case: Case, bound: dict[str, str]) -> Answer:
    headers = {name: fill(value, bound) for name, value in case.headers.items()}
    return await world.call(case.method, fill(case.target, bound), headers, body=fill(case.body, bound))


def refused(answer: Answer) -> bool:
    return answer.status >= 400 or any(text.encode() in answer.body for text in _REFUSALS)


def learn(case: Case, answer: Answer, bound: dict[str, str]) -> None:
    """Names from the places of an answer, also of one that differs from the expected one elsewhere."""
    for name, value in case.expected:
        bind(value, answer.headers.get(name.lstrip("!"), ""), bound)
    bind(case.answer, answer.text, bound)
