"""schemathesis takes our descriptions at their word: it makes thousands of requests from them, good and bad ones."""

import asyncio
import re
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest
from openapi_spec_validator import validate

from gateway.dialects import load
from schemas.inubit.samples import STARTER
from tests.interop.test_interop import run
from tests.support.described import described
from tests.support.facilioo import login
from tests.support.leave import ASK, PROJECT, Leave, prepare
from tests.support.rounds import rounds
from tests.support.server import Server, start
from tests.support.world import UNTHROTTLED

pytestmark = pytest.mark.interop
HERE = Path(__file__).parent / "openapi"
#: what takes away what others need (the task, the case, the caller's own access) comes after all others
LAST = (
    r"^(update|delete)(User|Account)s?(At\w+)?$|RoleUser$|(expire|delete)Token$|^(delete|cancel|route)Case(At\w+)?$"
    r"|^light(Cancel|Route)$|^(delete|deleteAll|submit|delegate)Tasks?(Alias)?$"
)
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance"
PROFILES = [
    ("camunda", "8.9"),
    ("camunda", "8.8"),
    ("camunda", "8.10"),
    ("facilioo", "2"),
    ("processmaker", "documented"),
    ("processmaker", "3.3"),
    ("inubit", "9.0"),
    ("inubit", "8.1"),
]


def _configuration(parameters: Mapping[str, str]) -> str:
    """Values in place of what a fuzzer would think of; and no tokens but ours, since two at once are one too many."""
    values = "".join(f'{name} = "{value}"\n' for name, value in parameters.items())
    return f"[generation]\nwith-security-parameters = false\n[parameters]\n{values}"


def _prepare(dialect: str, server: Server) -> tuple[tuple[str, str], Mapping[str, str]]:
    """The caller's credentials, and names of things that there are."""
    if dialect == "facilioo":
        with login(server) as api:
            return ("-H", f"Authorization: {api.headers['authorization']}"), {}
    if dialect == "inubit":
        answer = httpx2.post(
            f"{server.url}/ibis/rest/task/adhoc/testuser/{STARTER}", auth=("demo", "demo"), timeout=None
        )
        assert answer.status_code == 201
        return ("--auth", "demo:demo"), {"taskId": answer.text}
    if dialect == "processmaker":
        with httpx2.Client(timeout=None) as http:
            client = Leave(server.url, http).login("admin")
            named = {"workspace": "workflow", "app_uid": client.start()}
        named |= {"prj_uid": PROJECT, "pro_uid": PROJECT, "act_uid": ASK, "tas_uid": ASK}
        return ("-H", f"Authorization: Bearer {client.token}"), named
    return ("--auth", "demo:demo"), {}


@pytest.mark.needs("schemathesis")
@pytest.mark.rounds
@pytest.mark.parametrize(("dialect", "profile"), PROFILES)
def test_what_is_served_is_what_is_described(
    template: Path, tmp_path: Path, seed: int, dialect: str, profile: str
) -> None:
    """No other status, no other kind of content, no other shape, no failure."""
    program = HERE / ".venv" / "bin" / "schemathesis"
    document, config = tmp_path / "openapi.json", tmp_path / "schemathesis.toml"
    document.write_text(run(sys.executable, "-m", "gateway", "openapi", dialect, "--profile", profile))
    ids = [operation.facts["operationId"] for operation in described(dialect, profile).operations]
    parts = ["exclude", *(["include"] if any(re.search(LAST, id) for id in ids) else [])]
    # the cases at the limits of every schema are thousands
    limits = rounds(1) > 1 and profile == load(dialect).profiles[0]
    phases = "examples,coverage,fuzzing" if limits else "examples,fuzzing"
    settings = {f"DRAGOMAN_{dialect.upper()}_PROFILE": profile, "DRAGOMAN_CAMUNDA_REQUEST_TIMEOUT_MS": "100"}
    world = asyncio.run(prepare(template, tmp_path)) if dialect == "processmaker" else template
    settings |= {f"DRAGOMAN_{name.upper()}": str(value) for name, value in UNTHROTTLED.items()}
    with start(tmp_path, world, **settings) as server:
        who, named = _prepare(dialect, server)
        config.write_text(_configuration(named))
        for part in parts:
            out = run(
                *(program, "--config-file", config, "run", document, "--url", server.url, *who, "--checks", CHECKS),
                *("-n", str(rounds(1)), "--seed", str(seed), "--phases", phases, "--continue-on-failure"),
                *(f"--{part}-operation-id-regex", LAST, "--request-timeout", "600", "--no-color"),
                folder=tmp_path,
            )
            assert " passed" in out
            assert " failures" not in out
        with urllib.request.urlopen(f"{server.url}/metrics") as answer:
            counted = answer.read().decode()
    # a 504 is brought about by waiting for what nobody ends, a 503 by switching readiness off
    assert f'dialect="{dialect}"' in counted
    assert 'status="500"' not in counted
    assert set(re.findall(r'operation="(\w*)"\S*status="503"', counted)) <= {"ready"}


@pytest.mark.parametrize(("dialect", "profile"), PROFILES)
def test_every_profile_is_described_in_openapi(dialect: str, profile: str) -> None:
    validate(described(dialect, profile).document)
