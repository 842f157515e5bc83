"""Health and readiness, to be asked without credentials. Source: dossier inubit.md, section 3.16."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, dumps
from adapters.common.rights import ADMINISTRATOR, ANYONE
from adapters.inubit.endpoints import Endpoints
from core.identity.commands import SetSetting
from core.identity.queries import SettingValue
from core.principal import Principal, system
from core.rejections import NotFound

#: the setting that makes the gateway not ready
SWITCH = "inubit.ready"

JSON = {"content-type": "application/json"}
READY = {"status": "READY", "message": "Ready to serve."}
NOT_READY = {"status": "NOT READY", "message": "No Service."}

endpoints = Endpoints()


class Health:
    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine

    @endpoints("healthcheck", "GET", "/healthcheck", ANYONE, (200,))
    async def healthcheck(self, request: Request) -> Response:
        now = datetime.now(UTC)
        answer = {
            "status": "OK",
            "maintenancemode": int(self._engine.maintenance),
            "timestamp": f"{now:%a %b %d %H:%M:%S} UTC {now:%Y}",
        }
        return Raw(200, dumps(answer), JSON)

    @endpoints("ready", "GET", "/ready", ANYONE, (200, 503))
    async def ready(self, request: Request) -> Response:
        """The switch is on, and there is no maintenance."""
        who = system(self._engine.default_tenant, dialect="inubit")
        if self._engine.maintenance or await self._engine.ask(SettingValue(SWITCH), who) == "off":
            return Raw(503, dumps(NOT_READY), JSON)
        return Raw(200, dumps(READY), JSON)

    @endpoints("switchReady", "POST", "/ready/{state}", ADMINISTRATOR, (200, 401, 404, 405, 500, 503))
    async def switch(self, request: Request) -> Response:
        """By hand, by an administrator; it stays as it was put."""
        principal: Principal = request.state.principal
        state = request.path_params["state"]
        if not principal.is_administrator or state not in ("on", "off"):
            raise NotFound("switch", state)
        await self._engine.execute(SetSetting(SWITCH, state), principal)
        return Raw(200, dumps(READY if state == "on" else NOT_READY), JSON)
