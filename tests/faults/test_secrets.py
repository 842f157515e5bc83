"""What is secret stands in no log, also not as a part of a path."""

import logging

import pytest

from gateway import logs
from tests.support.world import World


async def test_a_token_in_a_path_is_not_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    headers = await world.token("mary")
    token = headers["authorization"].removeprefix("Bearer ")
    world.gateway._log_request = logs.configure("debug", "json")
    capsys.readouterr()
    for method, path in (
        ("GET", f"/workflow/oauth2/{token}"),
        ("POST", f"/workflow/oauth2/{token}/nonsense"),
        ("POST", f"/workflow/oauth2/{token}/expire"),
        ("DELETE", f"/workflow/oauth2/{token}"),
    ):
        await world.call(method, path, headers)
    written = capsys.readouterr().err
    logging.getLogger().handlers.clear()
    assert written.count('"path":"/workflow/oauth2/{token}"') == 4
    assert token not in written
