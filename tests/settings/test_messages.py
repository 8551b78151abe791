"""One message says everything that is wrong, where, and never what the file holds."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from headroom.settings import InvalidStack, load
from tests.settings.stack_files import DEMO, GOOD, changed, refusal, write

FULL = """\
config:
  headroom:cluster: {provider: kwok, name: local}
  headroom:namespace: inference
  headroom:pools:
    l4: {machine: g6.2xlarge, min: 0, max: 5}
  headroom:platform:
    monitoring: {mode: existing, namespace: monitoring, labels: {release: prometheus}, scrapeInterval: 15s, window: 60s}
    prometheusAdapter: existing
  headroom:servers:
    demo:
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      version: "25.06"
      pool: l4
      gpus: 1
      namespace: inference
      models: {directory: models}
      model: a-model
      arguments: [--log-verbose=1]
      environment: {A: b}
      resources: {cpu: "2", memory: 8Gi}
      startup: 300s
      drain: 30s
      rollout: surge
      autoscaling:
        backend: hpa
        replicas: {min: 1, max: 4}
        signals: {queue-time: 200ms, requests-waiting: 2, queue-compute-ratio: 60%}
        scaleUp: {stabilization: 0s, pods: 4, period: 60s}
        scaleDown: {stabilization: 300s, pods: 1, period: 60s}
  headroom:credentials:
    ngc: {secure: v1:abc}
"""
"""Every setting that there is, so that each is a place where a secret may have been pasted."""

Place = tuple[str | int, ...]


def _places(node: Any, path: Place = ()) -> Iterator[Place]:
    if path:
        yield path
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield from _places(value, (*path, key))


PLACES = list(_places(yaml.safe_load(FULL)["config"]))
SECRETS = st.from_regex(r"[*&!%@`\"'{\[]?(sk|nvapi|hf)-[A-Za-z0-9_/+=.-]{12,40}[%sG]?", fullmatch=True)
SHAPES = st.sampled_from(
    [lambda secret: secret, lambda secret: [secret], lambda secret: {"value": secret}, lambda secret: {"secure": [secret]}]
)


def _refused_text(directory: Path, text: str) -> str:
    try:
        load(write(directory, text))
    except InvalidStack as refused:
        return str(refused)
    return ""


def test_every_problem_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    text = changed(("headroom:pools/l4/max", 0), (f"{DEMO}/engine", "tritn"), (f"{DEMO}/gpus", "one"), ("headroom:platfrm", {}))
    refused = refusal(tmp_path, text)
    lines = text.splitlines()
    assert {(problem.dotted, lines[(problem.line or 0) - 1].strip()) for problem in refused.problems} == {
        ("pools.l4.max", "max: 0"),
        ("servers.demo.engine", "engine: tritn"),
        ("servers.demo.gpus", "gpus: one"),
        ("platfrm", "headroom:platfrm: {}"),
    }


def test_one_broken_server_does_not_hide_what_is_wrong_with_the_next(tmp_path: Path) -> None:
    refused = refusal(tmp_path, changed(("headroom:servers/other", {"gpus": []}), (f"{DEMO}/pool", "l5")))
    assert {"servers.other.gpus", "servers.demo.pool"} <= {problem.dotted for problem in refused.problems}


def test_a_pool_that_is_there_but_wrong_is_not_reported_as_unknown(tmp_path: Path) -> None:
    refused = refusal(tmp_path, changed(("headroom:pools/l4/max", 0)))
    assert [problem.dotted for problem in refused.problems] == ["pools.l4.max"]


def test_a_missing_setting_is_placed_at_what_misses_it(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, GOOD.replace("      engine: triton\n", "")).problems
    assert (problem.dotted, problem.line) == ("servers.demo.engine", 6)


def test_the_message_counts_and_places_problems_and_says_that_nothing_was_changed(tmp_path: Path) -> None:
    text = str(refusal(tmp_path, changed((f"{DEMO}/gpus", 0), (f"{DEMO}/rollout", "fast"))))
    assert text.splitlines() == [
        f"{tmp_path.name}/Pulumi.test.yaml: 2 problems; nothing was changed",
        "  line 20, servers.demo.gpus: must be at least 1",
        "  line 21, servers.demo.rollout: allowed: surge, recreate",
    ]


@pytest.mark.parametrize(
    ("key", "shown"), [("\x1b[31mred", r"servers.\x1b[31mred: "), ("red\n", r"servers.red\n: ")], ids=["colour", "line"]
)
def test_a_key_that_would_move_the_terminal_is_shown_escaped(tmp_path: Path, key: str, shown: str) -> None:
    assert shown in str(refusal(tmp_path, changed((f"headroom:servers/{key}", {}))))


def test_the_file_with_every_setting_is_a_good_one(tmp_path: Path) -> None:
    assert _refused_text(tmp_path, FULL) == ""


@pytest.mark.thorough
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), secret=SECRETS, shape=SHAPES)
def test_no_value_of_the_file_is_repeated(tmp_path: Path, place: Place, secret: str, shape: Any) -> None:
    root = copy.deepcopy(yaml.safe_load(FULL))
    node = root["config"]
    for part in place[:-1]:
        node = node[part]
    node[place[-1]] = shape(secret)
    assert secret not in _refused_text(tmp_path, yaml.safe_dump(root))


@pytest.mark.thorough
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.integers(min_value=0, max_value=len(FULL.splitlines()) - 1), secret=SECRETS)
@example(line=1, secret="*sk-0123456789ab")
@example(line=1, secret="!sk-0123456789ab")
def test_no_value_is_repeated_where_the_file_is_no_longer_yaml(tmp_path: Path, line: int, secret: str) -> None:
    good = FULL.splitlines()
    broken = good[line].partition(": ")[0] + ": " + secret
    assert secret not in _refused_text(tmp_path, "\n".join([*good[:line], broken, *good[line + 1 :]]))
