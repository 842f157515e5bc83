"""INUBIT as the gateway mounts it."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.common.dialect import Dialect, Mount, Operation
from adapters.common.http import Front, note_operation
from adapters.common.options import check_truth
from adapters.common.rights import ADMINISTRATOR, ANYONE, OWN, SIGNED_IN
from adapters.common.routing import Route, Table, raw_path
from adapters.inubit import errors
from adapters.inubit.auth import authenticate
from adapters.inubit.delegation import Delegation
from adapters.inubit.health import Health
from adapters.inubit.lists import Lists
from adapters.inubit.people import People
from adapters.inubit.profile import PROFILES
from adapters.inubit.tasks import Tasks
from adapters.inubit.work import Work
from core.rejections import Unavailable

_BASE = "/ibis/rest"

START = Operation(
    "startAdhocProcess", "POST", f"{_BASE}/task/adhoc/{{user}}/{{id}}", OWN, (201, 204, 401, 404, 405, 500, 503)
)
_READ = (200, 401, 404, 405, 406, 500, 503)
STARTERS = Operation("listAdhocStarters", "GET", f"{_BASE}/task/adhoc/{{user}}", OWN, _READ)
TASKS = Operation("listTasks", "GET", f"{_BASE}/task/tasks", OWN, (200, 400, 401, 404, 405, 406, 500, 503))
TASK = Operation("getTask", "GET", f"{_BASE}/task/tasks/{{taskId}}", OWN, _READ)
_LISTED = (200, 400, 401, 404, 405, 406, 413, 500, 503)
OF_ROLES = Operation("listTasksOfRoles", "POST", f"{_BASE}/task/tasks", OWN, _LISTED)
DELETE_ALL = Operation("deleteAllTasks", "DELETE", f"{_BASE}/task/tasks", ADMINISTRATOR, (204, 401, 404, 405, 500, 503))
OF_ROLE = Operation("getTaskForRoles", "POST", f"{_BASE}/task/tasks/{{taskId}}", OWN, _LISTED)
FILTERED = Operation("filterTasks", "GET", f"{_BASE}/task/taskfilter", OWN, _LISTED)
FILTERED_ALIAS = Operation("filterTasksAlias", "POST", f"{_BASE}/task/taskfilter", OWN, _LISTED, source="our choice")
OF_UNITS = Operation("listTasksOfUnits", "POST", f"{_BASE}/task/baseFilterTasks", OWN, _LISTED)
_CHANGES = (401, 404, 405, 423, 500, 503)
CHANGE = Operation("changeTask", "PUT", f"{_BASE}/task/tasks/{{taskId}}", OWN, (200, 400, 406, *_CHANGES))
DELETE = Operation("deleteTask", "DELETE", f"{_BASE}/task/tasks/{{taskId}}", OWN, (204, *_CHANGES))
NEXT = Operation("nextTask", "GET", f"{_BASE}/task/next", OWN, _READ, source="our choice")
NEXT_ALIAS = Operation("nextTaskAlias", "GET", f"{_BASE}/task/nextTask", OWN, _READ, source="our choice")
FORM = Operation("getFormData", "GET", f"{_BASE}/task/data/{{taskId}}", OWN, _READ)
FORM_OF_ROLE = Operation("getFormDataForRoles", "POST", f"{_BASE}/task/data/{{taskId}}", OWN, _LISTED)
_OFFERED = (200, 400, 401, 404, 405, 406, 423, 500, 503)
OFFERED = Operation("listDelegates", "GET", f"{_BASE}/task/delegation/{{taskId}}", OWN, _OFFERED)
_PASSED = (204, 400, 401, 404, 405, 423, 500, 503)
PASS = Operation("delegateTask", "POST", f"{_BASE}/task/delegation/{{taskId}}", OWN, _PASSED, source="our choice")
PASS_ALIAS = Operation(
    "delegateTaskAlias", "PUT", f"{_BASE}/task/delegation/{{taskId}}", OWN, _PASSED, source="our choice"
)
SUBMIT = Operation("submitTask", "POST", f"{_BASE}/task/submit/{{taskId}}", OWN, (201, 204, 400, 413, *_CHANGES))
USERS = Operation("listUsers", "GET", f"{_BASE}/user/users", SIGNED_IN, _READ)
UNITS = Operation("countUnits", "GET", f"{_BASE}/task/units/{{userName}}", OWN, _READ)
HELP = Operation("formHelp", "POST", f"{_BASE}/task/help", SIGNED_IN, (200, 401, 405, 500, 503), source="our choice")
SWITCH = Operation("switchReady", "POST", f"{_BASE}/ready/{{state}}", ADMINISTRATOR, (200, 401, 404, 405, 500, 503))
HEALTHCHECK = Operation("healthcheck", "GET", f"{_BASE}/healthcheck", ANYONE, (200,))
READY = Operation("ready", "GET", f"{_BASE}/ready", ANYONE, (200, 503))

OPERATIONS = (
    *(START, STARTERS, TASKS, OF_ROLES, DELETE_ALL, TASK, OF_ROLE, CHANGE, DELETE, FILTERED, FILTERED_ALIAS, OF_UNITS),
    *(NEXT, NEXT_ALIAS, FORM, FORM_OF_ROLE, SUBMIT, OFFERED, PASS, PASS_ALIAS, USERS, UNITS, HELP),
    *(SWITCH, HEALTHCHECK, READY),
)
_ODD_PATH = re.compile(r"//|/\.\.?(/|$)")


def build(mount: Mount) -> ASGIApp:
    profile = PROFILES[mount.profile]
    check_truth(mount.options, "delete_all_tasks")
    tasks, lists, work, delegation = Tasks(mount), Lists(mount), Work(mount), Delegation(mount)
    people, health = People(mount), Health(mount)
    table = Table(
        [
            Route(START, tasks.start),
            Route(STARTERS, tasks.starters),
            Route(TASKS, lists.tasklist),
            Route(OF_ROLES, lists.of_roles),
            Route(DELETE_ALL, lists.delete_all),
            Route(TASK, tasks.details),
            Route(OF_ROLE, tasks.details_for_roles),
            Route(FILTERED, lists.filtered),
            Route(FILTERED_ALIAS, lists.filtered),
            Route(OF_UNITS, lists.of_units),
            Route(CHANGE, work.change),
            Route(DELETE, work.delete),
            Route(NEXT, work.next),
            Route(NEXT_ALIAS, work.next),
            Route(FORM, work.form),
            Route(FORM_OF_ROLE, work.form_for_roles),
            Route(SUBMIT, work.submit),
            Route(OFFERED, delegation.options),
            Route(PASS, delegation.perform),
            Route(PASS_ALIAS, delegation.perform),
            Route(USERS, people.users),
            Route(UNITS, people.units),
            Route(HELP, people.help),
            Route(SWITCH, health.switch),
            Route(HEALTHCHECK, health.healthcheck),
            Route(READY, health.ready),
        ]
    )

    async def serve(request: Request) -> Response:
        path = raw_path(request)
        match = table.match(request.method, path.rstrip("/"))
        note_operation(request, match.route)
        if match.route is not None and match.route.operation.is_open:
            return await match.route.handler(request)
        if mount.engine.maintenance:
            raise Unavailable("maintenance")
        request.state.principal = await authenticate(request, mount)
        if _ODD_PATH.search(path):
            raise errors.BadPath
        if match.route is None:
            if not match.allowed:
                return errors.reply(request, 404, profile)
            return errors.reply(request, 405, profile, {"allow": ", ".join(match.allowed)})
        request.scope["path_params"] = match.params
        return await match.route.handler(request)

    return Front(serve, lambda request, error: errors.render(request, error, profile))


def describe(profile: str, server: str = "/", options: Mapping[str, str] | None = None) -> dict[str, Any]:
    from adapters.inubit.openapi import describe  # not needed to serve

    return describe(OPERATIONS, profile, server)


dialect = Dialect(
    name="inubit",
    title="INUBIT",
    profiles=tuple(PROFILES),
    owns=re.compile(r"/ibis(/|$)"),
    example="GET /ibis/rest/task/tasks",
    operations=OPERATIONS,
    build=build,
    describe=describe,
    options={"delete_all_tasks": "false"},
)
