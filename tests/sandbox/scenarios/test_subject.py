from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios.subject import subject
from headroom.settings import Stack, load

STACKS = Path(__file__).parents[3] / "stacks"


def held_at(tmp_path: Path, signals: str, backend: str = "hpa") -> Stack:
    """The stack `local` with other signals, and the metrics-server that CPU and memory need."""
    shutil.copytree(STACKS, tmp_path / "stacks")
    path = tmp_path / "stacks" / "Pulumi.local.yaml"
    text = re.sub(r"signals: \{.*?\}", f"signals: {signals}", path.read_text())
    text = re.sub(r"(metricsServer|keda): none", r"\1: existing", text)
    path.write_text(text.replace("backend: hpa", f"backend: {backend}"))
    return load(path)


def test_a_server_is_told_by_its_first_recorded_signal(tmp_path: Path) -> None:
    about = subject(held_at(tmp_path, "{cpu: 60%, queue-time: 200ms}"), "demo")
    assert (about.title, about.unit, about.record) == ("Queue time", "seconds", "headroom:queue_time_seconds:server")


@pytest.mark.parametrize(("backend", "metric"), [("hpa", "headroom:queue_time_seconds:server"), ("keda", "s0-prometheus")])
def test_its_signal_has_the_name_that_the_autoscaler_gives_it(tmp_path: Path, backend: str, metric: str) -> None:
    assert subject(held_at(tmp_path, "{cpu: 60%, queue-time: 200ms}", backend), "demo").metric == metric


def test_a_server_that_is_held_at_its_cpu_alone_has_no_series_but_what_its_autoscaler_reads(tmp_path: Path) -> None:
    about = subject(held_at(tmp_path, "{cpu: 60%}"), "demo")
    assert (about.title, about.unit, about.record, about.goal, about.metric) == ("CPU", "% of the request", None, None, "cpu")


def test_a_server_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SandboxError, match="has no server 'other'; its servers: demo"):
        subject(load(STACKS / "Pulumi.local.yaml"), "other")
