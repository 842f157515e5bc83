"""Health and readiness, without credentials. Source: dossier inubit.md, section 3.16."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount
from adapters.common.http import Raw, dumps

JSON = {"content-type": "application/json"}


class Health:
    def __init__(self, mount: Mount) -> None:
        self._engine = mount.engine

    async def healthcheck(self, request: Request) -> Response:
        now = datetime.now(UTC)
        answer = {
            "status": "OK",
            "maintenancemode": int(self._engine.maintenance),
            "timestamp": f"{now:%a %b %d %H:%M:%S} UTC {now:%Y}",
        }
        return Raw(200, dumps(answer), JSON)

    async def ready(self, request: Request) -> Response:
        if self._engine.maintenance:
            return Raw(503, dumps({"status": "NOT READY", "message": "No Service."}), JSON)
        return Raw(200, dumps({"status": "READY", "message": "Ready to serve."}), JSON)
