"""How the bot behaves in a platform's chats, as `bots.yaml` says at the moment."""

from collections.abc import Callable

from parachute_core.config.schema import BotsConfig
from parachute_core.config.values import ReplyMode
from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.outgoing import Place


class Manners:
    """Asked whenever it matters, so that a change of the file needs no restart. A platform without a section gets nothing extra."""

    def __init__(self, config: Callable[[], BotsConfig]) -> None:
        self._config = config

    def acks(self, platform: str) -> bool:
        """Whether users are shown that their message was taken."""
        section = self._config().sections().get(platform)
        return section is not None and section.ack_emoji is not None

    def group_history(self, platform: str) -> int:
        """Most messages of a group that the agent is given with the next one that is for the bot."""
        section = self._config().sections().get(platform)
        return section.group_history if section else 0

    def place(self, message: Inbound) -> Place:
        """Where what is said in answer to the message is shown."""
        section = self._config().sections().get(message.platform)
        mode = section.reply_mode if section else ReplyMode.NEVER
        quotes = mode is ReplyMode.ALWAYS or (mode is ReplyMode.GROUPS and message.chat_type is ChatType.GROUP)
        return Place(message.message_id if quotes else None, message.thread_id)
