"""The platforms, as they and the running bot tell it."""

from collections.abc import Iterator
from typing import ClassVar

from parachute_core.connectors.telegram.words import SECOND_POLLER
from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity


class CredentialsRefused(Check):
    """The token is not taken."""

    id = "credentials-refused"
    severity = Severity.ERROR
    means = "a platform refuses the token, or it belongs to another account or device than is configured"
    advice = "put the right token where bots.yaml looks for it, or make a new one"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for platform, asked in case.asked.items():
            if asked.refused is not None:
                yield f"{platform}: {asked.refused}"


class PlatformUnreachable(Check):
    """It could not be asked."""

    id = "platform-unreachable"
    severity = Severity.ERROR
    means = "a platform that is switched on could not be asked"
    advice = "look at network, proxy, name resolution and the clock (a wrong one makes certificates invalid); --offline asks nobody"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for platform, asked in case.asked.items():
            if asked.unreachable is not None:
                yield f"{platform}: {asked.unreachable}"


class ConnectorDown(Check):
    """The running bot has no connection."""

    id = "connector-down"
    severity = Severity.ERROR
    means = "the running bot is not connected to a platform that is switched on"
    advice = "do what the error says; where the state is `failed`: `parachute-core connectors start PLATFORM` afterwards"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for platform, one in _live(case):
            if one["enabled"] and one["status"] not in ("running", "starting"):
                yield f"{platform} is {one['status']}" + (f": {one['last_error']}" if one["last_error"] else "")


class Complained(Check):
    """What a connector itself has found out about its platform."""

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for platform, asked in case.asked.items():
            yield from (f"{platform}: {one.text}" for one in asked.complaints if one.id == self.id)


class TelegramWebhookSet(Complained):
    """Somebody else gets the messages."""

    id: ClassVar = "telegram-webhook-set"
    severity: ClassVar = Severity.ERROR
    means: ClassVar = "a webhook is set for the Telegram bot, and the bot is configured to ask for updates: Telegram refuses one of the two"
    advice: ClassVar = "end the program that set it, then call deleteWebhook of the Bot API; or configure `telegram.webhook_url`"


class TelegramWebhookFailing(Complained):
    """Telegram cannot bring the messages."""

    id: ClassVar = "telegram-webhook-failing"
    severity: ClassVar = Severity.WARNING
    means: ClassVar = "Telegram could not deliver to the webhook that is configured, or knows another one"
    advice: ClassVar = "look at the proxy in front of the bot, its certificate and its name (docs/telegram.md)"


class TelegramSecondPoller(Complained):
    """Two programs share the token."""

    id: ClassVar = "telegram-second-poller"
    severity: ClassVar = Severity.ERROR
    means: ClassVar = (
        "another program asks Telegram for updates with the same token, so each gets a part of the messages; "
        "looked for during three seconds when the bot does not run"
    )
    advice: ClassVar = "end the other program, or get a new token from BotFather (/revoke)"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`. A bot that runs has noticed by itself."""
        yield from super().look(case)
        for platform, one in _live(case):
            if platform == "telegram" and one["last_error"] == SECOND_POLLER:
                yield f"{platform}: {SECOND_POLLER}"


class DiscordIntentMissing(Complained):
    """The bot may not read."""

    id: ClassVar = "discord-intent-missing"
    severity: ClassVar = Severity.ERROR
    means: ClassVar = "the Message Content Intent of the Discord application is switched off: Discord refuses the connection"
    advice: ClassVar = "switch it on in the developer portal, page Bot, below Privileged Gateway Intents; then start the connector again"


def _live(case: Case) -> Iterator[tuple[str, dict[str, object]]]:
    if case.running:
        yield from case.running.status["connectors"].items()
