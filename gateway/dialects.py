"""The installed dialects, found by entry point, and how the settings mount them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points

from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount
from core.engine.engine import Engine
from gateway.settings import Settings, SettingsError

GROUP = "dragoman.dialects"
#: dialects that own a part of another's paths are asked first
FIRST = ("camunda", "inubit", "inforouter", "processmaker", "facilioo")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    found = {point.name for point in entry_points(group=GROUP)}
    return (*(n for n in FIRST if n in found), *sorted(found - set(FIRST)))


def load(name: str) -> Dialect:
    for point in entry_points(group=GROUP):
        if point.name == name:
            dialect = point.load()
            if not isinstance(dialect, Dialect):
                raise SettingsError(f"dialect {name}: {point.value} is no Dialect")
            return dialect
    raise SettingsError(f"dialect {name} is not installed")


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
    unknown = set(settings.dialects) - set(names())
    if unknown:
        raise SettingsError(f"dialects.{sorted(unknown)[0]}: no such dialect; there are {', '.join(names())}")
    planned = []
    for name in names():
        wanted = settings.dialect(name)
        if not wanted.enabled:
            continue
        dialect = load(name)
        profile = wanted.profile or dialect.profiles[0]
        if profile not in dialect.profiles:
            raise SettingsError(f"dialects.{name}.profile: {profile!r} is none of {', '.join(dialect.profiles)}")
        for option in wanted.options:
            if option not in dialect.options:
                known = ", ".join(("enabled", "profile", "prefix", "hosts", *dialect.options))
                raise SettingsError(f"dialects.{name}.{option}: unknown; there are {known}")
        options = {**dialect.options, **wanted.options}
        planned.append(Plan(dialect, profile, wanted.prefix, wanted.hosts, options))
    return planned


def mount(plan: Plan, engine: Engine, settings: Settings) -> Mount:
    return Mount(engine, plan.profile, settings.public_url, (*settings.allowed_hosts, *plan.hosts), plan.options)


def build(plan: Plan, engine: Engine, settings: Settings) -> ASGIApp:
    """Raises SettingsError for options that the dialect cannot use."""
    try:
        return plan.dialect.build(mount(plan, engine, settings))
    except ValueError as error:
        raise SettingsError(f"dialects.{plan.dialect.name}.{error}") from None
