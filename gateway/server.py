"""Running the gateway: uvicorn, signals, draining."""

import asyncio
import gc
import logging
import signal
import socket
import sys

from core.commands import CreateUser
from core.engine.engine import Engine
from core.identity.throttle import Limits
from core.principal import system
from core.queries import ListUsers
from core.rejections import Conflict
from core.storage.store import open_store
from core.types import ALL_PERMISSIONS
from gateway import logs
from gateway.app import Gateway
from gateway.door import server as door
from gateway.settings import Settings

log = logging.getLogger("dragoman.server")


#: the tenant's name in the demo world
DEMO = "demo"


class CannotListen(OSError):
    pass


async def first_administrator(engine: Engine, settings: Settings) -> None:
    """Made from the settings if nobody is there yet."""
    who = system(engine.default_tenant)
    if not settings.admin_user:
        return
    users = await engine.ask(ListUsers(), who)
    if users:
        return
    if not settings.admin_password:
        log.warning("admin_user is set but admin_password is not: no administrator was made")
        return
    hashed = await engine.passwords.hash(settings.admin_password)
    try:
        await engine.execute(CreateUser(settings.admin_user, hashed, permissions=ALL_PERMISSIONS), who)
    except Conflict:
        return  # another process that started with this one was quicker
    log.info("made the administrator %s", settings.admin_user)


def limits_of(settings: Settings) -> Limits:
    """How often passwords may be tried."""
    return Limits(
        account=settings.login_failures,
        address=settings.login_failures_per_address,
        everywhere=settings.login_failures_everywhere,
        queue=settings.login_queue,
    )


def create_app(settings: Settings, *, demo: bool = False) -> Gateway:
    """The ASGI app with its engine. Raises StorageError if the database cannot be opened."""

    if demo:
        from gateway import demo as world

        settings = world.with_authorizations(settings)

    async def on_start(engine: Engine) -> None:
        if demo and not await world.load(engine) and engine.tenant("", DEMO) is None:
            log.warning("the database is not empty: the demo world was not loaded")
        if engine.tenant("", DEMO) is not None:
            log.warning("serving the demo world: every password is the user's name")
        await first_administrator(engine, settings)
        if settings.processes:
            from gateway.processes import deploy_all

            await deploy_all(engine, settings)

    engine = Engine(open_store(settings.database_url), limits=limits_of(settings))
    return Gateway(settings, engine, on_start=on_start)


def listen(host: str, port: int) -> socket.socket:
    """Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    sock.setblocking(False)
    return sock


def serve(settings: Settings, *, demo: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Returns the exit status."""
    logs.configure(settings.log_level, settings.log_format)
    sock = listen(settings.host, settings.port)
    app = create_app(settings, demo=demo)
    config = door.configured(app, app.keeper, settings)
    server = door.Server(config)
    # the server raises the signal again once it has stopped; a stop that was asked for is no failure
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: None)
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    log.info("listening on http://%s:%d", shown, port)
    # what is there now stays: the collector need not look at it again
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
    # a thread that comes back from the disk or the database is not to wait long for the interpreter
    sys.setswitchinterval(0.0005)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[sock]))
    return 0 if server.started else 3
