"""All queries of all nouns as the first thing that a process does, by several threads at the same moment.

python -m tests.support.first_use URL SEED

For what a process makes once, at its first use: statements, what is known of definitions and remembered of searches.
"""

import asyncio
import random
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from core.engine import Engine
from core.identity.check import _CredentialByDigest, _UserByLogin
from core.people.queries import May
from core.principal import Principal, system
from core.rejections import Rejection, Unavailable
from core.search.query import PageRequest, Query
from core.search.reader import READINGS
from core.storage import open_store
from core.task.queries import DetailsOf, SearchTasks
from tests.unit.search.test_searches import KINDS, conditions

THREADS = 4
#: what there is in the demo world, so that answers have something to do
TABLES = (
    "task",
    "instance",
    "process",
    "definition",
    "activity",
    "user_account",
    "user_group",
    "library",
    "document",
    "event",
)
_BY_HAND: dict[type[Query[Any]], tuple[Any, ...]] = {
    _UserByLogin: ("admin", "username", "basic"),
    _CredentialByDigest: ("x",),
}


def keys_of(engine: Engine) -> list[int]:
    """By statements of its own: the others are to be new."""
    connection = engine.store.connect()
    rows = [connection.execute(f'SELECT min(key) FROM "{table}"', {})[0] for table in TABLES]
    connection.close()
    return [key for ((key,),) in rows if key is not None]


def _value(type_: Any, keys: list[int], key: int) -> Any:
    if type_ in (int, str):
        return key if type_ is int else "testuser"
    if get_origin(type_) is tuple:
        return {int: tuple(keys), str: ("testuser", "Managers")}.get(get_args(type_)[0], ())
    return next(iter(type_)) if isinstance(type_, type(Enum)) else None


def _of_keys(query: type[Query[Any]], keys: list[int]) -> Iterator[Query[Any]]:
    """With one key after the other."""
    types = get_type_hints(query)
    given = {f.name: types[f.name] for f in fields(query) if f.default is MISSING}  # type: ignore[arg-type]
    for key in keys if int in given.values() else keys[:1]:
        yield query(**{name: _value(type_, keys, key) for name, type_ in given.items()})


def queries(keys: list[int]) -> Iterator[Query[Any]]:
    for query in READINGS:
        if query in _BY_HAND:
            yield query(*_BY_HAND[query])
        elif query not in (May, DetailsOf):  # which are about rows that somebody has already
            yield from _of_keys(query, keys)
    for search in KINDS:
        yield from (search(where=(condition,)) for condition in conditions(search))  # type: ignore[call-arg]
    yield from (SearchTasks(page=PageRequest(2, offset)) for offset in range(3))


def ask(engine: Engine, who: Principal, asked: list[Query[Any]]) -> list[str]:
    """What was raised that is no refusal."""
    together, raised = threading.Barrier(THREADS), list[str]()

    def read() -> None:
        for query in asked:
            together.wait()
            try:
                engine._answer(READINGS[type(query)], query, who, None)
            except Exception as error:
                if not isinstance(error, Rejection) or isinstance(error, Unavailable):
                    raised.append(f"{query}: {traceback.format_exc()}")

    threads = [threading.Thread(target=read) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


async def main(url: str, seed: int) -> int:
    engine = Engine(open_store(url))
    await engine.start()
    try:
        chance = random.Random(seed)
        asked = list(queries(chance.sample(keys_of(engine), 3)))
        chance.shuffle(asked)
        raised = ask(engine, system(engine.default_tenant, dialect="test"), asked)
    finally:
        await engine.stop()
    print(f"{len(asked)} queries", *raised, sep="\n")
    return 1 if raised else 0


if __name__ == "__main__":
    sys.setswitchinterval(1e-6)
    sys.exit(asyncio.run(main(sys.argv[1], int(sys.argv[2]))))
