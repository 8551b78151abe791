"""The smallest engine that has everything: what a new one is copied from. It exists nowhere but in the tests."""

from __future__ import annotations

import re

from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, Release, SignalSource
from headroom.catalog.engines.needs import Cache, Option, SecretUse

_LABELS = ("frame",)

ABACUS = EngineFamily(
    oldest=Engine(
        name="abacus",
        title="Abacus",
        image="registry.example/abacus",
        version=(1, 0),
        command=("abacus", "serve"),
        arguments=("--listen=0.0.0.0:9000", "--frame=$model", "--rods=$rods", "--finish-within=$exit"),
        ports=(Port("http", 9000, "http"),),
        health=Health(port="http", ready="/ready", live="/alive"),
        metrics_port="http",
        metrics_path="/metrics",
        startup_seconds=120,
        exit_seconds=20,
        user=1000,
        model_directory="/frames",
        shared_memory=False,
        model_label="frame",
        metrics=(
            Metric("abacus_sums_waiting", MetricType.GAUGE, "requests", _LABELS),
            Metric("abacus_sums_total", MetricType.COUNTER, "requests", _LABELS),
            Metric("abacus_waited_seconds_total", MetricType.COUNTER, "seconds", _LABELS, since=(2, 0)),
        ),
        signals={"requests-waiting": SignalSource("abacus_sums_waiting{$selector}")},
        outcome=Outcome(answered="rate(abacus_sums_total{$selector}[$window])"),
        environment={"ABACUS_BEADS": "$cache"},
        options={"rods": Option(13, "rods of a frame", minimum=1, maximum=27)},
        secrets=(SecretUse("guild", "guild", "ABACUS_LICENSE", variable="ABACUS_LICENSE"),),
        cache=Cache("/var/beads", "beads"),
        needs_models=False,
        needs_model=True,
    ),
    newest=(2, 3),
    tag=re.compile(r"(\d+)\.(\d+)"),
    releases=(
        Release(
            (2, 0),
            {
                "metrics_path": "/v2/metrics",
                "signals": {
                    "requests-waiting": SignalSource("abacus_sums_waiting{$selector}"),
                    "queue-time": SignalSource(
                        "rate(abacus_waited_seconds_total{$selector}[$window])", "rate(abacus_sums_total{$selector}[$window])"
                    ),
                },
            },
        ),
    ),
)
