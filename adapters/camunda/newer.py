"""Clients that are made for a newer generation than the one that is served: the log says so, once for each."""

import logging

from starlette.requests import Request

from adapters.camunda.profile import PROFILES, Profile
from adapters.common.http import header
from schemas.common.numbers import whole

log = logging.getLogger("dragoman.camunda")

_NODE, _HTTPX = "camunda8-sdk-nodejs/8.", "python-httpx/"
#: how many clients are told apart
_MOST = 100


def _age(profile: str) -> int:
    return whole(profile.partition(".")[2]) or 0


_NEWEST = max(PROFILES, key=_age)


class Onlooker:
    """Looks at what clients call themselves, as far as they do."""

    def __init__(self, profile: Profile) -> None:
        self._served = profile.name
        self._seen: set[str] = set()

    def look(self, request: Request) -> None:
        agent = header(request, b"user-agent")
        if agent in self._seen or len(self._seen) >= _MOST:
            return
        self._seen.add(agent)
        if agent.startswith(_NODE):
            minor = whole(agent.removeprefix(_NODE).partition(".")[0], 3)
            if minor is not None and minor > _age(self._served):
                wanted = min(minor, _age(_NEWEST))
                self._tell(f"@camunda8/sdk 8.{minor}", f"8.{wanted}")
        elif agent.startswith(_HTTPX) and self._served != _NEWEST:
            self._tell("a program in Python, which camunda-orchestration-sdk 10 may be", _NEWEST)

    def _tell(self, client: str, wanted: str) -> None:
        if wanted != self._served:
            log.warning(
                "%s calls: it is made for the profile %s, and %s is served (DRAGOMAN_CAMUNDA_PROFILE)",
                client,
                wanted,
                self._served,
            )
