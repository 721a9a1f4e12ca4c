"""The whole bot on Matrix, with all five plugins: over a real homeserver, from event to answer."""

from parachute_core.testing.matrix import MatrixWorld
from tests.connectors.matrix.running import direct, whole_bot


async def test_a_message_is_answered_with_its_signs(world: MatrixWorld) -> None:
    ann = await world.person()
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        bot.orchestrator.hold()
        event = await ann.say(room, "hello **you**")
        await bot.orchestrator.asked(1)
        me = world.bot.user_id
        await ann.until(lambda: ann.reactions(room, event) == {(me, "👀")} and any(me in who for who in ann.saw_typing(room)))
        bot.orchestrator.release()
        await ann.reads(room, "hello you", by=me)
        await ann.until(lambda: ann.reactions(room, event) == set() and me not in list(ann.saw_typing(room))[-1])
    (answer,) = ann.messages(room, me)
    assert answer.html == "<p>hello <strong>you</strong></p>"
    assert answer.relation == {"m.in_reply_to": {"event_id": event}}
