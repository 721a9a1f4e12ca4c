"""One visitor of the web chat: says numbered messages, and notes what comes back for each of them."""

import asyncio
import re

from parachute_core.clock import Clock, within
from parachute_core.loading.socket import ClientSocket, Frame

SOCKET = "/chat/socket"
WELCOME_WITHIN = 30.0
"""Seconds that a visitor waits to be let into the page."""
NUMBERED = re.compile(r"load message (\d+)\b")


class Visitor:
    """Says and hears. The agent must repeat what it was told, as `echo` does: by the number in it an answer is known."""

    def __init__(self, clock: Clock) -> None:
        self.user_id = ""
        """Who the page says that this visitor is; empty before the welcome."""
        self.latencies: list[float] = []
        """Seconds from sending a message to the first of its answer, in the order in which the answers came."""
        self.sent = self.unsent = self.told_off = self.errors = self.doubled = self.disordered = self.closed = 0
        self._clock = clock
        self._sent_at: dict[int, float] = {}
        self._shown: dict[int, str] = {}
        self._newest = -1
        self._welcome: asyncio.Future[None] | None = None
        self._socket: ClientSocket | None = None
        self._leaving = False

    @property
    def unanswered(self) -> int:
        """Messages that nothing came back for yet."""
        return self.sent - len(self._shown)

    async def arrive(self, address: str, port: int) -> None:
        """Open the page's socket and say hello. Raises `OSError` (`TimeoutError` is one) when that fails."""
        loop = asyncio.get_running_loop()
        self._welcome = loop.create_future()
        host = f"[{address}]" if ":" in address else address
        made = ClientSocket(f"{host}:{port}", SOCKET, self._hear, self._end)
        _, self._socket = await loop.create_connection(lambda: made, address, port)
        await within(self._clock, WELCOME_WITHIN, self._introduce(made, self._welcome))

    def say(self) -> None:
        """Send the next message."""
        number = self.sent
        if self._socket is None or not self._socket.send(
            {"type": "message", "id": f"{number}", "text": f"load message {number} of a visitor"}
        ):
            self.unsent += 1
            return
        self.sent += 1
        self._sent_at[number] = self._clock.monotonic()

    def leave(self) -> None:
        """Close the page."""
        self._leaving = True
        if self._socket is not None:
            self._socket.close()

    async def _introduce(self, socket: ClientSocket, welcome: "asyncio.Future[None]") -> None:
        await socket.opened
        socket.send({"type": "hello", "token": None})
        await welcome

    def _hear(self, frame: Frame) -> None:
        match frame.get("type"):
            case "welcome":
                self.user_id = str(frame["user_id"])
                if self._welcome is not None and not self._welcome.done():
                    self._welcome.set_result(None)
            case "message" | "edit":
                self._read(str(frame["id"]), str(frame["text"]))
            case "error":
                self.errors += 1

    def _read(self, message_id: str, text: str) -> None:
        found = NUMBERED.search(text)
        if found is None:
            self.told_off += 1  # the bot's own words: too fast, not allowed
            return
        number = int(found.group(1))
        if (shown := self._shown.get(number)) is not None:
            self.doubled += shown != message_id
            return
        self._shown[number] = message_id
        self.disordered += number < self._newest
        self._newest = max(self._newest, number)
        self.latencies.append(self._clock.monotonic() - self._sent_at[number])

    def _end(self) -> None:
        self.closed += not self._leaving
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_exception(ConnectionError("the page was closed"))
            self._welcome.exception()
