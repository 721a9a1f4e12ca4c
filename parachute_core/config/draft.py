"""A first `bots.yaml` made of what its owner decided, with the secrets beside it in files of their own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from parachute_core.config.default import AGENT, default_text
from parachute_core.config.disk import SECRETS
from parachute_core.config.expand import literal
from parachute_core.config.ids import IdForm
from parachute_core.config.platforms import PLATFORMS
from parachute_core.config.quote import quote, write_value

REMARKS = {
    "allowed_users": "who may talk to the bot; pairing adds to it. Empty: nobody",
    "base_url": "instead of Telegram's own server",
    "base_file_url": "where that server gives out files",
    "rest_url": "instead of Discord's own server",
    "user_id": "the bot's own",
}
USUAL = """\
  dm_trust_level: sandboxed # or direct
  group_trust_level: sandboxed
  group_mention_mode: mention_only # or all_messages
  ack_emoji: "👀" # put on a message that was taken; null: none
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """Nothing of it is written anywhere yet."""

    platform: str
    """The one that is switched on; the web chat is in any case."""
    owner: str | None = None
    """The owner's id there; None: nobody is let in from the start."""
    token: str | None = field(default=None, repr=False)
    """None: the platform needs none."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Further keys of the platform's section."""
    agent: str = "echo"
    agent_keys: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Keys of the orchestrator beside `use`."""
    agent_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Keys of the orchestrator whose values are secret."""

    def files(self, installed: Collection[str]) -> dict[str, bytes]:
        """What is to be written, by path from the folder of `bots.yaml`, which is last. `installed`: names of plugins."""
        sections = {self.platform: self._section()} if self.platform != "web" else {}
        agent = AGENT if self.agent == "echo" else self._orchestrator()
        text = default_text(installed, sections, agent, self._plugins())
        secrets = {self._file(key): value for key, value in self.agent_secrets.items()}
        if self.token is not None:
            secrets[self._file(self._token_key())] = self.token
        return {**{path: f"{value}\n".encode() for path, value in secrets.items()}, "bots.yaml": text.encode()}

    def secrets(self) -> tuple[str, ...]:
        """Every secret value in it."""
        return tuple(one for one in (self.token, *self.agent_secrets.values()) if one)

    def _plugins(self) -> dict[str, str]:
        """The owner is not limited, and is told of strangers where the chat with the owner is known."""
        if self.owner is None or "allowed_users" not in PLATFORMS[self.platform].id_lists:
            return {}
        owner = _written(self.owner, PLATFORMS[self.platform].id_lists["allowed_users"])
        exempt = f"exempt: {{{self.platform}: [{owner}]}}"
        found = {"ratelimit": f"{{limit: 10, window: 60, {exempt}}} # messages of one chat in so many seconds, yours not counted"}
        if self.platform == "telegram":
            notify = f"notify: {{platform: telegram, user_id: {owner}}}"
            found["pairing"] = f"{{ttl_days: 7, {notify}}} # strangers ask; you are told, and approve or deny with a button"
        return found

    def _section(self) -> str:
        model = PLATFORMS[self.platform]
        lines = [f"{self.platform}:", "  enabled: true"]
        lines += [_line(key, quote(literal(value))) for key, value in self.keys.items()]
        lines.append(_line(self._token_key(), self._reference(self._token_key())))
        lines.append(_line("allowed_users", f"[{_written(self.owner, model.id_lists['allowed_users'])}]"))
        if "allowed_rooms" in model.id_lists:
            lines.append("  allowed_rooms: [] # the groups that the bot takes part in")
        return "\n".join(lines) + f"\n{USUAL}\n"

    def _orchestrator(self) -> str:
        lines = ["orchestrator: # what answers", f"  use: {write_value(self.agent)}"]
        for key, value in self.agent_keys.items():
            shown = quote(literal(value)) if isinstance(value, str) else f"[{', '.join(quote(literal(one)) for one in value)}]"
            lines.append(f"  {key}: {shown}")
        lines += [f"  {key}: {self._reference(key)}" for key in self.agent_secrets]
        return "\n".join(lines) + "\n\n"

    def _token_key(self) -> str:
        (key,) = PLATFORMS[self.platform].secret_keys
        return key

    def _file(self, key: str) -> str:
        owner = self.agent if key in self.agent_secrets else self.platform
        return f"{SECRETS}/{owner}-{key.replace('_', '-')}"

    def _reference(self, key: str) -> str:
        return f"${{file:{self._file(key)}}}"


def _line(key: str, value: str) -> str:
    return f"  {key}: {value}" + (f" # {REMARKS[key]}" if key in REMARKS else "")


def _written(owner: str | None, form: IdForm) -> str:
    if owner is None:
        return ""
    return owner if form.number else quote(literal(owner))
