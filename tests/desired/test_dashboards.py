"""The dashboards: models that Grafana loads, and PromQL that Prometheus evaluates, for every engine and every signal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from headroom.catalog.engines import ENGINES
from headroom.catalog.engines.model import Engine, EngineFamily, spelled
from headroom.catalog.signals import SIGNALS
from headroom.desired.dashboards import config_maps, dashboards
from headroom.desired.dashboards.grafana import UNITS, Dashboard, Panel, Query, Row
from tests.desired.promtool import check
from tests.evidence import Proof


def releases(family: EngineFamily) -> list[Engine]:
    """An engine at its oldest version, and wherever something of it changed since."""
    every = [family.oldest.metrics, *(release.changes["metrics"] for release in family.releases if "metrics" in release.changes)]
    metrics = {metric for some in every for metric in some}
    changed = {*(release.since for release in family.releases), *(version for m in metrics for version in (m.since, m.until) if version)}
    between = {version for version in changed if family.oldest.version < version <= family.newest}
    return [family.at(version) for version in sorted({family.oldest.version, *between, family.newest})]


def shown(engines: list[Engine]) -> dict[str, Dashboard]:
    return dashboards("inference", list(SIGNALS.values()), engines, keda=True)


RELEASES: dict[str, Engine] = {f"{one.name} {spelled(one.version)}": one for family in ENGINES.values() for one in releases(family)}
EVERY = dashboards(
    "inference",
    list(SIGNALS.values()),
    [family.at(family.newest) for family in ENGINES.values()],
    keda=True,
)
OF_RELEASES = {title: shown([engine])[engine.name] for title, engine in RELEASES.items()}
DISTINCT = {dashboard.text(): (title, dashboard) for title, dashboard in reversed(OF_RELEASES.items())}
"""One of those that are alike: the first release that has it."""

ALL = {
    "loop": EVERY["loop"],
    "loop of the oldest": shown([family.oldest for family in ENGINES.values()])["loop"],
    **dict(reversed(DISTINCT.values())),
}
MODELS: dict[str, dict[str, Any]] = {name: json.loads(dashboard.text()) for name, dashboard in ALL.items()}

by_dashboard = pytest.mark.parametrize("name", ALL)


def filled(expr: str) -> str:
    """An expression as Grafana sends it when everything is chosen."""
    return expr.replace("$__rate_interval", "1m").replace("$namespace", ".+").replace("$server", ".+")


def expressions(name: str) -> list[str]:
    return [filled(query.expr) for panel in ALL[name].panels for query in panel.queries]


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in MODELS[name]["panels"] if panel["type"] != "row"]


def test_there_is_one_of_the_loop_and_one_per_engine() -> None:
    assert set(EVERY) == {"loop", *ENGINES}


@by_dashboard
def test_the_text_is_the_model(name: str) -> None:
    assert MODELS[name] == ALL[name].model()


@by_dashboard
def test_every_panel_has_a_number_of_its_own(name: str) -> None:
    numbers = [panel["id"] for panel in MODELS[name]["panels"]]
    assert len(numbers) == len(set(numbers))


@by_dashboard
def test_every_query_goes_to_the_prometheus_that_the_reader_chooses(name: str) -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    assert MODELS[name]["templating"]["list"][0] == {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
    }
    assert all(target["datasource"] == chosen for panel in panels(name) for target in panel["targets"])


@by_dashboard
def test_a_variable_that_a_query_uses_is_one_of_the_dashboard(name: str) -> None:
    known = {variable["name"] for variable in MODELS[name]["templating"]["list"]} | {"__rate_interval"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(panels(name)) + "".join(variable.selector for variable in ALL[name].variables)))
    assert used <= known


@by_dashboard
def test_no_two_panels_lie_on_each_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in MODELS[name]["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells


@by_dashboard
def test_every_unit_is_one_of_grafana(name: str) -> None:
    assert {panel["fieldConfig"]["defaults"]["unit"] for panel in panels(name)} <= {*UNITS.values(), "short"}


@by_dashboard
def test_every_panel_says_what_it_shows(name: str) -> None:
    assert all(panel.title and panel.description and panel.queries for panel in ALL[name].panels)


@by_dashboard
def test_every_expression_is_promql(name: str) -> None:
    for expr in expressions(name):
        promql_parser.parse(expr)


@pytest.mark.tools
@pytest.mark.proves("every PromQL expression of the dashboards is one that Prometheus loads", Proof.REAL)
@by_dashboard
def test_every_expression_is_one_that_prometheus_loads(name: str, tmp_path: Path) -> None:
    rules = [{"record": f"panel:{index}", "expr": expr} for index, expr in enumerate(expressions(name))]
    assert check([{"name": name, "rules": rules}], tmp_path) == ""


@pytest.mark.tools
def test_a_wrong_expression_is_seen(tmp_path: Path) -> None:
    assert "parse error" in check([{"name": "wrong", "rules": [{"record": "panel", "expr": "rate(up)("}]}], tmp_path)


@pytest.mark.parametrize("release", RELEASES)
def test_an_engines_dashboard_shows_every_metric_that_a_release_exports(release: str) -> None:
    titles = {panel.title for panel in OF_RELEASES[release].panels}
    own, newest = ({metric.name for metric in engine.metrics} for engine in (RELEASES[release], ENGINES[RELEASES[release].name].at((999,))))
    assert own <= titles
    assert not (newest - own) & titles


def test_every_engine_is_looked_at_wherever_it_changed() -> None:
    assert {(engine.name, engine.version) for engine in RELEASES.values()} >= {
        (family.name, version)
        for family in ENGINES.values()
        for version in (family.oldest.version, *(release.since for release in family.releases), family.newest)
    }


def test_tensorrt_llms_dashboard_has_the_averages_of_the_published_rules() -> None:
    titles = {panel.title: panel for panel in EVERY["tensorrt-llm"].panels}
    counters = {"Latency": "request_duration", "Mean queue time": "queue_duration", "Mean compute time": "compute_infer_duration"}
    for title, counter in counters.items():
        (query,) = titles[title].queries
        assert f"nv_inference_{counter}_us{{" in query.expr
        assert "nv_inference_request_success{" in query.expr.partition(" / (")[2]
        assert query.expr.count('model="tensorrt_llm"') == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_says_what_clients_get_of_it(engine: str) -> None:
    outcome = ENGINES[engine].oldest.outcome
    assert outcome
    assert outcome.seconds


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engines_dashboard_shows_every_signal_that_it_offers(engine: str) -> None:
    family = ENGINES[engine]
    assert {SIGNALS[name].title for name in family.oldest.signals} <= {panel.title for panel in EVERY[engine].panels}


def test_the_loop_is_told_in_the_order_in_which_it_works() -> None:
    assert [row.title for row in EVERY["loop"].rows] == ["Demand", "Decision", "Capacity", "Outcome"]


def test_the_loop_shows_every_signal_beside_its_target() -> None:
    titles = {panel.title: panel for panel in EVERY["loop"].panels}
    for signal in SIGNALS.values():
        if not signal.resource:
            value, target = titles[signal.title].queries
            assert (value.limit, target.limit, ":target{" in target.expr) == (False, True, True)


def test_without_keda_the_loop_has_no_panel_of_it() -> None:
    without = dashboards("inference", [SIGNALS["queue-time"]], [], keda=False)["loop"]
    assert not [query for panel in without.panels for query in panel.queries if "keda_scaler" in query.expr]


def test_grafana_finds_a_dashboard_by_its_label_under_a_key_that_no_other_namespace_has() -> None:
    found = config_maps("speech", {"loop": EVERY["loop"]})["dashboard-loop"]
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert list(found["data"]) == ["speech-loop.json"]


def test_a_limit_is_dashed() -> None:
    panel = Panel("a", "b", "seconds", [Query("up", "up"), Query("vector(1)", "limit", limit=True)])
    model = Dashboard("uid", "title", "description", [], [Row("row", [panel])]).model()["panels"][1]
    (override,) = model["fieldConfig"]["overrides"]
    assert override["matcher"] == {"id": "byFrameRefID", "options": "B"}
