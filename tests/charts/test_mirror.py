"""A directory of charts: what is checked, what is recorded, what is made beside them. Nothing is fetched but by a stand-in for Helm."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from headroom.catalog.charts import Chart
from headroom.charts import CannotReach, Mirror, WrongChart, archive
from headroom.charts.mirror import SUMS
from tests.evidence import Proof
from tests.helm_charts import chart, definition

KEPT = Chart("kept", "1.0.0", "https://charts.example.com")
OLD = Chart("old", "1.0.0", "oci://registry.example.com/charts", keeps_definitions_old=True)


def fill(directory: Path, *charts: Chart, helm: Path | None = None) -> list[str]:
    lines: list[str] = []
    Mirror(directory, helm).fill(charts, lines.append)
    return lines


def helm(path: Path, script: str) -> Path:
    """A program in Helm's place."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def with_definitions(directory: Path, text: str) -> Path:
    return chart(directory, OLD.name, OLD.version, {"crds/widgets.yaml": text, "charts/inner/crds/gadgets.yaml": "# nothing yet\n"})


def test_a_chart_that_is_there_is_recorded_with_its_digest(tmp_path: Path) -> None:
    path = chart(tmp_path, KEPT.name, KEPT.version)
    fill(tmp_path, KEPT)
    assert (tmp_path / SUMS).read_text() == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  kept-1.0.0.tgz\n"


def test_a_chart_that_was_published_again_is_refused(tmp_path: Path) -> None:
    chart(tmp_path, KEPT.name, KEPT.version)
    fill(tmp_path, KEPT)
    chart(tmp_path, KEPT.name, KEPT.version, {"templates/other.yaml": "# another\n"})
    with pytest.raises(WrongChart, match=f"kept-1.0.0.tgz is not the file that {SUMS} records"):
        Mirror(tmp_path).check(KEPT)


def test_a_chart_of_another_version_is_refused(tmp_path: Path) -> None:
    chart(tmp_path, KEPT.name, "2.0.0").rename(tmp_path / KEPT.archive)
    with pytest.raises(WrongChart, match=r"is the chart kept 2\.0\.0, not kept 1\.0\.0"):
        Mirror(tmp_path).check(KEPT)


def test_what_is_no_chart_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEPT.archive).write_text("<html>not found</html>")
    with pytest.raises(WrongChart, match="is no packaged chart"):
        Mirror(tmp_path).check(KEPT)


def test_a_missing_chart_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongChart, match=r"kept-1\.0\.0\.tgz is missing"):
        Mirror(tmp_path).check(KEPT)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (KEPT, "pull kept --repo=https://charts.example.com --version=1.0.0"),
        (OLD, "pull oci://registry.example.com/charts/old --version=1.0.0"),
    ],
    ids=["a repository", "a registry"],
)
def test_a_chart_is_fetched_from_where_it_is_published(tmp_path: Path, wanted: Chart, told: str) -> None:
    packed = with_definitions(tmp_path / "upstream", "# none\n") if wanted is OLD else chart(tmp_path / "upstream", "kept", "1.0.0")
    program = helm(tmp_path / "helm", f'echo "$@" > {tmp_path}/told; for last; do :; done; cp {packed} "${{last#--destination=}}"')
    fill(tmp_path / "mirror", wanted, helm=program)
    assert (tmp_path / "told").read_text().startswith(told)
    Mirror(tmp_path / "mirror").check(wanted)


def test_a_place_that_does_not_answer_is_told_apart_from_a_chart_that_is_not_there(tmp_path: Path) -> None:
    away = helm(tmp_path / "away", 'echo "Error: looks like \\"x\\" is not reachable: dial tcp: no such host" >&2; exit 1')
    none = helm(tmp_path / "none", 'echo "Error: chart \\"kept\\" version \\"1.0.0\\" not found" >&2; exit 1')
    with pytest.raises(CannotReach, match=r"kept 1\.0\.0 cannot be had from https://charts\.example\.com.*no such host"):
        fill(tmp_path, KEPT, helm=away)
    with pytest.raises(WrongChart, match="not found"):
        fill(tmp_path, KEPT, helm=none)
    assert not list(tmp_path.glob("*.tgz"))


@pytest.mark.proves("definitions that Helm never upgrades are packed into charts of their own", Proof.SCHEMA)
def test_definitions_become_a_chart_of_their_own_that_is_kept(tmp_path: Path) -> None:
    with_definitions(tmp_path, json.dumps(definition("widgets", "Widget")))
    fill(tmp_path, OLD)
    made = tmp_path / OLD.of_definitions.archive
    assert archive.metadata(made)["name"] == "old-definitions"
    (template,) = [text for inside, text in archive.contents(made) if "/templates/" in inside]
    assert json.loads(template)["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_what_looks_like_a_template_in_a_definition_is_none(tmp_path: Path) -> None:
    widgets = definition("widgets", "Widget")
    widgets["metadata"]["annotations"] = {"example": "{{ .Values.x }}"}
    with_definitions(tmp_path, json.dumps(widgets))
    fill(tmp_path, OLD)
    (template,) = [text for inside, text in archive.contents(tmp_path / OLD.of_definitions.archive) if "/templates/" in inside]
    assert '"{{ "{{" }} .Values.x }}"' in template.decode()


def test_an_operator_that_yaml_has_a_meaning_for_stays_a_text(tmp_path: Path) -> None:
    text = json.dumps(definition("widgets", "Widget"))[:-1] + ', "x": [=]}'
    assert archive.definitions(with_definitions(tmp_path, text))[0]["x"] == ["="]


def test_descriptions_are_left_out_and_a_property_of_that_name_is_not(tmp_path: Path) -> None:
    widgets = definition("widgets", "Widget")
    schema = widgets["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema |= {"description": "long", "properties": {"description": {"type": "string", "description": "long"}}}
    with_definitions(tmp_path, json.dumps(widgets))
    fill(tmp_path, OLD)
    (template,) = [text for inside, text in archive.contents(tmp_path / OLD.of_definitions.archive) if "/templates/" in inside]
    lean = json.loads(template)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert lean["properties"] == {"description": {"type": "string"}}
    assert "description" not in lean


def test_the_same_definitions_are_the_same_bytes(tmp_path: Path) -> None:
    with_definitions(tmp_path, json.dumps(definition("widgets", "Widget")))
    fill(tmp_path, OLD)
    first = (tmp_path / SUMS).read_text()
    fill(tmp_path, OLD)
    assert (tmp_path / SUMS).read_text() == first
