"""What the cluster is, and who is asking. Source: dossier camunda.md, sections 3.1 to 3.3."""

from typing import Any

from starlette.responses import Response

from adapters.camunda.calls import ASK, DEFAULT_TENANT, Call, Endpoints, reply
from adapters.camunda.directory import TENANT
from adapters.common.http import Raw
from adapters.common.rights import ANYONE, SIGNED_IN

endpoints = Endpoints()

#: where everybody is
_DEFAULT = {"tenantId": DEFAULT_TENANT, "name": "Default", "description": ""}


@endpoints("getTopology", "GET", "/topology", ASK, right=SIGNED_IN, v1=True)
async def topology(call: Call) -> Response:
    """One broker with one partition, which is this gateway."""
    version = f"{call.profile.name}.0"
    host, port = call.request.scope.get("server") or ("localhost", 8080)
    partition: dict[str, Any] = {"partitionId": 1, "role": "leader", "health": "healthy"}
    broker: dict[str, Any] = {"nodeId": 0, "host": host, "port": port, "version": version, "partitions": [partition]}
    members: dict[str, Any] = {
        "brokers": [broker],
        "clusterSize": 1,
        "partitionsCount": 1,
        "replicationFactor": 1,
        "gatewayVersion": version,
        "lastCompletedChangeId": "-1",
    }
    if call.profile.has_root:
        members["clusterId"] = None
    if call.profile.has_business_id:
        broker["brokerId"] = "0"
        partition["state"] = "active"
    return reply(members)


@endpoints("getStatus", "GET", "/status", (204, 503), right=ANYONE)
async def status(call: Call) -> Response:
    await call.mount.engine.check()
    return Raw(204)


@endpoints("getLicense", "GET", "/license", (200, 503), right=ANYONE)
async def license(call: Call) -> Response:
    return reply({"validLicense": False, "licenseType": "unknown", "isCommercial": False, "expiresAt": None})


@endpoints("getAuthentication", "GET", "/authentication/me", ASK, right=SIGNED_IN)
async def me(call: Call) -> Response:
    """Without authorizations, and for administrators, all components are open."""
    who = call.principal
    name = " ".join(filter(None, (who.first_name, who.last_name)))
    belongings = await call.auth.belongings(who)
    components = ["*"] if call.access.everything else sorted(call.access.of(("ACCESS", "COMPONENT")))
    return reply(
        {
            "username": who.username or None,
            "displayName": name or who.username or None,
            "email": who.email or None,
            "authorizedComponents": components,
            "tenants": [_DEFAULT, *(TENANT.record(t) for t in belongings.tenants if t.entry_id != DEFAULT_TENANT)],
            "groups": list(belongings.groups),
            "roles": list(belongings.roles),
            "salesPlanType": None,
            "c8Links": {},
            "canLogout": True,
        }
    )
