"""Settings: one frozen object from `dragoman.toml`, then the environment, then flags."""

import json
import os
from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as NotDecoded

from adapters import installed
from core.types import Distribution
from gateway.settings.complaints import refused
from gateway.settings.sources import OTHERS, PREFIX, instead, read_file, variables
from gateway.settings.sources import SettingsError as SettingsError

UID = "^([0-9a-f]{32})?$"


def _names(value: Any) -> Any:
    """`a, b` or, as in JSON, `["a", "b"]`."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise ValueError("has to be a list, as in: a, b") from None
    return tuple(name.strip() for name in value.split(",") if name.strip())


#: several names in one variable; not JSON, as the library would have it
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class DialectSettings(BaseModel):
    """One dialect: `[dialects.NAME]` in the file, `DRAGOMAN_NAME_...` in the environment. Further keys are its own."""

    model_config = ConfigDict(frozen=True, extra="allow")

    enabled: bool = Field(True, description="Serve this dialect.")
    profile: str = Field("", description="The generation of the vendor's product; empty: the dialect's default.")
    prefix: str = Field("", description="A path in front of the dialect's own paths, for example /InfoRouter.")
    hosts: Names = Field((), description="Host names that it answers to; empty: all.")

    @field_validator("prefix")
    @classmethod
    def _slash(cls, value: str) -> str:
        if value and (not value.startswith("/") or value.endswith("/")):
            raise ValueError("has to start with a slash and not to end with one")
        return value

    @field_validator("hosts")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.lower() for name in value)

    @property
    def options(self) -> dict[str, str]:
        return {name: _text(value) for name, value in (self.model_extra or {}).items()}


def _text(value: Any) -> str:
    """An option as dialects read it: as it would stand in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)


class ActivitySettings(BaseModel):
    """A user task of a process: `[processes.activities.ELEMENT_ID]`. Names are those of users and groups."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: str = Field("", description="Its id for clients of ProcessMaker; empty: a random one.", pattern=UID)
    assignees: tuple[str, ...] = Field((), description="Users who get its tasks.")
    groups: tuple[str, ...] = Field((), description="Groups whose members get its tasks.")
    adhoc_assignees: tuple[str, ...] = Field((), description="Users to whom its tasks may be passed on.")
    adhoc_groups: tuple[str, ...] = Field((), description="Groups to whose members its tasks may be passed on.")
    distribution: Distribution | None = Field(
        None, description="offer: one of them claims a task; balance: tasks go round among them."
    )


class ProcessSettings(BaseModel):
    """A process from a BPMN file: `[[processes]]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="The BPMN file.")
    process_id: str = Field("", description="Which process of the file; empty: the only one.")
    uid: str = Field("", description="Its id for clients of ProcessMaker; empty: a random one.", pattern=UID)
    activities: dict[str, ActivitySettings] = Field(default_factory=dict, description="Its user tasks by element id.")


class _DialectEnvironment(PydanticBaseSettingsSource):
    """`DRAGOMAN_CAMUNDA_PROFILE` is `dialects.camunda.profile`, for every installed dialect."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        by_dialect: dict[str, dict[str, str]] = {}
        for variable in variables():
            dialect, _, option = variable[len(PREFIX) :].lower().partition("_")
            if option and dialect in installed.points():
                by_dialect.setdefault(dialect, {})[option] = os.environ[variable]
        return {"dialects": by_dialect} if by_dialect else {}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: str = Field(
        "sqlite:///data/dragoman.db", description="Where everything is kept: sqlite:///FILE or postgresql://..."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str = Field("", description="How clients reach the gateway; the WSDL tells it. Empty: as they asked.")
    allowed_hosts: Names = Field(
        (), description="Host names that requests may be for, besides this machine's own; empty: any."
    )
    max_body: int = Field(2 * 1024 * 1024, ge=1024, description="The longest request body, in bytes.")
    max_header_bytes: int = Field(32 * 1024, ge=1024, description="All request headers together, in bytes.")
    max_path: int = Field(16 * 1024, ge=256, description="The longest path with its query, in bytes.")
    max_headers: int = Field(200, ge=16, description="The most headers of a request.")
    max_fields: int = Field(1000, ge=16, description="The most fields of a form, and parts of a multipart body.")
    max_connections: int = Field(4096, ge=8, description="The most connections; fewer if there are not enough files.")
    max_connections_per_address: int = Field(
        512, ge=0, description="The most connections of one client that is no trusted proxy; 0: as many as there are."
    )
    max_held_bytes: int = Field(
        64 * 1024 * 1024, ge=65536, description="Heads and bodies that are held, over all connections, in bytes."
    )
    first_byte_seconds: float = Field(10, gt=0, description="How long a new connection may be silent.")
    head_seconds: float = Field(10, gt=0, description="How long the head of a request may take.")
    body_seconds: float = Field(7, gt=0, description="How long a body may come more slowly than min_rate.")
    write_seconds: float = Field(30, gt=0, description="How long an answer may be read more slowly than min_rate.")
    keep_alive_seconds: float = Field(15, gt=0, description="How long a connection is kept between two requests.")
    min_rate: int = Field(1000, ge=1, description="The slowest a body may come and an answer go, in bytes a second.")
    max_list_rows: int = Field(100_000, ge=0, description="The most rows of a list that has no pages; 0: any number.")
    admit_within: float = Field(
        1.0, ge=0, description="How many seconds a request may wait until it is begun; else 503. 0: however long."
    )
    trusted_proxies: Names = Field(
        ("127.0.0.1", "::1"), description="Addresses and networks whose X-Forwarded-For and -Proto count."
    )
    login_failures: int = Field(
        10,
        ge=0,
        description="Wrong passwords of an account from one address at once, and in each minute; 0: any number.",
    )
    login_failures_per_address: int = Field(
        100, ge=0, description="The same of an address, whatever the account; 0: any number."
    )
    login_failures_everywhere: int = Field(
        100,
        ge=0,
        description="The same of an account, from addresses that it did not log in from lately; 0: any number.",
    )
    login_queue: int = Field(64, ge=1, description="The most passwords that wait to be checked.")
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_format: str = Field("auto", description="text, json, or auto: text on a terminal, else json.")
    log_requests: bool = Field(True, description="A log line for each request.")
    request_id_header: str = Field("x-request-id", description="The answer header with the request id; empty: none.")
    shutdown_seconds: int = Field(30, ge=0, description="How long a stop waits for requests under way.")
    admin_socket: str = Field(
        "",
        description="The socket for commands while a gateway has a SQLite file; empty: FILE.admin; off: none.",
    )
    admin_user: str = Field("", description="The first administrator, made when the database has no user.")
    admin_password: str = Field("", description="Their password.")
    processes: tuple[ProcessSettings, ...] = Field((), description="BPMN files that are deployed at the start.")
    dialects: dict[str, DialectSettings] = Field(default_factory=dict, description="Settings by dialect.")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                network == "*" or ip_network(network)
            except ValueError:
                raise ValueError(f"has to have addresses and networks, not {network}") from None
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value not in ("debug", "info", "warning", "error"):
            raise ValueError("has to be debug, info, warning or error")
        return value

    @field_validator("log_format")
    @classmethod
    def _format(cls, value: str) -> str:
        if value not in ("auto", "text", "json"):
            raise ValueError("has to be auto, text or json")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = InitSettingsSource(settings_cls, read_file())
        return init_settings, env_settings, _DialectEnvironment(settings_cls), file

    def dialect(self, name: str) -> DialectSettings:
        return self.dialects.get(name) or DialectSettings.model_validate({})


_KNOWN = {
    "": tuple(Settings.model_fields),
    "processes": tuple(ProcessSettings.model_fields),
    "activities": tuple(ActivitySettings.model_fields),
}


def load(**flags: Any) -> Settings:
    """The settings; flags that are None were not given. Raises SettingsError."""
    for variable in variables():
        _check_known(variable)
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        raise refused(error, flags, _KNOWN) from None
    except NotDecoded as error:
        name = str(error).partition('"')[2].partition('"')[0]
        raise SettingsError(f"{PREFIX}{name.upper()} has to be JSON") from None


def _check_known(variable: str) -> None:
    """Whether an option is one of its dialect's, `gateway.dialects.plans` knows."""
    name = variable[len(PREFIX) :].lower()
    dialect, _, option = name.partition("_")
    if name in Settings.model_fields or (option and dialect in installed.points()):
        return
    there = (
        *(field.upper() for field in Settings.model_fields),
        *(other.removeprefix(PREFIX) for other in OTHERS),
        *(f"{dialect}_{field}".upper() for dialect in installed.names() for field in DialectSettings.model_fields),
    )
    raise SettingsError(f"{variable}: there is no such setting{instead(name.upper(), there, prefix=PREFIX)}")
