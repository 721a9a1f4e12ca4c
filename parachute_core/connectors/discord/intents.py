"""Whether the developer portal lets the bot read messages."""

from hikari import ApplicationFlags
from hikari.api import RESTClient

CONTENT = ApplicationFlags.MESSAGE_CONTENT_INTENT | ApplicationFlags.MESSAGE_CONTENT_INTENT_LIMITED
"""Either is enough: a bot in fewer than a hundred servers has the limited one (developer documentation, Application Flags)."""


async def lacks_content_intent(rest: RESTClient) -> bool:
    """Whether the Message Content Intent is switched off. False also where Discord does not say. Raises what the library raises."""
    try:
        application = await rest.fetch_application()
    except (KeyError, TypeError, ValueError):
        return False  # an answer without what the library expects of it says nothing about intents
    return not application.flags & CONTENT
