"""People of other networks: bridges give each of them an account on the bot's own homeserver, and bring their chats along as rooms."""

import re

NETWORKS = (
    "bluesky|discord|facebook|gmessages|googlechat|groupme|gvoice|heisenbridge|imessage|imessagego|instagram|irc|kakaotalk|line|linkedin"
    "|messenger|meta|mattermost|signal|skype|slack|sms|steam|teams|telegram|tiktok|twitter|viber|wechat|whatsapp|zulip"
)
GHOST = re.compile(rf"_?(?:{NETWORKS})_(?=.*[0-9]).+")
"""`telegram_123`, `signal_<uuid>`, `whatsapp_4912345`, `discord_987`: how the bridges name such accounts unless told otherwise.
The ids of other networks have digits in them, which tells them from people who chose such a name."""
BRIDGE_BOT = re.compile(rf"_?(?:{NETWORKS})_?bot")


def is_ghost(user_id: str, me: str) -> bool:
    """Whether it is the account of somebody on another network; only bridges of the bot's own homeserver count."""
    return _is_of(GHOST, user_id, me) and not is_bridge_bot(user_id, me)


def is_bridge_bot(user_id: str, me: str) -> bool:
    """Whether it is a bridge's own account."""
    return _is_of(BRIDGE_BOT, user_id, me)


def _is_of(form: re.Pattern[str], user_id: str, me: str) -> bool:
    localpart, _, server = user_id.removeprefix("@").partition(":")
    return server == me.partition(":")[2] and form.fullmatch(localpart) is not None
