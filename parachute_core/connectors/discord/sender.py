"""One outbound message or edit of the core as one REST call."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import hikari
import hikari.impl

from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.ids import is_snowflake, snowflake
from parachute_core.model.outgoing import Buttons, Outgoing, Receipt, SendKind

NONCE_LENGTH = 25
REMEMBERED = 1000
"""Messages whose key is recognised when it comes again."""


def nonce(key: str) -> str:
    """What Discord recognises a repeated message by."""
    return key if len(key) <= NONCE_LENGTH else hashlib.sha256(key.encode()).hexdigest()[:NONCE_LENGTH]


class Repeats:
    """Knows the keys of the latest messages that were tried, whatever became of them."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()

    def seen(self, key: str) -> bool:
        """Note a key; True when it was noted before."""
        if key in self._keys:
            return True
        self._keys[key] = None
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)
        return False


class Sender:
    """Sends over one connection's REST client."""

    def __init__(self, rest: hikari.api.RESTClient, calls: Calls, repeats: Repeats) -> None:
        self._rest = rest
        self._calls = calls
        self._repeats = repeats

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Make the call of a message or an edit. Raises `SendError`."""
        channel = snowflake(outgoing.chat_id)
        if outgoing.kind is SendKind.EDIT:
            await self._edit(channel, snowflake(outgoing.target_id), outgoing.text)
            return Receipt(outgoing.target_id)
        again = self._repeats.seen(outgoing.key)
        message = await self._calls.make(self._create(channel, outgoing))
        # What Discord recognised it gives back as it stands in the channel, which may be an earlier state of a growing answer.
        if again and (message.content or "").strip() != outgoing.text.strip():
            await self._edit(channel, message.id, outgoing.text)
        return Receipt(str(message.id))

    async def _create(self, channel: int, outgoing: Outgoing) -> hikari.Message:
        answered = outgoing.place.reply_to
        return await self._rest.create_message(
            channel,
            outgoing.text,
            nonce=nonce(outgoing.key),
            components=_components(outgoing.buttons),
            # The use of a slash command is no message and cannot be replied to; a message that is gone is no reason not to answer.
            reply=int(answered) if answered is not None and is_snowflake(answered) else hikari.UNDEFINED,
            reply_must_exist=False,
            mentions_reply=False,
            mentions_everyone=False,
            user_mentions=False,
            role_mentions=False,
        )

    async def _edit(self, channel: int, message: int, text: str) -> None:
        await self._calls.make(
            self._rest.edit_message(channel, message, text, mentions_everyone=False, user_mentions=False, role_mentions=False)
        )


def _components(buttons: Buttons) -> Sequence[hikari.api.ComponentBuilder]:
    rows = []
    for row in buttons:
        rows.append(hikari.impl.MessageActionRowBuilder())
        for one in row:
            rows[-1].add_interactive_button(hikari.ButtonStyle.SECONDARY, one.says, label=one.label)
    return rows
