"""The figures that Prometheus collects: what was asked and how it went, and the index that answers."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from chat.web.service import Service
from indexer import QuotewireError

_ANSWER_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)
_STAGE_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_WAIT_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)
# A share of new to old that follows a change within some twenty answers.
_NEW, _FIRST_GUESS = 0.1, 0.3
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series a counter, that nobody reads


class Metrics:
    """The figures of one application, in a registry of its own; safe to use from many threads at once."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        said = "Questions, by the way they came and what the answer was."
        self._questions = Counter("quotewire_questions", said, ("way", "kind"), registry=registry)
        said = "From the beginning of an answer to its end."
        self._seconds = Histogram(
            "quotewire_answer_seconds", said, ("kind",), buckets=_ANSWER_SECONDS, registry=registry
        )
        said = "Each stage of an answer; an answer that is given again has none but the last."
        self._stages = Histogram("quotewire_stage_seconds", said, ("stage",), buckets=_STAGE_SECONDS, registry=registry)
        said = "From a question's coming in to the beginning of its answer."
        self._waited = Histogram("quotewire_wait_seconds", said, ("way",), buckets=_WAIT_SECONDS, registry=registry)
        self._requests = Counter("quotewire_requests", "HTTP requests, by status.", ("status",), registry=registry)
        said = "Requests that met a limit, by which."
        self._refused = Counter("quotewire_refused", said, ("limit",), registry=registry)
        self._mean_seconds = _FIRST_GUESS

    @property
    def mean_seconds(self) -> float:
        """How long an answer takes, of late."""
        return self._mean_seconds

    def waited(self, way: str, seconds: float) -> None:
        """Count how long a question waited before it was begun."""
        self._waited.labels(way).observe(seconds)

    def answered(self, way: str, kind: str, seconds: float) -> None:
        """Count an answer, or what came instead of one."""
        self._questions.labels(way, kind).inc()
        self._seconds.labels(kind).observe(seconds)
        self._mean_seconds += _NEW * (seconds - self._mean_seconds)

    def took(self, stage: str, seconds: float) -> None:
        """Count how long a stage of an answer took."""
        self._stages.labels(stage).observe(seconds)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Around a stage: count how long it takes."""
        began = time.perf_counter()
        yield
        self.took(stage, time.perf_counter() - began)

    def requested(self, status: int, refused: str) -> None:
        """Count a request, and the limit that it met, if any."""
        self._requests.labels(str(status)).inc()
        if refused:
            self._refused.labels(refused).inc()

    def shows(self, service: Service, askers: Callable[[], tuple[int, int]]) -> None:
        """Show the index of `service` too, and how many questions `askers` says are answered, and wait."""
        self.registry.register(_Now(service, askers))

    def text(self) -> bytes:
        """All figures, in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Now(Collector):
    """What is so at the moment of looking."""

    def __init__(self, service: Service, askers: Callable[[], tuple[int, int]]) -> None:
        self._service, self._askers = service, askers

    def collect(self) -> Iterable[Metric]:
        """The askers, the build, and the index if there is one."""
        askers = GaugeMetricFamily("quotewire_askers", "Questions that are answered, and that wait.", labels=["state"])
        for state, number in zip(("answering", "waiting"), self._askers(), strict=True):
            askers.add_metric([state], number)
        yield askers
        again = "Answers that were given before, and given again without work."
        yield CounterMetricFamily("quotewire_answers_again", again, self._service.kept.again)
        build = self._service.build_state
        yield GaugeMetricFamily("quotewire_build_running", "Whether the index is being built.", build.running)
        yield GaugeMetricFamily("quotewire_build_failed", "Whether the last build failed.", bool(build.problem))
        yield from self._index()

    def _index(self) -> Iterable[Metric]:
        try:
            manifest = self._service.assistant.index.manifest
        except QuotewireError:
            yield GaugeMetricFamily("quotewire_index_ready", "Whether there is an index to answer from.", 0)
            return
        yield GaugeMetricFamily("quotewire_index_ready", "Whether there is an index to answer from.", 1)
        yield GaugeMetricFamily("quotewire_articles", "Articles in the index.", len(manifest.articles))
        yield GaugeMetricFamily("quotewire_passages", "Passages in the index.", manifest.passages)
        age = time.time() - datetime.fromisoformat(manifest.built).timestamp()
        yield GaugeMetricFamily("quotewire_index_age_seconds", "Since the index was built.", max(0.0, age))
        info = {"generation": manifest.generation, "model": manifest.model.name}
        yield InfoMetricFamily("quotewire_generation", "The index that answers.", value=info)
