"""What the verifier is told of a stack's platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.report.stack_findings import platform_of
from headroom.settings import load

STACK = """
config:
  headroom:cluster: {{provider: kwok}}
  headroom:platform:
    monitoring: {{mode: {mode}, namespace: observability, grafana: none}}
    prometheusAdapter: {{mode: helm, namespace: metrics}}
  headroom:servers: {{}}
"""


@pytest.mark.parametrize("mode", ["helm", "existing"])
def test_the_values_of_a_chart_say_where_its_release_is(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "Pulumi.told.yaml"
    file.write_text(STACK.format(mode=mode))
    prometheus, adapter = platform_of(load(file))[:2]
    assert (prometheus.release, prometheus.namespace) == ("monitoring", "observability")
    assert (adapter.release, adapter.namespace) == ("prometheus-adapter", "metrics")
