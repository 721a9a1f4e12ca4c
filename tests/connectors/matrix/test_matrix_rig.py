"""The rig itself: a real homeserver, and people who see each other there."""

import pytest

from parachute_core.testing.matrix import MatrixWorld, Refused


async def test_people_meet_write_change_and_take_back(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    room = await ann.create(bea.id, direct=True)
    await bea.until(lambda: room in bea.invites)
    await bea.join(room)
    first, second = await ann.say(room, "one"), await ann.say(room, "two")
    await ann.edit(room, first, "uno")
    await ann.react(room, first, "👍")
    await bea.reads(room, "uno", "two", by=ann.id)
    await bea.until(lambda: bea.reactions(room, first) == {(ann.id, "👍")})
    await ann.redact(room, second)
    await bea.reads(room, "uno", by=ann.id)

    assert await ann.members(room) == {ann.id, bea.id}


async def test_the_administrator_limits_accounts_and_takes_devices_away(world: MatrixWorld) -> None:
    ann = await world.person()
    room = await ann.create()
    await world.accounts.limit(ann.account, 1, 1)
    refusals: list[Refused] = []
    for number in range(3):
        try:
            await ann.say(room, str(number))
        except Refused as refused:
            refusals.append(refused)
    assert {(one.status, one.errcode) for one in refusals} == {(429, "M_LIMIT_EXCEEDED")}

    other = await world.accounts.log_in(ann.account, "OTHER")
    await world.accounts.delete_device(ann.account)
    with pytest.raises(Refused, match="M_UNKNOWN_TOKEN"):
        await ann.sync()
    await world.as_person(other).sync()
