"""Sentences that more than the connector must recognise. Nothing is imported here."""

SECOND_POLLER = "another program polls with this bot token: stop it, or messages get lost"
FOREIGN_WEBHOOK = "a webhook is set for this bot: delete it (deleteWebhook), or messages do not come here"
