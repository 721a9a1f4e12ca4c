"""The connection by which messages come: lost, refused, made anew; and what is said of it meanwhile."""

from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import Rig, whole_bot
from parachute_core.testing.conformance.scenario import TROUBLES, for_each, scenario
from parachute_core.testing.conformance.secrecy import everything_logged
from parachute_core.testing.trials import demand

HOUR = 3600.0


@scenario(Ability.SERVER)
async def running_means_that_the_platform_was_heard(counterpart: Counterpart) -> None:
    """Until then it is `starting`; then the status tells when it was proven, and by what."""
    fault = counterpart.fault(Flow.RECEIVING, Trouble.HANG, count=None)
    async with whole_bot(counterpart, state=None) as rig:
        await rig.until(lambda: fault.met, lambda: "the platform was not asked for messages")
        await rig.pause(3)
        report = rig.status()
        demand(report["status"] == "starting" and not report["running"], f"nothing was heard yet: {dict(report)}")
        demand(report["last_proof_at"] is None, f"nothing was heard yet: {dict(report)}")
        counterpart.heal()
        await counterpart.drop()
        await rig.reaches("running")
        report = rig.status()
        demand(report["running"] is True, f"{dict(report)}")
        proven = report["last_proof_at"]
        demand(isinstance(proven, float) and 0 <= rig.clock.now().timestamp() - proven < 60, f"{dict(report)}")
        demand(bool(report["last_proof"]), f"{dict(report)}")


@scenario(Ability.SERVER)
async def a_platform_that_is_down_at_the_start_is_found_later(counterpart: Counterpart) -> None:
    """Meanwhile it is `reconnecting`, with the time of the next try."""
    await counterpart.stop()
    async with whole_bot(counterpart, state="reconnecting") as rig:
        report = rig.status()
        demand(report["next_attempt_at"] >= rig.clock.now().timestamp(), f"the next try is not told: {dict(report)}")
        demand(bool(report["last_error"]), f"the error is not told: {dict(report)}")
        await rig.clock.advance(120)
        demand(rig.status()["status"] == "reconnecting", f"{dict(rig.status())}")
        await counterpart.start()
        await rig.reaches("running")
        demand(rig.status()["next_attempt_at"] is None, f"{dict(rig.status())}")
        await _is_answered(rig, "Hello")


@scenario(Ability.SERVER)
async def a_server_that_restarts_is_found_again(counterpart: Counterpart) -> None:
    """In the middle of receiving, twice; messages are answered in between."""
    async with whole_bot(counterpart) as rig:
        await _is_answered(rig, "one")
        for text in ("two", "three"):
            await counterpart.stop()
            await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"not noticed: {dict(rig.status())}")
            await counterpart.start()
            await rig.reaches("running")
            await _is_answered(rig, text)


@for_each(TROUBLES, Ability.SERVER)
async def receiving_in_trouble_begins_again(counterpart: Counterpart, trouble: Trouble) -> None:
    """Once the trouble is over."""
    counterpart.hurried = trouble is Trouble.HANG
    async with whole_bot(counterpart) as rig:
        fault = counterpart.fault(Flow.RECEIVING, trouble)
        await rig.flows(lambda: fault.met, lambda: f"no receiving call met the trouble: {dict(rig.status())}")
        await rig.reaches("running")
        await _is_answered(rig, "Hello")


@scenario(Ability.FLOOD_CONTROL)
async def flood_control_of_receiving_is_waited_for(counterpart: Counterpart) -> None:
    """No receiving call is made before the platform's time is over."""
    async with whole_bot(counterpart) as rig:
        fault = counterpart.fault(Flow.RECEIVING, Trouble.FLOOD, retry_after=60)
        await rig.flows(lambda: fault.met, lambda: f"no receiving call met the trouble: {dict(rig.status())}")
        await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"not noticed: {dict(rig.status())}")
        before = counterpart.requests(Flow.RECEIVING)
        for _ in range(5):
            await rig.clock.advance(11)
            await rig.pause(2)
        demand(counterpart.requests(Flow.RECEIVING) == before, "the platform was asked again before its time was over")
        await rig.reaches("running")


@scenario(Ability.SERVER)
async def a_platform_in_trouble_is_asked_ever_more_rarely(counterpart: Counterpart) -> None:
    """Fewer than 20 requests in ten seconds, and fewer than 20 more in the next three minutes."""
    async with whole_bot(counterpart) as rig:
        counterpart.fault(Flow.RECEIVING, Trouble.BROKEN, count=None)
        await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"not noticed: {dict(rig.status())}")
        before = counterpart.requests()
        for _ in range(50):
            await rig.clock.advance(0.2)
            await rig.pause(0.5)
        made = counterpart.requests() - before
        demand(made < 20, f"{made} requests in ten seconds while receiving fails")
        await rig.clock.advance(50)
        before = counterpart.requests()
        for _ in range(60):
            await rig.clock.advance(3)
            await rig.pause(0.5)
        made = counterpart.requests() - before
        demand(made < 20, f"{made} requests in three minutes, a minute after receiving began to fail")
        counterpart.heal()
        await rig.reaches("running")
        await _is_answered(rig, "Hello")


@scenario(Ability.SERVER)
async def a_day_of_flapping_ends_in_running(counterpart: Counterpart) -> None:
    """An outage every two hours, for 24 of the bot's hours."""
    async with whole_bot(counterpart) as rig:
        for _ in range(12):
            await counterpart.stop()
            await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"not noticed: {dict(rig.status())}")
            await rig.clock.advance(20)
            await counterpart.start()
            await rig.reaches("running")
            await rig.clock.leap(2 * HOUR)
            await rig.pause()
            await rig.reaches("running")
        await rig.clock.advance(61)
        await _is_answered(rig, "Still there?")
        report = rig.status()
        demand(report["reconnect_attempts"] < 12, f"failures of a day ago are counted: {dict(report)}")


@scenario(Ability.CREDENTIALS)
async def refused_credentials_are_left_alone_and_kept_secret(counterpart: Counterpart) -> None:
    """`failed` after few requests, for good; nothing that is logged or told has them in it."""
    wrong = counterpart.wrong_credentials()
    with everything_logged() as logged:
        async with whole_bot(counterpart, state="failed", settings=wrong) as rig:
            await rig.clock.advance(HOUR)
            await rig.pause(3)
            report = rig.status()
            demand(report["running"] is False and bool(report["last_error"]), f"{dict(report)}")
            demand(counterpart.requests() < 5, f"{counterpart.requests()} requests with credentials that are refused")
            tested = await rig.api("POST", f"/{counterpart.platform}/test")
            demand(tested.json["success"] is False, "the test of refused credentials succeeds")
            answers = [tested, await rig.api("GET", "/status"), await rig.api("GET", "/config")]
    told = "\n".join([*logged, *(str(one.json) for one in answers)])
    for key, secret in wrong.items():
        demand(secret not in told, f"{key} is in a log line or in an answer of the admin API")


@scenario(Ability.CREDENTIALS)
async def credentials_are_in_no_log_line(counterpart: Counterpart) -> None:
    """Nor are messages, whatever goes wrong with them."""
    with everything_logged() as logged:
        async with whole_bot(counterpart) as rig:
            await _is_answered(rig, "my secret words")
            counterpart.fault(Flow.SENDING, Trouble.BROKEN)
            await counterpart.say(rig.owner, "more secret words")
            await rig.asked(2)
            await rig.settles()
            await counterpart.stop()
            await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"{dict(rig.status())}")
            await rig.clock.advance(10)
            answers = [await rig.api("GET", "/status"), await rig.api("GET", "/config")]
    told = "\n".join([*logged, *(str(one.json) for one in answers)])
    for key, secret in counterpart.credentials().items():
        demand(secret not in told, f"{key} is in a log line or in an answer of the admin API")
    demand("secret words" not in told, "a message is in a log line or in an answer of the admin API")


@scenario(Ability.CREDENTIALS)
async def parked_credentials_wake_when_they_change(counterpart: Counterpart) -> None:
    """In the file; the owner need not start anything."""
    async with whole_bot(counterpart, state="failed", settings=counterpart.wrong_credentials(), watch=True) as rig:
        path = rig.bot.home / "bots.yaml"
        text = path.read_text(encoding="utf-8")
        for key, wrong in counterpart.wrong_credentials().items():
            text = text.replace(wrong, counterpart.credentials()[key])
        path.write_text(text, encoding="utf-8")
        await rig.reaches("running")
        await _is_answered(rig, "Hello")


@scenario(Ability.CREDENTIALS)
async def credentials_that_are_revoked_park_the_connector(counterpart: Counterpart) -> None:
    """While it runs: `failed`, and few requests more."""
    async with whole_bot(counterpart) as rig:
        await _is_answered(rig, "Hello")
        before = counterpart.requests()
        await counterpart.revoke()
        await rig.reaches("failed")
        await rig.clock.advance(HOUR)
        await rig.pause(3)
        demand(counterpart.requests() - before < 20, f"{counterpart.requests() - before} requests with revoked credentials")


async def _is_answered(rig: Rig, text: str) -> None:
    """A message is answered, as the newest thing in the owner's chat."""
    counterpart, chat = rig.counterpart, await rig.counterpart.direct(rig.owner)
    await counterpart.say(rig.owner, text)
    await rig.flows(
        lambda: counterpart.texts(chat)[-1:] == [text], lambda: f"{text!r} is not answered: {counterpart.texts(chat)}", step=0.1
    )
