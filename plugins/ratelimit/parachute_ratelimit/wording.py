"""Refusals in words."""

from math import ceil

from parachute_ratelimit.layers import Per, Refusal

MINUTE = 60
HOUR = 60 * MINUTE

DEFAULT_MESSAGE = "You're writing faster than I can answer — please try again in {wait}."
PLACEHOLDERS = ("wait", "who")
"""What a message may have filled in."""

SENTENCES = {
    Per.USER: DEFAULT_MESSAGE,
    Per.CHAT: "This chat is writing faster than I can answer — please try again in {wait}.",
    Per.PLATFORM: "I'm getting more messages here than I can answer — please try again in {wait}.",
    Per.ALL: "I'm getting more messages than I can answer — please try again in {wait}.",
}
"""What is said of each layer where the owner wrote no message."""
WHO = {Per.USER: "you", Per.CHAT: "this chat", Per.PLATFORM: "everybody here", Per.ALL: "everybody"}
BUSY = {
    Per.USER: "I'm still busy with your other messages — please try again when they are answered.",
    Per.ALL: "I'm busy with other conversations right now — please try again in a moment.",
}
"""What is said when no further answer can be made at the same time."""


def in_words(seconds: float) -> str:
    """`12 seconds`, `5 minutes`, `3 hours`: in the unit that suits the length, and rounded up, so that who waits that long is let in."""
    if seconds <= 2 * MINUTE:
        return _count(max(1, ceil(seconds)), "second")
    if seconds <= 2 * HOUR:
        return _count(ceil(seconds / MINUTE), "minute")
    return _count(ceil(seconds / HOUR), "hour")


def told(refusal: Refusal, message: str | None) -> str:
    """What the chat reads: the owner's message, or, where that is None, a sentence that names the layer."""
    return (message or SENTENCES[refusal.rule.per]).format(wait=in_words(refusal.wait), who=WHO[refusal.rule.per])


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
