"""Clients that want another profile: one line in the log, however often they call."""

import logging
from pathlib import Path

import pytest

from tests.support.asgi import basic
from tests.support.world import open_world


@pytest.mark.parametrize(
    ("profile", "agent", "line"),
    [
        ("8.9", "python-httpx/0.28.1", "sdk 10 may be calls: it is made for the profile 8.10, and 8.9"),
        ("8.10", "python-httpx/0.28.1", ""),
        ("8.8", "camunda8-sdk-nodejs/8.9.1 custom", "@camunda8/sdk 8.9 calls: it is made for the profile 8.9, and 8.8"),
        ("8.9", "camunda8-sdk-nodejs/8.11.0", "@camunda8/sdk 8.11 calls: it is made for the profile 8.10, and 8.9"),
        ("8.10", "camunda8-sdk-nodejs/8.11.0", ""),
        ("8.9", "camunda8-sdk-nodejs/8.8.13", ""),
        ("8.9", "camunda8-sdk-nodejs/8.x", ""),
        ("8.9", "camunda8-sdk-nodejs/8." + "9" * 400, ""),
        ("8.9", "curl/8.0", ""),
        ("8.9", "", ""),
    ],
)
async def test_whoever_wants_a_newer_profile_is_told_of_once(
    profile: str, agent: str, line: str, template: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"authorization": basic("demo"), "user-agent": agent}
    async with open_world(template, tmp_path, dialects={"camunda": {"profile": profile}}) as world:
        with caplog.at_level(logging.WARNING, "dragoman.camunda"):
            for _ in range(3):
                assert (await world.call("GET", "/v2/topology", headers)).status == 200
    lines = [record.getMessage() for record in caplog.records if record.name == "dragoman.camunda"]
    assert len(lines) == bool(line)
    assert all(line in each for each in lines)
