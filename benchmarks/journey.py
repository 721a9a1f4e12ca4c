"""A message through the gates, and all the way, beside what other frameworks take."""

from benchmarks.harness import Contestant, Table, interleaved

GATE = "parachute-core, five plugins' gates"


def journey() -> Table:
    """One update, handed to each framework as its own object."""
    return interleaved(
        "journey",
        "One message in 50 chats: the gates, and the whole journey",
        [
            Contestant("a handler that does nothing", "own.journey", "bare"),
            Contestant(GATE, "own.journey", "gate"),
            Contestant("parachute-core, and the budget's", "own.journey", "gate", arguments={"more": {"budget": {}}}),
            Contestant("python-telegram-bot, three gate handlers", "peers.telegram_app", "gate", "telegram"),
            Contestant("aiogram, three middlewares", "peers.aiogram_app", "gate", "aiogram"),
            Contestant("opsdroid, three checks in the skill", "peers.opsdroid_app", "gate", "opsdroid"),
            Contestant("nonebot2, three preprocessors", "peers.nonebot_app", "gate", "nonebot"),
            Contestant("errbot, a command without gates", "peers.errbot_app", "gate", "errbot"),
            Contestant("parachute-core, whole journey", "own.journey", "whole"),
        ],
        reference=GATE,
        notes=[
            "The peers' rows are: update to handler, with a dict for the limit, a set for the allowlist, a dict for the session.",
            "Ours: the plugins as installed; the whole journey adds session, history on disk, agent, formatting and four calls out.",
        ],
    )
