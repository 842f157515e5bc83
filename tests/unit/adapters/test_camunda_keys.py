"""How the keys of an identity provider are fetched: from where, how much, and for how long."""

from pathlib import Path

import pytest

from adapters.camunda.bearer import MAX_DOCUMENT
from tests.support.provider import Provider, me, oidc
from tests.support.provider import provider as provider
from tests.support.world import open_world


async def test_keys_that_have_moved_are_found(template: Path, tmp_path: Path, provider: Provider) -> None:
    provider.moved = True
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
    metadata = "/.well-known/openid-configuration"
    assert provider.asked == [metadata, f"/moved{metadata}", "/keys", "/moved/keys"]


async def test_the_metadata_are_not_asked_where_the_keys_are_named(
    template: Path, tmp_path: Path, provider: Provider
) -> None:
    named = oidc(provider, oidc_jwks_url=f"{provider.url}/elsewhere/keys")
    async with open_world(template, tmp_path, dialects=named) as world:
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
    assert provider.asked == ["/elsewhere/keys"]


async def test_proxies_of_the_environment_are_used(
    template: Path, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, provider.url)
    provider.url = "http://idp.example.com"
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
    assert provider.asked[-1] == "http://idp.example.com/keys"


async def test_a_document_without_an_end_is_not_read_to_it(
    template: Path, tmp_path: Path, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        provider.padding = 8 * MAX_DOCUMENT
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 503
        assert f"has more than {MAX_DOCUMENT} bytes" in caplog.text
        provider.padding = MAX_DOCUMENT // 2
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200


async def test_a_provider_that_says_nothing_is_not_waited_for(
    template: Path,
    tmp_path: Path,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.ready.clear()
    async with open_world(template, tmp_path, dialects=oidc(provider)) as world:
        with monkeypatch.context() as patience:
            patience.setattr("adapters.camunda.bearer.FETCH_TIMEOUT", 0.05)
            assert (await me(world, provider.token(preferred_username="jdoe"))).status == 503
        assert f"the keys of {provider.url} could not be fetched: no answer within 0.05 seconds" in caplog.text
        provider.ready.set()
        assert (await me(world, provider.token(preferred_username="jdoe"))).status == 200
