"""Changes of known grade: each is planted into an answer on its way, alone, and says what has to be told of it."""

import random
from typing import Any

from gateway.replay.targets import InProcess, NoAnswer
from gateway.traffic.exchange import Request, Response
from tests.support.planted import answers as answers
from tests.support.planted import jsons as jsons
from tests.support.planted import trees as trees
from tests.support.planted.kinds import KINDS, Expected, Planted

#: a header of a client's request, so that the proxy knows which exchange it is
NUMBER = b"X-Exchange"


def number_of(request: Request) -> int:
    return int(request.header(NUMBER.lower()) or 0)


class Planting:
    """A proxy in front of an app. `planted` has the kind of the change for the number of an exchange; what it came to
    is in `expected`."""

    address = ""

    def __init__(self, app: Any, planted: dict[int, str], seed: int) -> None:
        self._app = InProcess(app)
        self._planted = planted
        self._seed = seed
        self.expected: dict[int, Expected] = {}

    def prepared(self, request: Request) -> Request:
        return self._app.prepared(request)

    async def send(self, request: Request) -> Response:
        answer = await self._app.send(request)
        number = number_of(request)
        if number not in self._planted:
            return answer
        made = plant(self._planted[number], answer, self._seed)
        assert made is not None
        self.expected[number] = tuple(sorted(made.expected))
        if made.answer is None:
            raise NoAnswer("the connection was closed without an answer")
        return made.answer


def plant(name: str, answer: Response, seed: int) -> Planted | None:
    return KINDS[name](answer, random.Random(f"{seed} {name}"))
