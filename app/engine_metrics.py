"""The understanding's engine as Prometheus scrapes it: queue, tokenising, runs, sizes of batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from nlu.types import EngineMetrics

GAUGES = {
    "waiting_items": "Texts that wait for a batch.",
    "waiting_tokens": "Tokens of the texts that wait.",
    "running_batches": "Batches under way.",
    "largest_batch": "Texts of the largest batch since the start.",
}
COUNTERS = {
    "items": "Texts read; over batches, the mean size of one.",
    "batches": "Batches run.",
    "tokens": "Tokens read, without padding.",
    "padded_tokens": "Tokens of padding.",
    "refused": "Texts refused because the queue was full.",
    "abandoned": "Texts skipped because their caller had left.",
    "failed_batches": "Batches that failed.",
}
TIMES = {
    "queue": "Seconds that texts waited, summed.",
    "tokenise": "Seconds of normalising and tokenising, summed.",
    "run": "Seconds that batches ran, summed.",
}


class EngineCollector(Collector):
    """Reads the engine's own counts when it is scraped."""

    def __init__(self, read: Callable[[], EngineMetrics]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        found = self._read()
        words = "What computes the encoder."
        yield InfoMetricFamily("lingxi_nlu_runtime", words, {"name": found.runtime})
        for name, words in GAUGES.items():
            yield GaugeMetricFamily(f"lingxi_nlu_{name}", words, getattr(found, name))
        for name, words in COUNTERS.items():
            yield CounterMetricFamily(f"lingxi_nlu_{name}", words, getattr(found, name))
        for name, words in TIMES.items():
            seconds = getattr(found, f"{name}_ms") / 1000
            yield CounterMetricFamily(f"lingxi_nlu_{name}_seconds", words, seconds)
