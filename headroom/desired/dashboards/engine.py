"""The dashboard of an engine: its signals by pod, what clients get, and every metric that it exports, from the engine's data alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import Template

from headroom.catalog.engines.model import Engine, Metric, MetricType
from headroom.catalog.signals import SIGNALS
from headroom.desired.binding import within
from headroom.desired.dashboards.grafana import RANGE, Dashboard, Panel, Query, Row
from headroom.desired.dashboards.series import CHOSEN, OF_POD, OF_SERVER, chosen_by

_QUANTILES = (0.5, 0.95, 0.99)
_PER_SECOND = {"bytes": "bytes per second", "requests": "requests per second"}
_TIMES = {"seconds": 1, "milliseconds": 1e3, "microseconds": 1e6}


def dashboard(engine: Engine, uid: str, title: str) -> Dashboard:
    return Dashboard(
        uid=uid,
        title=title,
        description=f"{engine.title}: its signals by pod, what clients get, and what else it exports.",
        variables=chosen_by(_present(engine.metrics[0])),
        rows=[
            Row("Signals by pod", [_signal(engine, name) for name in engine.signals]),
            *([Row("What clients get", [*outcome([engine]), *_spent(engine)])] if engine.outcome else []),
            Row("Everything that it exports", [_metric(metric) for metric in engine.metrics]),
        ],
    )


def outcome(engines: Sequence[Engine]) -> Iterator[Panel]:
    """Requests, failures and latency by server, over servers of several engines."""
    known = [(each.outcome, _filling(each)) for each in engines if each.outcome]
    answered = [_by_server(each.answered, own) for each, own in known]
    failed = [_by_server(each.failed, own) for each, own in known if each.failed]
    latency = [_mean(each.seconds, each.answered, own) for each, own in known if each.seconds]
    yield Panel("Requests answered", "Requests per second that clients got an answer to.", "requests per second", _named(answered))
    if failed:
        yield Panel("Requests failed", "Requests per second that ended in an error.", "requests per second", _named(failed))
    if latency:
        yield Panel("Latency", "Mean time from a request's arrival to its answer; nothing without requests.", "seconds", _named(latency))


def _spent(engine: Engine) -> Iterator[Panel]:
    """The parts of the latency that the engine tells apart."""
    if engine.outcome:
        for name, seconds in engine.outcome.spent.items():
            mean = _mean(seconds, engine.outcome.answered, _filling(engine))
            yield Panel(name, f"{name} of a request, within its latency; nothing without requests.", "seconds", _named([mean]))


def _mean(seconds: str, answered: str, filling: Mapping[str, str]) -> str:
    return f"{_by_server(seconds, filling)} / ({_by_server(answered, filling)} > 0)"


def _filling(engine: Engine) -> dict[str, str]:
    """Placeholders of an engine's PromQL for a dashboard; its options as they are where a server does not say otherwise."""
    return {**{name: str(option.default) for name, option in engine.options.items()}, "selector": CHOSEN, "window": RANGE}


def _by_server(expr: str, filling: Mapping[str, str]) -> str:
    return f"sum by {OF_SERVER} ({Template(expr).substitute(filling)})"


def _named(expressions: Sequence[str]) -> list[Query]:
    return [Query(expr, "{{server}}") for expr in expressions]


def _signal(engine: Engine, name: str) -> Panel:
    signal = SIGNALS[name]
    return Panel(
        signal.title,
        f"{signal.meaning[0].upper()}{signal.meaning[1:]}. Target: {signal.advice}.",
        signal.unit,
        [Query(within(engine.signals[name], OF_POD, _filling(engine)), "{{pod}}")],
    )


def _metric(metric: Metric) -> Panel:
    draw = {MetricType.COUNTER: _counter, MetricType.GAUGE: _gauge, MetricType.HISTOGRAM: _histogram, MetricType.SUMMARY: _summary}
    return draw[metric.type](metric)


def _counter(metric: Metric) -> Panel:
    rate = f"sum by {OF_POD} (rate({metric.name}{{{CHOSEN}}}[{RANGE}]))"
    if metric.unit in _TIMES:
        scaled = f"{rate} / {_TIMES[metric.unit]:g}" if _TIMES[metric.unit] != 1 else rate
        return Panel(
            metric.name, "Seconds spent in it per second: how many are in it at a time.", "seconds per second", [Query(scaled, "{{pod}}")]
        )
    return Panel(metric.name, f"{metric.unit} per second", _PER_SECOND.get(metric.unit, "per second"), [Query(rate, "{{pod}}")])


def _gauge(metric: Metric) -> Panel:
    return Panel(metric.name, metric.unit, metric.unit, [Query(f"{metric.name}{{{CHOSEN}}}", _legend(metric))])


def _histogram(metric: Metric) -> Panel:
    buckets = f"sum by (le, server) (rate({metric.name}_bucket{{{CHOSEN}}}[{RANGE}]))"
    queries = [Query(f"histogram_quantile({quantile:g}, {buckets})", f"{{{{server}}}} p{quantile * 100:g}") for quantile in _QUANTILES]
    return Panel(metric.name, f"{metric.unit}: half, 95 % and 99 % of all stay below", metric.unit, queries)


def _summary(metric: Metric) -> Panel:
    mean = " / ".join(f"sum by {OF_SERVER} (rate({metric.name}_{part}{{{CHOSEN}}}[{RANGE}]))" for part in ("sum", "count"))
    return Panel(metric.name, f"{metric.unit}, mean", metric.unit, [Query(mean, "{{server}}")])


def _legend(metric: Metric) -> str:
    return " ".join(["{{pod}}", *(f"{{{{{label}}}}}" for label in metric.labels)])


def _present(metric: Metric) -> str:
    """A series that is there as soon as the engine is scraped."""
    return f"{metric.name}_count" if metric.type in (MetricType.HISTOGRAM, MetricType.SUMMARY) else metric.name
