"""The fake's gateway: sessions, heartbeats, resuming, over a real WebSocket with zlib-stream compression.

As Discord's developer documentation has it on its pages Gateway (Connection Lifecycle, Transport Compression) and Opcodes and Status Codes.
It needs the library `websockets`, which comes with the development tools and not with the bot.
"""

import asyncio
import itertools
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from parachute_core.testing.discord.payloads import Payload, ready

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
WRONG_TOKEN = 4004


@dataclass(slots=True)
class Session:
    """One identified session; it can be resumed until it is forgotten."""

    id: str
    events: list[Payload] = field(default_factory=list)
    client: "Client | None" = None


class Client:
    """One connected WebSocket. What is put out is sent in order by a task of its own."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.close_with: int | None = None
        self._out: asyncio.Queue[Payload | int] = asyncio.Queue()
        self._zlib = zlib.compressobj()

    def put(self, payload: Payload) -> None:
        """Send a payload."""
        self._out.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close with a code, after what was put before."""
        self._out.put_nowait(code)

    def drop(self) -> None:
        """Break the connection without a word."""
        self.connection.transport.abort()

    async def write(self) -> None:
        """Send what is put until the connection ends."""
        while not isinstance(item := await self._out.get(), int):
            raw = self._zlib.compress(json.dumps(item).encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
            await self.connection.send(raw)
        await self.connection.close(item)


class Gateway:
    """Tells every session of events. Tests steer it through its attributes and methods."""

    def __init__(self, token: str, me: Payload, application_id: str) -> None:
        self.token = token
        self.refuse_with: int | None = None
        """Answer each IDENTIFY by closing with this code."""
        self.silent = False
        """While True, connections are taken and nothing is ever said."""
        self.acknowledges = True
        """Whether heartbeats are answered."""
        self.identified = 0
        """How often a client asked for a new session."""
        self.heartbeats = 0
        """How many heartbeats were answered."""
        self.resumed = 0
        """How often a session was resumed."""
        self.intents: int | None = None
        """What the last session asked for."""
        self.clients: set[Client] = set()
        self._me = me
        self._application_id = application_id
        self._sessions: dict[str, Session] = {}
        self._numbers = itertools.count(1)
        self._server: Server | None = None
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "the gateway does not listen"  # noqa: S101 - a test's own mistake
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._server = await serve(self._serve, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1)

    async def stop(self) -> None:
        """Break every connection and listen no more."""
        self.drop()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def tell(self, event: str, payload: Payload) -> None:
        """Dispatch an event to every session; one that is not connected reads it when it resumes."""
        for session in self._sessions.values():
            self._dispatch(session, event, payload)

    def drop(self) -> None:
        """Break every connection without a word; sessions can be resumed."""
        for client in tuple(self.clients):
            client.drop()

    def close(self, code: int) -> None:
        """Close every connection with a code; sessions can be resumed."""
        for client in tuple(self.clients):
            client.close(code)

    def ask_to_reconnect(self) -> None:
        """Send every client the order to reconnect and resume."""
        for client in tuple(self.clients):
            client.put({"op": RECONNECT, "d": None, "s": None, "t": None})

    def forget_sessions(self) -> None:
        """No session can be resumed any more, and none is told of events; connections stay open."""
        self._sessions.clear()

    def invalidate(self) -> None:
        """Forget every session, and say so."""
        self.forget_sessions()
        for client in tuple(self.clients):
            client.put({"op": INVALID_SESSION, "d": False, "s": None, "t": None})

    async def until(self, *, identified: int = 0, resumed: int = 0, connected: int | None = None, within: float = 15.0) -> None:
        """Return once there were so many new and resumed sessions, and so many connections are open. Fails after real seconds."""
        async with asyncio.timeout(within):
            while not (self.identified >= identified and self.resumed >= resumed and (connected is None or len(self.clients) == connected)):
                self._changed.clear()
                await self._changed.wait()

    async def _serve(self, connection: ServerConnection) -> None:
        client = Client(connection)
        self.clients.add(client)
        writing = asyncio.create_task(client.write())
        try:
            if not self.silent:
                client.put({"op": HELLO, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
            async for raw in connection:
                self._take(client, json.loads(raw))
        except ConnectionClosed:
            pass
        finally:
            self.clients.discard(client)
            for session in self._sessions.values():
                if session.client is client:
                    session.client = None
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self._changed.set()

    def _take(self, client: Client, payload: Payload) -> None:
        """Heartbeats are acknowledged with op 11 (Gateway, Sending Heartbeats)."""
        match payload["op"]:
            case 1 if self.acknowledges:
                self.heartbeats += 1
                client.put({"op": HEARTBEAT_ACK, "d": None, "s": None, "t": None})
            case 2:
                self._identify(client, payload["d"])
            case 6:
                self._resume(client, payload["d"])
        self._changed.set()

    def _identify(self, client: Client, data: Any) -> None:
        """READY, or close code 4004 for a wrong token (Gateway, Identifying; Gateway Close Event Codes)."""
        self.identified += 1
        self.intents = data["intents"]
        if data["token"] != self.token or self.refuse_with is not None:
            client.close(WRONG_TOKEN if self.refuse_with is None else self.refuse_with)
            return
        session = Session(f"session-{next(self._numbers)}", client=client)
        self._sessions[session.id] = session
        self._dispatch(session, "READY", ready(session.id, self.url, self._me, self._application_id))

    def _resume(self, client: Client, data: Any) -> None:
        """What was missed, then RESUMED; op 9 for an unknown session (Gateway, Resuming)."""
        session = self._sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            client.put({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return
        self.resumed += 1
        session.client = client
        for event in session.events[data["seq"] :]:
            client.put(event)
        self._dispatch(session, "RESUMED", {})

    def _dispatch(self, session: Session, event: str, payload: Payload) -> None:
        told = {"op": DISPATCH, "d": payload, "s": len(session.events) + 1, "t": event}
        session.events.append(told)
        if session.client is not None:
            session.client.put(told)
