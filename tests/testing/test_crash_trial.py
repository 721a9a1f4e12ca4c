"""A real bot that is killed while messages flow loses nothing that it took, and doubles nothing without a label."""

from pathlib import Path

import pytest

from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.testing.crashes import SIDES, Counterpart, Counts, MatrixSide, Trial, run_trial
from parachute_core.testing.crashes.counting import count
from parachute_core.testing.matrix import Homeserver


@pytest.mark.parametrize("platform", sorted(set(SIDES) - {"matrix"}))
async def test_killed_while_messages_flow(platform: str, tmp_path: Path) -> None:
    async with SIDES[platform]() as side:
        await keeps_its_promises(side, tmp_path / "home")


async def test_killed_while_messages_flow_on_a_real_homeserver(homeserver: Homeserver, tmp_path: Path) -> None:
    async with MatrixSide(homeserver) as side:
        await keeps_its_promises(side, tmp_path / "home")


async def keeps_its_promises(side: Counterpart, home: Path) -> None:
    counts = await run_trial(side, Trial(kills=4, seed=7), home)
    assert counts.asked > 20
    assert (counts.unheard, counts.lost, counts.doubled, counts.disordered) == (0, 0, 0, 0), counts
    assert not (side.recognises and (counts.labelled or counts.given_up)), counts


def test_counting_sees_what_is_lost_doubled_and_out_of_order() -> None:
    asked = {0: ["a", "b", "c"], 1: ["d", "e"]}
    assert count(asked, {0: ["a", "b", "c"], 1: ["d", "e"]}, set()) == Counts(asked=5)
    assert count(asked, {0: ["a", "c", "b", "b"], 1: ["d", SENT_AGAIN + "d"]}, set()) == Counts(
        asked=5, lost=1, doubled=1, labelled=1, disordered=1
    )
    assert count(asked, {0: ["a", "b"], 1: ["d", "e"]}, {"c"}) == Counts(asked=5, unheard=1)
    assert count(asked, {0: ["a"], 1: ["d", "e"]}, set(), {"b", "e"}) == Counts(asked=5, lost=1, given_up=1)
