"""Clusters in which the loop of one server holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from headroom.desired import render
from headroom.doctor.loop import Watched, watched
from tests.doctor.loop.cluster import Cluster
from tests.settings.stack_files import DEMO, accepted, changed

Make = Callable[..., Cluster]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Watched]:
    """The good stack's server, scaled as it is said; a url is that of an existing Prometheus."""

    @cache
    def of(*, signal: str = "queue-time", target: str = "200ms", keda: bool = False, sleeps: bool = False, url: str = "") -> Watched:
        directory: Path = tmp_path_factory.mktemp("stack")
        scaling = {"backend": "keda" if keda else "hpa", "replicas": {"min": 0 if sleeps else 1, "max": 4}, "signals": {signal: target}}
        platform = {"monitoring": {"mode": "existing", **({"url": url} if url else {})}, "keda": "existing"}
        if sleeps:
            scaling["wake"] = {"query": "sum(asked)"}
        # The sandbox has a Prometheus of its own.
        cluster = {"provider": "existing", "name": "ours"} if url else {"provider": "kwok"}
        changes = ((f"{DEMO}/autoscaling", scaling), ("headroom:platform", platform), ("headroom:cluster", cluster))
        stack = accepted(directory, changed(*changes))
        (found,) = watched(stack, render(stack))
        return found

    return of


@pytest.fixture
def cluster(server: Callable[..., Watched]) -> Make:
    return lambda **scaled: Cluster(server(**scaled))
