"""Every error that crosses a floor, drawn as a tree. They are split by what the catcher will do.

ParachuteError
├── ConfigError              bots.yaml cannot be used: nothing was changed, fix the file
│   ├── AddressInUse         the address is taken by another program: it may be free in a minute
│   └── PluginRequired       asked to switch off what is on the list `required`
├── PluginError              a plugin that is on cannot be loaded or started: the bot does not start
│   └── PluginsRefused       more than one such problem, all told at once
├── StoreError               the database cannot be used (newer version, not ours)
├── InvalidTransition        also a RuntimeError: a connector was asked for an impossible move
├── UnknownPlatform          no such platform here
├── ConnectorError           a connector's link to its platform
│   ├── ConnectionLost       transient: reconnect, for ever
│   ├── CredentialsRefused   permanent until the credentials change: park as `failed`
│   ├── NotConfigured        the platform is off, has no credentials, or its connector is not installed
│   └── AlreadyRunning       asked to start what is running
├── SendError                one outbound call
│   ├── NotDelivered         proven not delivered: may be repeated; `retry_after` seconds when the platform named them
│   │   └── Postponed        a layer's word: keep it, and make the call again in `retry_after` seconds
│   ├── Held                 a layer's word: keep it until the owner decides
│   ├── Ambiguous            may have been delivered: repeat only what is idempotent
│   └── Rejected             permanent: the same call never succeeds
│       ├── Unreachable      the chat takes nothing (blocked, left, deleted): keep what waits for it until it writes again
│       └── Withheld         a layer refused to let it leave; not a failure, ends the turn
├── UnknownDelivery          there is no such delivery
├── Undecidable              what the owner wants done with a delivery cannot be done: nothing was changed
├── OrchestratorError        the answering agent failed: tell the user in one plain sentence
└── TranscriberError         a voice message could not be turned into text: tell the user in one plain sentence
"""

from enum import StrEnum


class ParachuteError(Exception):
    """Root of every error that this project raises on purpose."""


class ConfigError(ParachuteError):
    """`bots.yaml` or another setting cannot be used. `problems` holds one line each: `file:line:col: key: what was expected`."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class AddressInUse(ConfigError):
    """Another program listens on the address."""


class PluginRequired(ConfigError):
    """The plugin cannot be switched off: without it the bot would not start."""

    def __init__(self, plugin: str) -> None:
        super().__init__(f"{plugin} is required: without it the bot would not start; take it off the list `required` first")


class PluginError(ParachuteError):
    """A plugin that is on cannot be used. The text names plugin, distribution, version and cause."""

    def __init__(self, plugin: str, cause: str, distribution: str | None = None, version: str | None = None) -> None:
        origin = f" ({distribution} {version})" if distribution else ""
        super().__init__(f"plugin {plugin}{origin}: {cause}")
        self.plugin = plugin
        self.cause = cause
        self.distribution = distribution
        self.version = version


class PluginsRefused(PluginError):
    """Several things are wrong with the plugins that are on. `problems` holds one line each, those in `bots.yaml` included."""

    def __init__(self, plugins: tuple[str, ...], problems: tuple[str, ...]) -> None:
        super().__init__(", ".join(plugins), "; ".join(problems))
        self.plugins = plugins
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)


class StoreError(ParachuteError):
    """The database file cannot be used as it is; it was not changed."""


class InvalidTransition(ParachuteError, RuntimeError):
    """A connector was asked to move to a state that cannot follow its present one. The state is unchanged."""

    def __init__(self, platform: str, old: str, new: str) -> None:
        super().__init__(f"invalid connector state transition on {platform}: {old} -> {new}")
        self.platform = platform
        self.old = old
        self.new = new


class UnknownPlatform(ParachuteError):
    """The named platform is neither configured nor known."""


class ConnectorError(ParachuteError):
    """Something about a connector's link to its platform."""


class ConnectionLost(ConnectorError):
    """The link broke or could not be made, for a reason that may pass. `retry_after`: seconds the platform asked to wait, or None."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class CredentialsRefused(ConnectorError):
    """The platform refuses the credentials; trying again with the same ones is pointless."""


class NotConfigured(ConnectorError):
    """The platform cannot be used as configured; the text says what is missing."""


class AlreadyRunning(ConnectorError):
    """The connector was asked to start and is running, starting or reconnecting."""


class SendError(ParachuteError):
    """One outbound call did not end in a receipt. The text is about the platform's answer, never the message's content."""


class NotDelivered(SendError):
    """Proven not delivered. `retry_after`: seconds to wait before the next try as the platform said, or None."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Postponed(NotDelivered):
    """Raised by a layer of a plugin: the call is made again in `seconds`; the core keeps it meanwhile, also over a restart."""

    def __init__(self, seconds: float, cause: SendError) -> None:
        super().__init__(str(cause), seconds)
        self.seconds = seconds
        self.cause = cause


class Held(SendError):
    """Raised by a layer of a plugin: whether it arrived is not known, and the owner shall decide what becomes of it."""

    def __init__(self, cause: SendError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Ambiguous(SendError):
    """It is not known whether the platform acted on the call."""


class Rejected(SendError):
    """The platform (or a layer) refuses this call for good."""


class Unreachable(Rejected):
    """The chat takes nothing from the bot: it was blocked or removed, or the chat is gone. Other chats are not concerned."""


class Withheld(Rejected):
    """A layer of a plugin did not let the call leave. The core ends the turn; `reply`, if any, is sent to the chat as a notice."""

    def __init__(self, reason: str, reply: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply


class UnknownDelivery(ParachuteError):
    """There is no such delivery."""


class Undecidable(ParachuteError):
    """What the owner wants done with a delivery cannot be done; the text says why. Nothing was changed."""


class OrchestratorFault(StrEnum):
    """What kind of failure the answering agent had."""

    UNAVAILABLE = "unavailable"
    """It cannot be reached or started."""
    TIMEOUT = "timeout"
    """It was silent for too long, or not done in time."""
    OVERLOADED = "overloaded"
    """It turned the turn away for now: too much to do, or too many requests."""
    MISCONFIGURED = "misconfigured"
    """It does not take what the bot is set up with (its key, its model, an account without credit): nothing helps until the owner acts."""
    REFUSED = "refused"
    """It does not want to answer that. What it said before is not kept in the session's history."""
    TRUNCATED = "truncated"
    """Its answer is longer than it may be; what there is of it is good."""
    PROTOCOL = "protocol"
    """It broke off, or said what nobody understands."""
    INTERNAL = "internal"
    """It failed."""


class OrchestratorError(ParachuteError):
    """The agent did not complete. The text is for the log: never what anybody wrote.

    `partial` is the text that it gave before. `retryable`: the same turn may succeed later; the core asks again, unless something of
    the answer came already. `retry_after`: seconds to wait before that as the agent said, or None.
    """

    def __init__(
        self,
        kind: OrchestratorFault,
        text: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        partial: str = "",
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after
        self.partial = partial


class TranscriberError(ParachuteError):
    """A spoken message could not be turned into text. The text is for the log and holds nothing of what was said."""
