"""From what the operator generated for a pod to files and arguments of a process."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

from headroom.sandbox.monitoring import configuration

DIRECTORY = Path("/clone/monitoring")
GENERATED = """\
global:
  external_labels: {prometheus_replica: $(POD_NAME)}
rule_files: [/etc/prometheus/rules/prometheus-monitoring-rulefiles-0/*.yaml]
scrape_configs:
- {target_label: __tmp_hash, regex: $(SHARD)}
"""
RULES = {"metadata": {"name": "prometheus-monitoring-rulefiles-0"}, "data": {"inference-demo.yaml": "groups: []"}}


def files() -> dict[Path, str]:
    packed = base64.b64encode(gzip.compress(GENERATED.encode())).decode()
    secret = {"metadata": {"name": "prometheus-monitoring"}, "data": {"prometheus.yaml.gz": packed}}
    return configuration.files(secret, [RULES], DIRECTORY)


def arguments(*given: str) -> list[str]:
    containers: list[dict[str, Any]] = [{"name": "config-reloader", "args": ["--x"]}, {"name": "prometheus", "args": list(given)}]
    return configuration.arguments({"spec": {"template": {"spec": {"containers": containers}}}}, DIRECTORY)


def test_the_pods_placeholders_are_filled() -> None:
    text = files()[DIRECTORY / "prometheus.yaml"]
    assert "prometheus_replica: prometheus-monitoring-0" in text
    assert "regex: 0}" in text


def test_rules_are_looked_for_where_they_are_written() -> None:
    written = set(files()) - {DIRECTORY / "prometheus.yaml"}
    assert written == {DIRECTORY / "rules/prometheus-monitoring-rulefiles-0/inference-demo.yaml"}
    assert "/clone/monitoring/rules/prometheus-monitoring-rulefiles-0/*.yaml" in files()[DIRECTORY / "prometheus.yaml"]


def test_paths_of_the_pod_become_paths_of_the_sandbox() -> None:
    assert arguments("--config.file=/etc/prometheus/config_out/prometheus.env.yaml", "--storage.tsdb.path=/prometheus") == [
        "--config.file=/clone/monitoring/prometheus.yaml",
        "--storage.tsdb.path=/clone/monitoring/data",
    ]


def test_what_the_prometheus_object_asks_for_stays() -> None:
    assert arguments("--query.lookback-delta=3s", "--web.enable-lifecycle") == ["--query.lookback-delta=3s", "--web.enable-lifecycle"]


def test_the_address_is_the_sandboxs_to_give() -> None:
    assert arguments("--web.listen-address=:9090", "--web.config.file=/etc/prometheus/web_config/web-config.yaml") == []
