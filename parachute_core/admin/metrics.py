"""`GET /metrics`, for Prometheus: with the admin key, or with one that opens nothing else. Needs the extra `metrics`."""

from importlib.util import find_spec
from typing import ClassVar, Protocol

from quart import Quart, Response

from parachute_core.admin.auth import METRICS
from parachute_core.admin.errors import refuse
from parachute_core.admin.services import AdminServices

ABSENT = "metrics are not installed: pip install 'parachute-core[metrics]'"


class Metrics(Protocol):
    """The numbers in the form of whoever reads them."""

    kind: ClassVar[str]
    """Its content type."""

    async def text(self) -> bytes:
        """As they are now."""
        ...


def make_metrics(services: AdminServices) -> Metrics | None:
    """What shows the numbers, or None where its library is not installed."""
    if find_spec("prometheus_client") is None:
        return None
    from parachute_core.admin.exposition import Exposition

    return Exposition(services)


def add_metrics_route(app: Quart, metrics: Metrics | None) -> None:
    """For what `Front` leaves: other methods, browsers, and whoever is to be refused."""

    @app.get(METRICS)
    async def shown() -> Response:
        if metrics is None:
            refuse(404, ABSENT)
        return Response(await metrics.text(), content_type=metrics.kind)
