"""Connectors with one thing wrong, which the suite must notice: else passing it would mean nothing."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import httpx
import pytest

from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.model.errors import Ambiguous, ConnectionLost, NotDelivered, Rejected, SendError, Unreachable
from parachute_core.model.message import Inbound
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Traits
from parachute_core.testing.conformance import SCENARIOS
from tests.conformance.parley.connector import Parley
from tests.conformance.parley.counterpart import ParleyCounterpart

pytestmark = pytest.mark.usefixtures("parley")


class SwallowsFailures(Parley):
    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except SendError:
            return Receipt()


class SwallowsFloodControl(Parley):
    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except NotDelivered:
            return Receipt()


class ForgetsTheWait(Parley):
    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except NotDelivered as error:
            raise NotDelivered(str(error)) from error


class DoublesAfterALostAnswer(Parley):
    _numbers = itertools.count()

    async def send(self, outgoing: Outgoing) -> Receipt:
        return await super().send(replace(outgoing, key=f"{outgoing.key}-{next(self._numbers)}"))


class RepeatsByItself(Parley):
    traits = Traits(max_length=500)
    _numbers = itertools.count()

    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except Ambiguous:
            return await super().send(replace(outgoing, key=f"{outgoing.key}-{next(self._numbers)}"))


class RepeatsWhatIsRefused(Parley):
    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except Rejected as error:
            raise NotDelivered(str(error)) from error


class KnowsNoLimit(Parley):
    traits = Traits(max_length=4000, idempotent_messages=True)


class AnswersEdits(Parley):
    def _read(self, event: Mapping[str, Any]) -> Inbound | None:
        edited = event.get("edited")
        return super()._read({"said": {**edited, "id": f"{edited['id']}-edited"}} if edited else event)


class FallsOverOddEvents(Parley):
    def _read(self, event: Mapping[str, Any]) -> Inbound | None:
        return super()._read({"said": {**event["said"]}})


class NeverProvesLife(Parley):
    async def run(self, link: Link) -> None:
        await super().run(Unproven(link))


class ProvesLifeTooEarly(Parley):
    async def run(self, link: Link) -> None:
        link.prove("hope")
        await super().run(link)


class AsksWithoutAPause(Parley):
    async def _ask(self, http: httpx.AsyncClient, path: str, **params: int) -> Any:
        while True:
            try:
                return await super()._ask(http, path, **params)
            except ConnectionLost:
                await asyncio.sleep(0.005)


class SpinsInside(Parley):
    async def run(self, link: Link) -> None:
        self._link = link
        await super().run(link)

    async def _ask(self, http: httpx.AsyncClient, path: str, **params: int) -> Any:
        while True:
            try:
                return await super()._ask(http, path, **params)
            except ConnectionLost:
                self._link.lost("trouble")
                await asyncio.sleep(0.005)


class TakesARefusalForAnOutage(Parley):
    async def _ask(self, http: httpx.AsyncClient, path: str, **params: int) -> Any:
        try:
            return await super()._ask(http, path, **params)
        except Exception as error:
            raise ConnectionLost(str(error)) from error


class LogsItsToken(Parley):
    async def run(self, link: Link) -> None:
        self._context.logger.info("connecting with %s", self._context.settings.token)
        await super().run(link)


class NamesMessagesAnew(Parley):
    _numbers = itertools.count()

    def _read(self, event: Mapping[str, Any]) -> Inbound | None:
        message = super()._read(event)
        return replace(message, message_id=f"{message.message_id}-{next(self._numbers)}") if message else None


class BlamesTheCall(Parley):
    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(outgoing)
        except Unreachable as error:
            raise Rejected(str(error)) from error


class SaysThatNothingArrived(Parley):
    traits = Traits(max_length=500)

    async def send(self, outgoing: Outgoing) -> Receipt:
        try:
            return await super().send(replace(outgoing, key=f"{outgoing.key}-{outgoing.earlier.tries}"))
        except Ambiguous as error:
            raise NotDelivered(str(error)) from error


class LeavesATaskBehind(Parley):
    async def run(self, link: Link) -> None:
        LEFT.append(asyncio.create_task(asyncio.sleep(3600)))
        await super().run(link)


class Unproven:
    """A link on which nothing is ever proven."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.receive, self.lost, self.is_allowed, self.moved, self.reachable, self.redeem = (
            link.receive,
            link.lost,
            link.is_allowed,
            link.moved,
            link.reachable,
            link.redeem,
        )

    def prove(self, what: str) -> None:
        pass


LEFT: list["asyncio.Task[None]"] = []
TROUBLE = "an_answer_in_trouble_is_shown_once_or_again_with_a_label"
CAUGHT: list[tuple[type[Parley], str, str]] = [
    (SwallowsFailures, f"{TROUBLE}-reset", r"the chat reads \[\]"),
    (SwallowsFailures, "who_blocked_the_bot_gets_what_waits_on_writing_again", r"the owner is told of \[\]"),
    (SwallowsFloodControl, "flood_control_is_waited_for", r"the answer never came"),
    (SwallowsFloodControl, "a_send_is_tried_four_times_and_then_kept-text", r"it was sent 1 times"),
    (ForgetsTheWait, "flood_control_is_waited_for", r"sent again before"),
    (DoublesAfterALostAnswer, f"{TROUBLE}-lost", r"'Hello', 'Hello'"),
    (DoublesAfterALostAnswer, f"{TROUBLE}-cut", r"'Hello', 'Hello'"),
    (RepeatsByItself, f"{TROUBLE}-lost", r"'Hello', 'Hello'"),
    (RepeatsWhatIsRefused, "who_blocked_the_bot_gets_what_waits_on_writing_again", r"sent more than one message"),
    (KnowsNoLimit, "a_long_answer_comes_in_parts", r"0 of \d+ characters came"),
    (AnswersEdits, "an_edited_message_makes_no_second_turn", r"'Hello', 'Hello!'"),
    (FallsOverOddEvents, "odd_events_cost_nobody_anything-malformed", r"'Next' is not answered"),
    (NeverProvesLife, "a_message_is_answered_once", r"not running: .*'starting'"),
    (ProvesLifeTooEarly, "running_means_that_the_platform_was_heard", r"nothing was heard yet"),
    (AsksWithoutAPause, "a_platform_in_trouble_is_asked_ever_more_rarely", r"not noticed"),
    (SpinsInside, "a_platform_in_trouble_is_asked_ever_more_rarely", r"\d\d+ requests in ten seconds"),
    (TakesARefusalForAnOutage, "refused_credentials_are_left_alone_and_kept_secret", r"not failed"),
    (LogsItsToken, "refused_credentials_are_left_alone_and_kept_secret", r"token is in a log line"),
    (LogsItsToken, "credentials_are_in_no_log_line", r"token is in a log line"),
    (NamesMessagesAnew, "a_message_that_is_delivered_twice_is_answered_once", r"'Hello', 'Hello'"),
    (BlamesTheCall, "who_blocked_the_bot_gets_what_waits_on_writing_again", r"the owner is told of \['Rejected'\]"),
    (SaysThatNothingArrived, f"{TROUBLE}-lost", r"may not have been, and the chat reads"),
    (LeavesATaskBehind, "nothing_runs_after_the_stop", r"tasks run after the stop"),
]


def counterpart_of(connector: Callable[..., Connector]) -> ParleyCounterpart:
    class Broken(ParleyCounterpart):
        patience: ClassVar[float] = 2.0

        def connector(self, context: ConnectorContext) -> Connector:
            return connector(context, timeout=1.0 if self.hurried else 30.0)

    return Broken()


def named(name: str) -> Callable[[Any], Awaitable[None]]:
    [found] = [one for one in SCENARIOS if one.name == name]
    return found.run


@pytest.mark.parametrize(("connector", "scenario", "told"), CAUGHT, ids=[f"{one.__name__}-{scenario}" for one, scenario, _ in CAUGHT])
async def test_the_suite_notices(connector: type[Parley], scenario: str, told: str) -> None:
    try:
        with pytest.raises(AssertionError, match=told):
            async with counterpart_of(connector) as counterpart:
                await named(scenario)(counterpart)
    finally:
        for task in LEFT:
            task.cancel()
        await asyncio.gather(*LEFT, return_exceptions=True)
        LEFT.clear()
