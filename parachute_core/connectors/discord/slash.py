"""The slash commands: how they are registered, and what each says to the core. A button that is pressed comes the same way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import hikari

from parachute_core.connectors.discord.calls import Calls
from parachute_core.model.message import ChatType, Inbound

TAKEN = "Got it."
"""What only the one who used a command sees at once; the answer follows as an ordinary message."""
CANNOT_WRITE = "I cannot write in this channel, so you get no answer here. Somebody who manages it can allow me to send messages."
UNKNOWN = "I do not know this command."
QUESTION = hikari.CommandOption(
    type=hikari.OptionType.STRING, name="message", description="What you want to say", is_required=True, max_length=4000
)
COMMANDS: Mapping[str, tuple[str, tuple[hikari.CommandOption, ...]]] = {
    "chat": ("Say something to the bot", (QUESTION,)),
    "new": ("End this chat's session and start a fresh one", ()),
    "help": ("What the bot can do", ()),
    "status": ("Whether the bot is ready, and since when your session is open", ()),
}


@dataclass(frozen=True, slots=True)
class Used:
    """A command that somebody used, or a button that somebody pressed."""

    application_id: int
    interaction_id: int
    token: str = field(repr=False)
    """Good for fifteen minutes; whoever has it can answer in the bot's name."""
    message: Inbound | None
    """None: a command that is none of ours, such as one that an older version registered."""


def read(payload: Mapping[str, Any], *, platform: str, now: datetime) -> Used | None:
    """The use of a slash command or a button as the gateway tells it; None for forms and the like. Raises `LookupError` or `ValueError`."""
    kind, data = payload["type"], payload.get("data", {})
    pressed = kind == hikari.InteractionType.MESSAGE_COMPONENT and data["component_type"] == hikari.ComponentType.BUTTON
    if kind != hikari.InteractionType.APPLICATION_COMMAND and not pressed:
        return None
    member = payload.get("member") or {}
    user = member.get("user") or payload["user"]
    text = str(data["custom_id"]) if pressed else _text(data)
    message = text and Inbound(
        platform=platform,
        chat_id=str(payload.get("channel_id") or payload["channel"]["id"]),
        user_id=str(user["id"]),
        text=text,
        message_id=f"interaction-{payload['id']}",
        received_at=now,
        chat_type=ChatType.GROUP if payload.get("guild_id") else ChatType.DIRECT,
        user_name=member.get("nick") or user.get("global_name") or user.get("username"),
        button=pressed,
    )
    return Used(int(payload["application_id"]), int(payload["id"]), payload["token"], message or None)


async def acknowledge(rest: hikari.api.RESTClient, calls: Calls, used: Used) -> None:
    """Answer within the three seconds that Discord gives, seen by the user alone; a press without a word. Raises `SendError`."""
    if used.message is not None and used.message.button:
        await calls.make(rest.create_interaction_response(used.interaction_id, used.token, hikari.ResponseType.DEFERRED_MESSAGE_UPDATE))
        return
    await calls.make(
        rest.create_interaction_response(
            used.interaction_id,
            used.token,
            hikari.ResponseType.MESSAGE_CREATE,
            TAKEN if used.message else UNKNOWN,
            flags=hikari.MessageFlag.EPHEMERAL,
        )
    )


async def take_back(rest: hikari.api.RESTClient, calls: Calls, used: Used) -> None:
    """Say in place of the acknowledgement that there will be no answer. Raises `SendError`."""
    await calls.make(rest.edit_interaction_response(used.application_id, used.token, CANNOT_WRITE))


async def register(rest: hikari.api.RESTClient, calls: Calls, application: int) -> None:
    """Bring the application's global commands up to date, writing only what differs; foreign ones are left alone. Raises `SendError`."""
    present = {one.name: one for one in await calls.make(rest.fetch_application_commands(application))}
    for name, (description, options) in COMMANDS.items():
        if not _same(present.get(name), description, options):
            await calls.make(rest.create_slash_command(application, name, description, options=options))


def _text(data: Mapping[str, Any]) -> str | None:
    name = data["name"]
    if name not in COMMANDS:
        return None
    if name == "chat":
        return str(next(one["value"] for one in data["options"] if one["name"] == QUESTION.name)).strip() or None
    return f"/{name}"


def _same(present: hikari.PartialCommand | None, description: str, options: tuple[hikari.CommandOption, ...]) -> bool:
    if not isinstance(present, hikari.SlashCommand) or present.description != description:
        return False
    return [_facts(one) for one in present.options or ()] == [_facts(one) for one in options]


def _facts(option: hikari.CommandOption) -> tuple[object, ...]:
    return option.type, option.name, option.description, option.is_required, option.max_length
