"""Matrix: the library talks to a real homeserver, through a proxy that brings the faults."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import quote

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.connectors.matrix.library import Timeouts
from parachute_core.testing.conformance.abilities import Ability, Flow, Oddity, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.counterparts.troubles import fault_of
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import Account, Homeserver, MatrixWorld, Person, Room, matrix_world
from parachute_core.testing.matrix.between import Between

PATHS = {Flow.SENDING: "/send/m.room.message/", Flow.RECEIVING: "/sync$"}
REFUSAL = {"errcode": "M_BAD_JSON", "error": "refused"}
NAME = "Parachute"
"""The bot's display name."""
HURRIED = Timeouts(call=1.0, poll=1.0, slack=1.0)
CROWD = int(os.environ.get("PARACHUTE_MATRIX_CROWD", "20"))
"""People who write at once. A homeserver makes rooms slowly, so 200, as on the other platforms, are for whoever has a minute more."""
MOST_COMPARED = 3
"""Rooms that are read once more at the end with the eyes of somebody in them."""


@dataclass(frozen=True, slots=True)
class Residents:
    """A homeserver, and the people on it, who are the same for all counterparts; each has a bot and rooms of its own."""

    homeserver: Homeserver
    accounts: list[Account] = field(default_factory=list)


class MatrixCounterpart(Counterpart):
    """A bot account on a homeserver that runs. What the bot's messages read is what the homeserver confirmed to have taken."""

    platform: ClassVar[str] = "matrix"
    crowd: ClassVar[int] = CROWD
    patience: ClassVar[float] = max(30.0, CROWD)
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType({Ability.INTERACTIONS: "commands are text, with `/` or with `!`"})

    def __init__(self, residents: Residents) -> None:
        self._residents = residents
        self._stack = contextlib.AsyncExitStack()
        self._open: tuple[MatrixWorld, Between] | None = None
        self._people: dict[str, Person] = {}
        self._rooms: dict[str, str] = {}
        self._group: str | None = None
        self._newest: tuple[str, str] | None = None

    @property
    def world(self) -> MatrixWorld:
        """The homeserver's people, while the counterpart is open."""
        return self._opened()[0]

    @property
    def between(self) -> Between:
        """What the bot takes for its homeserver."""
        return self._opened()[1]

    def connector(self, context: ConnectorContext) -> Connector:
        """See `Counterpart.connector`. Without encryption, which has tests of its own."""
        return Matrix(context, HURRIED if self.hurried else None, encryption=False)

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """See `Counterpart.section`: with a room that is allowed."""
        if self._group is None:
            self._group = await (await self._person(0)).create(name="a group", preset="public_chat")
        server = {"homeserver_url": self.between.url, "user_id": self.world.bot.user_id, **self.credentials()}
        return {**server, "allowed_users": list(allowed), "allowed_rooms": [self._group]}

    def credentials(self) -> Mapping[str, str]:
        """See `Counterpart.credentials`."""
        return {"access_token": self.world.bot.access_token}

    def wrong_credentials(self) -> Mapping[str, str]:
        """See `Counterpart.wrong_credentials`."""
        return {"access_token": "syt_bm9ib2R5_aTokenOfNobody_0000"}

    async def revoke(self) -> None:
        """See `Counterpart.revoke`: the bot's device is taken away."""
        await self.world.accounts.delete_device(self.world.bot)
        self.between.drop()

    async def people(self, count: int) -> Sequence[str]:
        """See `Counterpart.people`."""
        return [(await self._person(number)).id for number in range(count)]

    async def direct(self, user: str) -> str:
        """See `Counterpart.direct`."""
        if user not in self._rooms:
            self._rooms[user] = await self._people[user].create(self.world.bot.user_id, direct=True)
            await self.world.as_person(self.world.bot).join(self._rooms[user])
        return self._rooms[user]

    async def group(self) -> str:
        """See `Counterpart.group`: the room of the section, so there is one."""
        assert self._group is not None  # noqa: S101 - asked for while the bot runs
        for member in [*[await self._person(number) for number in range(1, 10)], self.world.as_person(self.world.bot)]:
            await member.join(self._group)
        return self._group

    async def say(self, user: str, text: str, chat: str | None = None) -> str:
        """See `Counterpart.say`."""
        return await self._send(user, {"msgtype": "m.text", "body": text}, chat)

    async def mention(self, user: str, text: str, chat: str) -> str:
        """See `Counterpart.mention`: commands are written with `!`, as most clients demand."""
        said = f"!{text[1:]}" if text.startswith("/") else text
        mentions = {"m.mentions": {"user_ids": [self.world.bot.user_id]}}
        return await self._send(user, {"msgtype": "m.text", "body": f"{NAME}: {said}", **mentions}, chat)

    async def speak(self, user: str, text: str) -> None:
        """See `Counterpart.speak`."""
        content = text.encode()
        where = await self._people[user].upload(content, "audio/ogg")
        info = {"mimetype": "audio/ogg", "size": len(content), "duration": 1500}
        await self._send(user, {"msgtype": "m.audio", "body": "voice.ogg", "url": where, "info": info, "org.matrix.msc3245.voice": {}})

    async def attach(self, user: str, caption: str = "") -> None:
        """See `Counterpart.attach`."""
        picture = {"msgtype": "m.image", "filename": "picture.png", "url": "mxc://elsewhere.example/picture"}
        await self._send(user, {**picture, "body": caption or "picture.png"})

    async def edit(self, user: str, message_id: str, text: str, chat: str) -> None:
        """See `Counterpart.edit`."""
        await self._people[user].edit(chat, message_id, text)

    async def bot_says(self, text: str, chat: str) -> None:
        """See `Counterpart.bot_says`: what makes a bot here is that it writes notices."""
        [user] = [user for user, room in self._rooms.items() if room == chat]
        await self._people[user].send(chat, {"msgtype": "m.notice", "body": text})

    async def repeat(self) -> None:
        """See `Counterpart.repeat`: as after a sync whose answer was lost."""
        if self._newest is not None:
            user, room, event = self._newest[0], self._rooms[self._newest[0]], self._newest[1]
            self.between.push(room, await self._people[user].call("GET", f"/rooms/{quote(room)}/event/{quote(event)}"))

    async def disturb(self, oddity: Oddity, user: str) -> None:
        """See `Counterpart.disturb`.

        A homeserver passes on little that is malformed, so the proxy tells of it; and no event above 65,536 bytes, so huge is less.
        """
        room, person = await self.direct(user), self._people[user]
        match oddity:
            case Oddity.MALFORMED:
                contents: list[Any] = [{"msgtype": 7, "body": []}, {"msgtype": "m.text"}, {"msgtype": "m.text", "body": {"a": 1}}, "x", 7]
                contents += [{"msgtype": "m.text", "body": "x", "m.relates_to": "y"}, {"msgtype": "m.audio", "body": "x", "url": 7}]
                event = {"type": "m.room.message", "sender": user, "origin_server_ts": 1}
                odd: list[Any] = [{**event, "event_id": f"$odd{number}", "content": one} for number, one in enumerate(contents)]
                self.between.push(room, *odd, {"type": "m.room.message"}, {"type": 7, "sender": [], "event_id": None}, "an event", None)
            case Oddity.EMPTY:
                await person.say(room, "")
                self.between.push(room, {}, {"type": "m.room.message", "event_id": "$empty", "sender": user, "content": {}})
            case Oddity.HUGE:
                await person.say(room, "word " * 12_000)

    def texts(self, chat: str) -> list[str]:
        """See `Counterpart.texts`."""
        return [one.text for one in self.between.rooms[chat].messages()]

    def replies(self, chat: str) -> list[str | None]:
        """See `Counterpart.replies`."""
        return [one.relation.get("m.in_reply_to", {}).get("event_id") for one in self.between.rooms[chat].messages()]

    def reactions(self, chat: str) -> list[str]:
        """See `Counterpart.reactions`."""
        room = self.between.rooms[chat]
        marked = [event["content"]["m.relates_to"]["event_id"] for event in room.events if event["type"] == "m.reaction"]
        return [one for one in dict.fromkeys(marked) if room.reactions(one)]

    def typed(self, chat: str) -> int:
        """See `Counterpart.typed`."""
        return self.between.typed[chat]

    def fault(self, flow: Flow, trouble: Trouble, *, count: int | None = 1, skip: int = 0, retry_after: float | None = None) -> Fault:
        """See `Counterpart.fault`."""
        path = PATHS[flow]
        fault = fault_of(path, trouble, flood=_flood(path, retry_after), refusal=REFUSAL)
        fault.count, fault.skip = count, skip
        self.between.faults.append(fault)
        if flow is Flow.RECEIVING:
            self.between.drop()
        return fault

    def heal(self) -> None:
        """See `Counterpart.heal`."""
        self.between.faults.clear()

    def requests(self, flow: Flow | None = None) -> int:
        """See `Counterpart.requests`."""
        return len(self.between.requests if flow is None else self.between.paths(PATHS[flow]))

    async def drop(self) -> None:
        """See `Counterpart.drop`."""
        self.between.drop()

    async def start(self) -> None:
        """See `Counterpart.start`."""
        await self.between.start()

    async def stop(self) -> None:
        """See `Counterpart.stop`: nobody is at the homeserver's address."""
        await self.between.stop()

    async def block(self, user: str) -> None:
        """See `Counterpart.block`: the bot may read in the room, and not write."""
        await self._let_write(user, 50)

    async def unblock(self, user: str) -> None:
        """See `Counterpart.unblock`."""
        await self._let_write(user, 0)

    async def __aenter__(self) -> Self:
        world = await self._stack.enter_async_context(matrix_world(self._residents.homeserver))
        self._open = world, await self._stack.enter_async_context(Between(world.homeserver.url))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                await self._compare()
        finally:
            await self._stack.aclose()

    async def _compare(self) -> None:
        """What somebody in the room sees is what the homeserver confirmed. Raises `AssertionError`."""
        for user, room in list(self._rooms.items())[:MOST_COMPARED]:
            told = await self._people[user].call("GET", f"/rooms/{quote(room)}/messages", query={"dir": "f", "limit": "500"})
            seen = Room()
            seen.take({"timeline": {"events": told["chunk"]}})
            texts = [one.text for one in seen.messages() if one.sender == self.world.bot.user_id]
            if texts != self.texts(room):
                raise AssertionError(f"somebody in the room reads {texts}, and the homeserver confirmed {self.texts(room)}")

    async def _send(self, user: str, content: Mapping[str, object], chat: str | None = None) -> str:
        room = chat or await self.direct(user)
        event = await self._people[user].send(room, content)
        self._newest = user, event
        return event

    async def _let_write(self, user: str, level: int) -> None:
        room, person = await self.direct(user), self._people[user]
        levels = await person.call("GET", f"/rooms/{quote(room)}/state/m.room.power_levels")
        await person.set_state(room, "m.room.power_levels", {**levels, "events_default": level})

    async def _person(self, number: int) -> Person:
        accounts = self._residents.accounts
        while len(accounts) <= number:
            accounts.append(await self.world.accounts.register(f"person-{len(accounts)}"))
        account = accounts[number]
        return self._people.setdefault(account.user_id, self.world.as_person(account))

    def _opened(self) -> tuple[MatrixWorld, Between]:
        if self._open is None:
            raise RuntimeError("the counterpart is not open")
        return self._open


def _flood(path: str, retry_after: float | None) -> Fault:
    wait = {} if retry_after is None else {"retry_after_ms": round(retry_after * 1000)}
    return Fault(path, status=429, body={"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", **wait})
