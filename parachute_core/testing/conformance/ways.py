"""The ways by which a message enters: every protection is tried on each that the platform has."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from parachute_core.testing.conformance.abilities import Ability
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import Rig
from parachute_core.testing.conformance.scenario import Scenario, for_each


@dataclass(frozen=True, slots=True)
class Way:
    """How a person says something to the bot."""

    name: str
    say: Callable[[Counterpart, str, str, str], Awaitable[object]]
    """Say it: counterpart, user, text, chat."""
    needs: frozenset[Ability] = frozenset()
    direct: bool = True
    """Whether the chat is one of the person and the bot alone."""
    aside: int = 0
    """How many messages of the bot come along with each answer, such as the remark that a picture was not looked at."""

    def __str__(self) -> str:
        return self.name

    async def chat(self, rig: Rig, user: str) -> str:
        """Where it is said and answered; a new group for ways that lead into one."""
        return await rig.counterpart.direct(user) if self.direct else await rig.counterpart.group()


async def _write(counterpart: Counterpart, user: str, text: str, _chat: str) -> None:
    await counterpart.say(user, text)


async def _mention(counterpart: Counterpart, user: str, text: str, chat: str) -> None:
    await counterpart.mention(user, text, chat)


async def _command(counterpart: Counterpart, user: str, text: str, _chat: str) -> None:
    await counterpart.command(user, text)


async def _command_there(counterpart: Counterpart, user: str, text: str, chat: str) -> None:
    await counterpart.command(user, text, chat)


async def _speak(counterpart: Counterpart, user: str, text: str, _chat: str) -> None:
    await counterpart.speak(user, text)


async def _attach(counterpart: Counterpart, user: str, text: str, _chat: str) -> None:
    await counterpart.attach(user, text)


WAYS = (
    Way("text", _write),
    Way("mention", _mention, frozenset({Ability.GROUPS}), direct=False),
    Way("command", _command, frozenset({Ability.INTERACTIONS})),
    Way("command-in-group", _command_there, frozenset({Ability.INTERACTIONS, Ability.GROUPS}), direct=False),
    Way("voice", _speak, frozenset({Ability.VOICE})),
    Way("caption", _attach, frozenset({Ability.ATTACHMENTS}), aside=1),
)


def on_every_way(
    *needs: Ability, plugins: tuple[str, ...] = ()
) -> Callable[[Callable[[Counterpart, Way], Awaitable[None]]], list[Scenario]]:
    """Make a function of a counterpart and a way one scenario for each way."""
    return for_each({way: way.needs for way in WAYS}, *needs, plugins=plugins)
