"""The installed dialects, found by entry point, and how the settings mount them."""

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount
from adapters.installed import names as names
from adapters.installed import points
from core.engine import Engine
from core.storage import open_store
from gateway.settings import DialectSettings, Settings, SettingsError
from gateway.settings.sources import instead, named


def load(name: str) -> Dialect:
    """Raises SettingsError if there is no such dialect."""
    point = points().get(name)
    if point is None:
        raise SettingsError(f"there is no dialect {name}{instead(name, names(), otherwise=True)}")
    dialect = point.load()
    if not isinstance(dialect, Dialect):
        raise SettingsError(f"the dialect {name} is not usable: {point.value} is no Dialect")
    return dialect


def profile_of(dialect: Dialect, name: str) -> str:
    """The profile of that name, the first one for an empty name. Raises ValueError."""
    if name and name not in dialect.profiles:
        raise ValueError(f"has to be one of {', '.join(dialect.profiles)}, not {name}")
    return name or dialect.profiles[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """A dialect with its settings, checked: what will be mounted."""

    dialect: Dialect
    profile: str
    prefix: str
    hosts: tuple[str, ...]
    options: Mapping[str, str]


def plans(settings: Settings) -> list[Plan]:
    """Raises SettingsError for unknown dialects, profiles and options."""
    for name in settings.dialects:
        if name not in names():
            where = named(("dialects", name))
            raise SettingsError(f"{where}: there is no such dialect{instead(name, names(), otherwise=True)}")
    planned = []
    for name in names():
        wanted = settings.dialect(name)
        if not wanted.enabled and not wanted.options:
            continue
        dialect = load(name)
        try:
            profile = profile_of(dialect, wanted.profile)
        except ValueError as error:
            raise SettingsError(f"{named(('dialects', name, 'profile'))} {error}") from None
        for option in wanted.options:
            if option not in dialect.options:
                raise SettingsError(_unknown(dialect, option))
        if wanted.enabled:
            options = {**dialect.options, **wanted.options}
            planned.append(Plan(dialect, profile, wanted.prefix, wanted.hosts, options))
    return planned


def _unknown(dialect: Dialect, option: str) -> str:
    known = (*DialectSettings.model_fields, *dialect.options)
    where = named(("dialects", dialect.name, option))
    return f"{where}: {dialect.title} has no setting {option}{instead(option, known, otherwise=True)}"


def mount(plan: Plan, engine: Engine, settings: Settings) -> Mount:
    return Mount(engine, plan.profile, settings.public_url, (*settings.allowed_hosts, *plan.hosts), plan.options)


def description(plan: Plan, settings: Settings) -> dict[str, Any] | None:
    """The OpenAPI document of a dialect as it is served here, None if it has none."""
    if plan.dialect.describe is None:
        return None
    server = settings.public_url.rstrip("/") + plan.prefix
    return plan.dialect.describe(plan.profile, server or "/", plan.options)


def build(plan: Plan, engine: Engine, settings: Settings) -> ASGIApp:
    """Raises SettingsError for options that the dialect cannot use."""
    try:
        return plan.dialect.build(mount(plan, engine, settings))
    except ValueError as error:
        option, _, what = str(error).partition(" ")
        raise SettingsError(f"{named(('dialects', plan.dialect.name, option.rstrip(':')))} {what}") from None


def check(planned: list[Plan], settings: Settings) -> None:
    """Raises SettingsError for options that a dialect cannot use: each is built, on an engine that is never started."""
    with TemporaryDirectory(prefix="dragoman-check-") as folder:
        store = open_store(f"sqlite:///{folder}/nothing.db")
        engine = Engine(store)
        try:
            for plan in planned:
                build(plan, engine, settings)
        finally:
            store.close()
