"""What is secret stands in no log, also not as a part of a path."""

import logging
from collections.abc import Iterator

import pytest

from gateway import logs
from tests.support.world import World


@pytest.fixture
def _logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is configured here is so for this test alone."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    monkeypatch.setattr(logs, "_request_line", None)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.mark.usefixtures("_logging")
async def test_a_token_in_a_path_is_not_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    headers = await world.token("mary")
    token = headers["authorization"].removeprefix("Bearer ")
    object.__setattr__(world.gateway.settings, "log_requests", True)
    logs.configure("debug", "json")
    capsys.readouterr()
    for method, path in (
        ("GET", f"/workflow/oauth2/{token}"),
        ("POST", f"/workflow/oauth2/{token}/nonsense"),
        ("POST", f"/workflow/oauth2/{token}/expire"),
        ("DELETE", f"/workflow/oauth2/{token}"),
    ):
        await world.call(method, path, headers)
    written = capsys.readouterr().err
    assert written.count('"path":"/workflow/oauth2/{token}"') == 4
    assert token not in written
