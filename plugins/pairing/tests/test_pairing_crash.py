"""The process dies between two steps of an approval, or of an invitation; the next start completes it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from parachute_core.testing import running_bot

LIST = "/api/bots/pairing"

DYING = """
import asyncio, os, sys
from pathlib import Path

from parachute_core import hookimpl
from parachute_core.testing import running_bot


def die(*_, **__):
    os._exit(7)


class Assassin:
    @hookimpl
    async def on_pairing_event(self, event):
        if event.kind == "approved":
            die()


async def main(home, step):
    async with running_bot(["pairing"], home=home, extra_plugins={"assassin": lambda _: Assassin()} if step == "told" else {}) as bot:
        await bot.ask("hello", "7")
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        access, allow = bot.runtime.access, bot.runtime.access.allow

        async def applied(*arguments):
            await allow(*arguments)
            die()

        if step == "invited":
            code = (await bot.request("POST", "/api/bots/pairing/invites", {"trust_level": "direct"})).json["code"]
            access.allow = die
            await bot.ask(code, "7")
        if step == "approved":
            access.allow = die
        elif step == "granted":
            bot.runtime.config.add_allowed = die
        elif step == "applied":
            access.allow = applied
        await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve", {"trust_level": "direct"})
        await asyncio.sleep(5)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.parametrize("step", ["approved", "granted", "applied", "told"])
async def test_an_approval_that_a_crash_cut_off_is_completed_by_the_next_start(tmp_path: Path, step: str, listener: Any) -> None:
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, str(tmp_path), step, stderr=asyncio.subprocess.PIPE)
    _, errors = await dying.communicate()
    assert dying.returncode == 7, errors.decode()
    config = tmp_path / "bots.yaml"
    written = 7 in yaml.safe_load(config.read_text())["telegram"]["allowed_users"]
    assert written is (step in ("applied", "told"))
    # The file names the plugins that the dying bot had; the next one has a listener.
    tree = yaml.safe_load(config.read_text())
    tree["plugins"].pop("assassin", None)
    config.write_text(yaml.safe_dump(tree))

    async with running_bot(home=tmp_path, extra_plugins={"listener": listener.make}) as bot:
        (row,) = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert (row["status"], row["approvedTrustLevel"]) == ("approved", "direct")
        assert yaml.safe_load(config.read_text())["telegram"]["allowed_users"] == [1, 7]
        assert await bot.ask("hi", "7") == ["hi"]
        assert listener.kinds == ([] if step == "told" else ["approved"])
        assert (await bot.request("POST", f"{LIST}/{row['id']}/deny")).status == 409
    async with running_bot(home=tmp_path, extra_plugins={"listener": listener.make}) as bot:
        assert await bot.ask("hi", "7") == ["hi"]
        assert len(listener.events) <= 1


async def test_an_invitation_that_a_crash_cut_off_is_used_once_and_completed(tmp_path: Path) -> None:
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, str(tmp_path), "invited", stderr=asyncio.subprocess.PIPE)
    _, errors = await dying.communicate()
    assert dying.returncode == 7, errors.decode()
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("hi", "7") == ["hi"]
        (row,) = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert (row["status"], row["approvedTrustLevel"], row["resolvedBy"]) == ("approved", "direct", "invitation")
        (invite,) = (await bot.request("GET", f"{LIST}/invites")).json["invites"]
        assert (invite["status"], invite["requestId"]) == ("used", row["id"])
