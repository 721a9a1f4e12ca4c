"""The `bots.yaml` that a fresh home gets: it works at once, without an account anywhere."""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from parachute_core.config.disk import create_file
from parachute_core.model.errors import ConfigError

HEAD = """\
# The bot's settings; every key is explained in docs/config.md. Check them with: parachute-core check
# A secret need not stand here: ${NAME} is an environment variable, ${file:/run/secrets/name} a file.

web: # the chat page of the bot itself
  enabled: true
  allowed_users: [] # who may talk to the bot; pairing adds to it. Empty: nobody

"""
PLATFORMS = {
    "telegram": """\
# telegram:
#   enabled: true
#   bot_token: ${TELEGRAM_BOT_TOKEN}
#   allowed_users: [123456789] # numbers, not @names
#   dm_trust_level: sandboxed # or direct
#   group_trust_level: sandboxed
#   group_mention_mode: mention_only # or all_messages
#   ack_emoji: "👀"

""",
    "discord": """\
# discord:
#   enabled: true
#   bot_token: ${DISCORD_BOT_TOKEN}
#   allowed_users: ["123456789012345678"]

""",
    "matrix": """\
# matrix:
#   enabled: true
#   homeserver_url: https://matrix.example.org
#   user_id: "@bot:example.org"
#   access_token: ${MATRIX_ACCESS_TOKEN}
#   allowed_users: ["@you:example.org"]
#   allowed_rooms: ["!room:example.org"]

""",
}
"""The sections that the file has ready as comments."""
AGENT = """\
orchestrator: # what answers
  use: echo # or command

"""
TAIL = """\
# transcriber: # what turns voice messages into text; without one the bot says that it cannot listen
#   use: command
#   argv: [python3, transcribe.py]

plugins: # asked in this order; {enabled: false} switches one off
{plugins}
{required}
admin: # the admin API, its page and the web chat
  host: 127.0.0.1 # any other address needs a key of your own: key: ${ADMIN_KEY}
  port: 3333
"""
NOTHING: Mapping[str, str] = MappingProxyType({})


PLUGINS = {
    "ratelimit": "{limit: 10, window: 60} # messages of one chat in so many seconds",
    "retry": "{waits: [1, 2, 4]} # seconds before each retry of a send",
    "pairing": "{ttl_days: 7} # strangers ask, you approve or deny",
    "budget": "{budgets: [{per: user, period: day, turns: 200}]} # what your agent may spend, in tokens and money too",
    "sessionguard": "{} # nothing reaches or leaves a session that has ended",
    "strictstate": "{} # an impossible connector state is an error at once",
}
REQUIRED = ("ratelimit", "pairing")


def default_text(
    installed: Collection[str], platforms: Mapping[str, str] = NOTHING, agent: str = AGENT, plugins: Mapping[str, str] = NOTHING
) -> str:
    """The file for a machine with these plugins; those that are missing stand in it as comments.

    `platforms`: text of the sections that are wanted, by platform; `agent`: that of the orchestrator's. Each ends with an empty line.
    `plugins`: settings that are others than the usual ones, by plugin.
    """
    sections = (platforms.get(name, commented) for name, commented in PLATFORMS.items())
    lines = [f"{'  ' if name in installed else '  # '}{name}: {plugins.get(name, usual)}\n" for name, usual in PLUGINS.items()]
    required = ", ".join(name for name in REQUIRED if name in installed)
    wanted = f"required: [{required}] # without these the bot does not start\n" if required else ""
    tail = TAIL.replace("{plugins}\n", "".join(lines)).replace("{required}\n", "\n" + wanted + "\n" if wanted else "\n")
    return "".join((HEAD, *sections, agent, tail))


def write_default(path: Path, installed: Collection[str]) -> None:
    """Make the file, 0600 from its first byte, for these `installed` plugins.

    Raises `ConfigError` when something stands there already, or it cannot be made.
    """
    try:
        create_file(path, default_text(installed).encode())
    except FileExistsError:
        raise ConfigError(f"{path}: is there already; it was not changed") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be made: {error.strerror or error}") from None
