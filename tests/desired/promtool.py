"""Rules as promtool evaluates them: series in; recorded samples, or the alerts that fire, out."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from headroom.desired.objects import Object
from headroom.tools import require

SCRAPE = "15s"
"""Of the stack that the rules are rendered for; its window is 60 s."""

REPORT = "report.xml"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Given:
    """A series as it was scraped, its values in promtool's notation: `0+30x40` begins at 0 and adds 30 forty times."""

    metric: str
    values: str
    labels: Labels

    @property
    def text(self) -> str:
        return _series(self.metric, dict(self.labels))


def scraped(given: Sequence[Given]) -> tuple[Given, ...]:
    """What Prometheus writes beside the series of a pod that it scrapes: one `up` per pod, all the time."""
    pods = dict.fromkeys(tuple((k, v) for k, v in series.labels if k in ("namespace", "server", "pod")) for series in given)
    return tuple(Given("up", "1x400", labels) for labels in pods if "pod" in dict(labels))


def evaluate(rules: Object, given: tuple[Given, ...], at: str, expected: dict[str, dict[str, float]], directory: Path) -> str:
    """What promtool has to say against `expected`, nothing when it is so.

    `expected`: values by recorded series and by its pod, `""` where the series has none. Every pod is taken for scraped all the time
    unless `given` says with `up` when it was.
    """
    if not any(series.metric == "up" for series in given):
        given = (*given, *scraped(given))
    (directory / "rules.yaml").write_text(yaml.safe_dump({"groups": rules["spec"]["groups"]}))
    test = {
        "interval": SCRAPE,
        "input_series": [{"series": series.text, "values": series.values} for series in given],
        "promql_expr_test": [
            # promtool compares to the last bit: millionths are enough.
            {"expr": f"round({record}, 1e-6)", "eval_time": at, "exp_samples": [_sample(pod, value) for pod, value in values.items()]}
            for record, values in expected.items()
        ],
    }
    return _run({"rule_files": ["rules.yaml"], "evaluation_interval": SCRAPE, "fuzzy_compare": True, "tests": [test]}, directory)


@dataclass(frozen=True)
class Question:
    """An expression over recorded series, and its values at a time by pod, `""` for what is of no pod."""

    expr: str
    at: str
    expected: Mapping[str, float]


@dataclass(frozen=True)
class Group:
    """Series, `up` among them, and what is asked about them."""

    name: str
    given: Sequence[Given]
    questions: Sequence[Question]


def outcomes(rules: Sequence[Object], groups: Sequence[Group], directory: Path) -> dict[str, str]:
    """By group what promtool has to say against it, from one run for all of them; nothing where it is as expected."""
    (directory / "rules.yaml").write_text(yaml.dump({"groups": list(rules)}, Dumper=yaml.CSafeDumper))
    tests = [
        {
            "name": group.name,
            "interval": SCRAPE,
            "input_series": [{"series": series.text, "values": series.values} for series in group.given],
            "promql_expr_test": [
                {"expr": f"round({each.expr}, 1e-6)", "eval_time": each.at, "exp_samples": [_sample(*of) for of in each.expected.items()]}
                for each in group.questions
            ],
        }
        for group in groups
    ]
    said = _run(
        {"rule_files": ["rules.yaml"], "evaluation_interval": SCRAPE, "fuzzy_compare": True, "tests": tests}, directory, seconds=300
    )
    report = directory / REPORT
    ran = {} if not report.exists() else {case.get("name", ""): case for case in ElementTree.parse(report).iter("testcase")}
    assert ran.keys() == {group.name for group in groups}, said
    told = {name: "\n".join(failure.text or "failed" for failure in case.iter("failure")) for name, case in ran.items()}
    # Whatever else went wrong is no outcome of a group.
    assert any(told.values()) == bool(said), said
    return told


def alarm(groups: Sequence[Object], given: tuple[Given, ...], expected: Mapping[str, Set[str]], directory: Path) -> str:
    """What promtool has to say against `expected`, the names of all alerts that fire by the time of looking; nothing when it is so."""
    (directory / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    test = {
        "interval": SCRAPE,
        "input_series": [{"series": series.text, "values": series.values} for series in given],
        "promql_expr_test": [
            {
                "expr": 'max by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": at,
                "exp_samples": [{"labels": _series("", {"alertname": name}), "value": 1} for name in sorted(names)],
            }
            for at, names in expected.items()
        ],
    }
    return _run({"rule_files": ["rules.yaml"], "evaluation_interval": SCRAPE, "tests": [test]}, directory)


def _sample(pod: str, value: float) -> dict[str, Any]:
    labels = {"namespace": "inference", **({"pod": pod} if pod else {}), "server": "demo"}
    return {"labels": _series("", labels), "value": round(value, 6)}


def _series(name: str, labels: dict[str, str]) -> str:
    matchers = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{matchers}}}"


def _run(content: dict[str, Any], directory: Path, seconds: float = 60) -> str:
    (directory / "test.yaml").write_text(yaml.dump(content, Dumper=yaml.CSafeDumper))
    promtool = require("promtool")["promtool"]
    ran = subprocess.run(
        [promtool, "test", "--junit", REPORT, "rules", "test.yaml"], cwd=directory, capture_output=True, text=True, timeout=seconds
    )
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def check(groups: Sequence[Object], directory: Path) -> str:
    """What promtool has to say against rules as such."""
    (directory / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    promtool = require("promtool")["promtool"]
    ran = subprocess.run([promtool, "check", "rules", "rules.yaml"], cwd=directory, capture_output=True, text=True, timeout=60)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr
