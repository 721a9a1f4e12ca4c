"""The smaller tables."""

from pathlib import Path

from parachute_core.clock import SystemClock
from parachute_core.model.trust import TrustLevel
from parachute_core.store.database import Database
from parachute_core.store.grants import Grants
from parachute_core.store.vault import secret


async def test_a_grant_is_loaded_and_replaced(database: Database) -> None:
    grants = Grants(database)
    await grants.put("web", "7", TrustLevel.SANDBOXED)
    await grants.put("web", "7", TrustLevel.DIRECT)
    await grants.put("telegram", "7", TrustLevel.SANDBOXED)
    assert await grants.load() == {("web", "7"): TrustLevel.DIRECT, ("telegram", "7"): TrustLevel.SANDBOXED}


async def test_a_level_that_cannot_be_read_is_none(database: Database) -> None:
    grants = Grants(database)
    await grants.put("web", "7", TrustLevel.DIRECT)
    async with database.transaction() as transaction:
        await transaction.execute("UPDATE grants SET trust_level = 'full'")
    assert await grants.load() == {("web", "7"): None}


async def test_a_revocation_that_was_begun_is_remembered_until_it_ends(file: Path) -> None:
    async with Database.open(file, SystemClock()) as database:
        await Grants(database).put("web", "7", TrustLevel.DIRECT)
        await Grants(database).begin_revoke("web", "7")
        await Grants(database).begin_revoke("web", "only in the file")
    async with Database.open(file, SystemClock()) as database:
        grants = Grants(database)
        assert await grants.load() == {}
        assert await grants.revoking() == [("web", "7"), ("web", "only in the file")]
        await grants.end_revoke("web", "7")
        await grants.end_revoke("web", "only in the file")
        assert await grants.revoking() == []


async def test_ending_a_revocation_leaves_a_newer_grant_alone(database: Database) -> None:
    grants = Grants(database)
    await grants.begin_revoke("web", "7")
    await grants.put("web", "7", TrustLevel.SANDBOXED)
    await grants.end_revoke("web", "7")
    assert await grants.load() == {("web", "7"): TrustLevel.SANDBOXED}
    await grants.drop("web", "7")
    assert await grants.load() == {}


async def test_each_end_of_a_grant_raises_its_generation_for_good(database: Database) -> None:
    grants = Grants(database)
    await grants.put("web", "7", TrustLevel.SANDBOXED)
    await grants.begin_revoke("web", "7")
    await grants.end_revoke("web", "7")
    await grants.put("web", "7", TrustLevel.SANDBOXED)
    await grants.drop("web", "7")
    await grants.drop("web", "only in the file")
    assert await grants.generations() == {("web", "7"): 2, ("web", "only in the file"): 1}
    assert await grants.load() == {}


async def test_a_secret_is_made_once(file: Path) -> None:
    async with Database.open(file, SystemClock()) as database:
        first = await secret(database, "web")
        assert len(first) == 32
        assert await secret(database, "web") == first != await secret(database, "links")
    async with Database.open(file, SystemClock()) as database:
        assert await secret(database, "web") == first
