"""`POST /webhook/<platform>`: what platforms bring by themselves. It needs no admin key; the connector knows its platform by a secret."""

import re
from collections.abc import Mapping
from typing import Any

from quart import Quart, Request, request

from parachute_core.admin.errors import refuse
from parachute_core.admin.services import AdminServices
from parachute_core.connectors.base import TakesWebhooks
from parachute_core.model.errors import ConnectorError

LARGEST_DELIVERY = 1024 * 1024
"""Bytes of a delivery; a long message with a long one that it quotes is more than the API takes, and would be repeated for ever."""
PATH = re.compile(r"/webhook/([a-z0-9_-]+)", re.ASCII)


class BoundedRequest(Request):
    """A request whose body may be as large as its route needs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if is_delivery(self):
            self.body = self.body_class(self.content_length, LARGEST_DELIVERY)


def is_delivery(incoming: Request) -> bool:
    """Whether it goes to the one route that platforms call from outside, under whatever name they know the bot by."""
    return incoming.method == "POST" and PATH.fullmatch(incoming.path) is not None


def add_webhook_routes(app: Quart, services: AdminServices) -> None:
    """200 once the core has taken it over; everything else makes the platform deliver it again.

    `Front` answers what is taken over before it comes here; here the rest is refused.
    """

    @app.post("/webhook/<platform>")
    async def deliver(platform: str) -> dict[str, object]:
        connector = addressee(services, platform, dict(request.headers))
        body = bytes(await request.body)
        try:
            await connector.deliver(body)
        except ConnectorError as error:
            refuse(503, str(error))
        return {"success": True}


def addressee(services: AdminServices, platform: str, headers: Mapping[str, str]) -> TakesWebhooks:
    """Who takes a delivery with these headers. Raises `ApiError` when nobody does."""
    if platform not in services.fleet.platforms():
        refuse(404, "not found")
    connector = services.fleet.live(platform)
    if connector is None:
        refuse(503, "not running at the moment")
    if not isinstance(connector, TakesWebhooks) or (known := connector.knows_sender(headers)) is None:
        refuse(404, "not found")
    if not known:
        refuse(401, "Unauthorized")
    return connector
