"""The description holds: for valid and invalid requests made from it, a served bot answers as described and never with a server error."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from parachute_core import Rejected
from parachute_core.testing import running_bot

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=15,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def exercise(url: str, key: str, known: Mapping[str, Sequence[str]]) -> int:
    """Try every operation in many ways; returns how many there are. Raises what does not conform.

    `known`: values for path parameters that exist here, which nobody would guess.
    """
    sent = {"X-API-Key": key}
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", headers=sent)
    results = list(schema.get_all_operations())
    operations = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(operations) == len(results), "the description is valid"
    for operation in operations:
        names = [one.name for one in operation.path_parameters]
        for values in product(*(known[name] for name in names)) if names else ():
            operation.Case(path_parameters=dict(zip(names, values, strict=True))).call_and_validate(headers=sent, checks=CHECKS, timeout=20)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @BOUNDED
            @given(case=operation.as_strategy(generation_mode=mode))
            def conforms(case: Case[Any]) -> None:
                case.call_and_validate(headers=sent, checks=CHECKS, timeout=20)

            conforms()
    return len(operations)


async def test_every_operation_answers_as_described() -> None:
    async with running_bot(["pairing", "ratelimit"], allowed=("1", "2"), serve=True) as bot:
        bot.connector.outcomes += [Rejected("no"), Rejected("no")]
        for user in ("1", "2", "3", "4"):
            await bot.ask("hello", user)
        for _ in range(3):
            await bot.runtime.services.logins.open_with_key(bot.runtime.key, "a browser")
        known = {
            "name": ["pairing", "strictstate"],
            "login_id": [one.id for one in bot.runtime.services.logins.all()][:2],
            "platform": sorted(bot.runtime.fleet.platforms()),
            "session_id": [one.id for one in await bot.runtime.sessions.list(2, 0)],
            "request_id": [one["id"] for one in (await bot.request("GET", "/api/bots/pairing")).json["requests"]],
            "invite_id": [(await bot.request("POST", "/api/bots/pairing/invites")).json["invite"]["id"]],
            "user_id": ["1", "@a:b.example"],
            "delivery_id": [one["id"] for one in (await bot.request("GET", "/api/deliveries")).json["deliveries"]],
        }
        assert all(known.values())
        assert await asyncio.to_thread(exercise, bot.url, bot.runtime.key, known) >= 15
