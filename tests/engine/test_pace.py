"""A platform and its chats are not called more often than they bear: what matters waits for its turn, and chats take turns."""

from collections.abc import Callable
from itertools import count

import pytest

from parachute_core import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Rate, Traits
from parachute_core.testing import FakeClock, FakeConnector, running_bot

BEARS = Rate(4, 1.0)
PEOPLE = [str(number) for number in range(1, 13)]
TOGETHER, EACH = Traits(max_length=4096, rate=BEARS), Traits(max_length=4096, chat_rate=lambda _: BEARS)


class Timed(FakeConnector):
    """Notes when it is called for a message."""

    def __init__(self, traits: Traits, clock: FakeClock) -> None:
        super().__init__(traits)
        self.calls: list[tuple[float, str]] = []
        self._clock = clock

    async def send(self, outgoing: Outgoing) -> Receipt:
        if not outgoing.kind.cosmetic:
            self.calls.append((self._clock.monotonic(), outgoing.chat_id))
        return await super().send(outgoing)


def most_ahead(moments: list[float]) -> float:
    """By how many calls any span of time holds more than its length allows."""
    return max(
        last - first + 1 - (moments[last] - moments[first]) * BEARS.per_second
        for first in range(len(moments))
        for last in range(first, len(moments))
    )


async def passes(connector: Timed, clock: FakeClock, due: Callable[[int], int], whole: int) -> None:
    """Let time pass until all calls were made; each second waits for those that are due."""
    for second in count():
        await connector.took(SendKind.MESSAGE, due(second))
        if due(second) >= whole:
            return
        await clock.advance(1)


@pytest.mark.parametrize(
    ("traits", "due"),
    [(TOGETHER, lambda second: min(4 + second, 72)), (EACH, lambda second: 12 * min(4 + second, 6))],
    ids=["together", "each"],
)
async def test_no_span_holds_more_calls_than_are_borne_and_everything_arrives(traits: Traits, due: Callable[[int], int]) -> None:
    clock = FakeClock()
    connector = Timed(traits, clock)
    async with running_bot(connector=connector, allowed=PEOPLE, clock=clock) as bot:
        for number in range(6):
            for person in PEOPLE:
                await bot.say(f"{number}", person)
        await passes(connector, clock, due, 72)
        await bot.settled()
        assert [bot.texts(person) for person in PEOPLE] == [[f"{number}" for number in range(6)]] * len(PEOPLE)
    for chats in [PEOPLE] if traits is TOGETHER else [[person] for person in PEOPLE]:
        assert most_ahead([at for at, chat in connector.calls if chat in chats]) == BEARS.burst


async def test_a_chat_in_which_much_waits_leaves_the_others_their_turns() -> None:
    clock = FakeClock()
    connector = Timed(TOGETHER, clock)
    async with running_bot(connector=connector, allowed=PEOPLE, clock=clock) as bot:
        for number in range(20):
            await bot.say(f"{number}", "1")
        for person in PEOPLE[1:]:
            await bot.say("and me?", person)
        await passes(connector, clock, lambda second: min(4 + second, 31), 31)
        await bot.settled()
    order = [chat for _, chat in connector.calls]
    last_of_the_others = max(order.index(person) for person in PEOPLE[1:])
    assert order[:last_of_the_others].count("1") <= BEARS.burst + 1
