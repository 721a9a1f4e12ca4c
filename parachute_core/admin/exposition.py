"""The bot's numbers in the form that Prometheus reads. Nothing is counted here: what happened is in the tally, the rest is asked anew.

`docs/operations.md` lists every metric. Labels are names of platforms, plugins and states, never an id of a user or a chat.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from typing import ClassVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from typing_extensions import override

from parachute_core._version import __version__
from parachute_core.admin.health import not_ready
from parachute_core.admin.services import AdminServices
from parachute_core.engine.tally import BOUNDS, Tally
from parachute_core.model.errors import StoreError
from parachute_core.model.status import ConnectorState

CLASSES = (*(str(one) for one in BOUNDS), "+Inf")


class Exposition:
    """All metrics as one text; see `Metrics`."""

    kind: ClassVar[str] = CONTENT_TYPE_LATEST

    def __init__(self, services: AdminServices) -> None:
        self._services = services
        self._process = ProcessCollector(registry=None)

    async def text(self) -> bytes:
        """The numbers as they are now."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self._process)
        registry.register(Once([*_happened(self._services.tally), *self._state(), *await self._waiting()]))
        return generate_latest(registry)

    def _state(self) -> Iterator[Metric]:
        services = self._services
        yield InfoMetricFamily("parachute", "The bot.", value={"version": __version__})
        yield GaugeMetricFamily("parachute_ready", "Whether messages are taken and can be kept.", value=not any(not_ready(services)))
        yield GaugeMetricFamily("parachute_store_usable", "Whether messages can be kept.", value=services.trouble() is None)
        running, waiting = services.load()
        yield GaugeMetricFamily("parachute_turns_running", "Turns of the agent that run now.", value=running)
        yield GaugeMetricFamily("parachute_turns_waiting", "Messages that wait for their turn.", value=waiting)
        state = GaugeMetricFamily("parachute_connector_state", "1 for the state of an enabled platform.", labels=["platform", "state"])
        proof = GaugeMetricFamily(
            "parachute_connector_last_proof_timestamp_seconds", "When an enabled platform was last proven alive.", labels=["platform"]
        )
        for platform, report in services.fleet.statuses().items():
            if not report["enabled"]:
                continue
            for one in ConnectorState:
                state.add_metric([platform, one.value], one.value == report["status"])
            if isinstance(at := report["last_proof_at"], float):
                proof.add_metric([platform], at)
        yield from (state, proof)

    async def _waiting(self) -> list[Metric]:
        """Nothing where the store cannot be asked: an old number would look like a new one."""
        services = self._services
        try:
            counts, since = await services.failures.counts(), await services.failures.oldest()
        except StoreError:
            return []
        depth = GaugeMetricFamily("parachute_outbox_messages", "What has not arrived.", labels=["state"])
        for state, count in counts.items():
            depth.add_metric([state], count)
        age = GaugeMetricFamily(
            "parachute_outbox_oldest_age_seconds", "How long the oldest that is queued waits; 0: none is.", value=self._age(since)
        )
        return [depth, age]

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self._services.clock.now() - since).total_seconds())


class Once(Collector):
    """Hands over what was gathered before."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    @override
    def collect(self) -> list[Metric]:
        """See `Collector`."""
        return self._metrics


def _happened(tally: Tally) -> Iterator[Metric]:
    """What the tally has; a label that never came up has no line."""
    yield _counter("messages", "Messages that were addressed to the bot.", ["result"], tally.messages.items())
    yield _counter("refusals", "Messages that were refused, by whom (core: on no allowlist).", ["plugin"], tally.refusals.items())
    yield _counter("platform_calls", "Calls of a platform, repetitions included.", ["kind", "outcome"], tally.calls.items())
    yield _counter("deliveries", "Tries to deliver a message.", ["outcome"], tally.deliveries.items())
    yield _counter("turn_tokens", "Tokens that the agent used.", ["kind"], tally.tokens.items())
    seconds = HistogramMetricFamily("parachute_turn_seconds", "Turns of the agent.", labels=["platform", "end"])
    for (platform, end), durations in sorted(tally.turns.items()):
        buckets = list(zip(CLASSES, accumulate(durations.counts), strict=True))
        seconds.add_metric([platform, end], buckets, durations.total)
    yield seconds


def _counter(name: str, help_text: str, labels: list[str], counted: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    family = CounterMetricFamily(f"parachute_{name}", help_text, labels=["platform", *labels])
    for key, count in sorted(counted):
        family.add_metric(list(key), count)
    return family
