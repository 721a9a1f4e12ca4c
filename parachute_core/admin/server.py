"""The admin app on a socket: uvicorn inside our own event loop, which somebody else's signals end."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import uvicorn
from quart import Quart

from parachute_core.admin.asgi import Application
from parachute_core.model.errors import AddressInUse, ConfigError
from parachute_core.store.unbroken import unbroken

LARGEST_FRAME = 1024 * 1024
"""Bytes of a WebSocket message above which the connection is closed; what the chat accepts is less, and answered politely."""
STOP_WITHIN = 3
"""Seconds that open requests get to end."""
BACKLOG = 128

log = logging.getLogger(__name__)


class EmbeddedServer(uvicorn.Server):
    """A uvicorn server that leaves signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The command owns the signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        self.listening.set()


class AdminServer:
    """Serves an app, once. Nothing is bound before `start`."""

    def __init__(self, app: Quart, host: str, port: int, front: Application | None = None, ending: asyncio.Event | None = None) -> None:
        """`port` 0: any free one. `front`: what is asked first, and asks the app in its turn. `ending`: set first of all at the stop."""
        self.app = app
        self._front = front
        self._ending = ending
        self.port = port
        """The port; the real one as soon as it is bound."""
        self._host = host
        self._open = AsyncExitStack()

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 - read, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Return once connections are accepted. Raises `ConfigError`, one line, when the address cannot be had."""
        async with AsyncExitStack() as opening:
            bound = opening.enter_context(bind(self._host, self.port))
            self.port = bound.getsockname()[1]
            await self.app.startup()
            opening.push_async_callback(self.app.shutdown)
            server = EmbeddedServer(_settings(self._front or self.app))
            task = asyncio.create_task(server.serve(sockets=[bound]), name="admin server")
            opening.push_async_callback(_end, server, task)
            await _listening(server, task)
            self._open = opening.pop_all()

    async def stop(self) -> None:
        """Accept nothing more, give requests a few seconds to end, then end them; WebSockets are told at once. May be repeated."""
        if self._ending is not None:
            self._ending.set()
        opened, self._open = self._open, AsyncExitStack()
        await unbroken(opened.aclose())

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["AdminServer"]:
        """Listen while the block runs: `start` and `stop`."""
        await self.start()
        try:
            yield self
        finally:
            await self.stop()


def _settings(app: Application | Quart) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="auto",
        ws="wsproto",
        ws_max_size=LARGEST_FRAME,
        lifespan="off",  # uvicorn would leave the process on an error there; the app is started before
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=STOP_WITHIN,
        backlog=BACKLOG,
    )


async def _listening(server: EmbeddedServer, task: "asyncio.Task[None]") -> None:
    """Return once the server accepts connections; raises what kept it from that."""
    waiting = asyncio.create_task(server.listening.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if task.done():
        task.result()
        raise RuntimeError("the admin server ended while it started")


async def _end(server: EmbeddedServer, serving: "asyncio.Task[None]") -> None:
    """Wait for the server's end, then see the requests off that uvicorn cancelled and did not wait for."""
    server.should_exit = True
    await asyncio.wait({serving})
    tasks = set(server.server_state.tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        _, stuck = await asyncio.wait(tasks, timeout=STOP_WITHIN)
        if stuck:
            log.error("requests do not end", extra={"count": len(stuck)})
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    if not serving.cancelled() and (error := serving.exception()) is not None:
        log.error("the admin server failed", extra={"error": type(error).__name__})


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens nowhere yet and holds the address. Raises `ConfigError`."""
    where = f"admin: {host}:{port}"
    if not 0 <= port <= 65535:
        raise ConfigError(f"{where}: is no port")  # the system would take it modulo 65536
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        opened = socket.socket(family, kind, protocol)
        try:
            # A port whose last connections are still winding down can be had again at once; one that is listened on cannot.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen(BACKLOG)
            opened.setblocking(False)
        except BaseException:
            opened.close()
            raise
    except (socket.gaierror, UnicodeError):  # a label of more than 63 letters is refused before anybody is asked
        raise ConfigError(f"{where}: the host name is not known on this machine") from None
    except OSError as error:
        refusal = AddressInUse if error.errno == errno.EADDRINUSE else ConfigError
        raise refusal(f"{where}: {_reason(error)}") from None
    return opened


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is taken; is the bot running already? choose another with --port"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "this user may not listen on that port; choose one above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine does not have that address"
    return error.strerror or type(error).__name__
