"""What is PromQL is what Prometheus says is PromQL."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from headroom.tools import require
from headroom.wiring import promql
from tests.evidence import Proof

EXPRESSIONS = r"""
rate(x[1m30s])
rate(x[90])
rate(x[1m] offset -5m)
x @ 1609746000
rate(x[5m] @ end())
sum by (a,) (x)
sum(x) by (a)
x * on (a) group_left () y
x and on (a) group_left y
x{a="b",}
{__name__="x"}
{"x.y", "a.b"="c"}
x{a=~`b\d`}
x{a=~"("}
x{a="\""}
x # a comment
x ==bool 1
-x ^ 2
x atan2 y
rate(x)
rate(x[1m]
rate(sum(x)[5m:])
rate(x[5m:1m])
sum(rate(x[1m)])
topk(3, x)
count_values("v", x)
quantile(0.9, x)
histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))
label_replace(x, "a", "$1", "b", "(.*)")
absent_over_time(x[5m])
vllm:num_requests_waiting
headroom:queue_time_seconds:pod{namespace="n"} > 1
sum by <<.GroupBy>> (x)
clamp_min(x)
foo(x)
x or vector(0)
max without (a) (x) / ignoring (b) y
x{a!="",b!~"c.*"}
x{}
{}
{a=""}
"""


@pytest.mark.tools
@pytest.mark.proves("the verifier reads PromQL as Prometheus does", Proof.REAL)
def test_the_parser_agrees_with_promtool(tmp_path: Path) -> None:
    promtool = require("promtool")["promtool"]
    expressions = EXPRESSIONS.strip().splitlines()
    assert {text: accepted(text) for text in expressions} == {text: by_promtool(promtool, tmp_path, text) for text in expressions}


def accepted(text: str) -> bool:
    try:
        promql.parse(text)
    except promql.InvalidPromQL:
        return False
    return True


def by_promtool(promtool: Path, directory: Path, text: str) -> bool:
    rules = directory / "rules.json"
    rules.write_text(json.dumps({"groups": [{"name": "g", "rules": [{"record": "r", "expr": text}]}]}))
    return subprocess.run([promtool, "check", "rules", "--lint=none", rules], capture_output=True, timeout=30, check=False).returncode == 0
