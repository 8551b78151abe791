"""What is read from a chart: keys and types from its defaults, its templates and its schema, its subcharts' below their names."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.catalog import charts
from headroom.catalog.charts import Chart, refresh, tree
from headroom.catalog.charts.refresh.chart import images, values_tree


def chart(
    directory: Path,
    values: dict[str, Any],
    template: str = "",
    *,
    name: str = "made",
    schema: dict[str, Any] | None = None,
    dependencies: list[dict[str, str]] | None = None,
) -> Path:
    (directory / "templates").mkdir(parents=True)
    facts = {"apiVersion": "v2", "name": name, "version": "1.0.0", "dependencies": dependencies or []}
    (directory / "Chart.yaml").write_text(yaml.safe_dump(facts))
    (directory / "values.yaml").write_text(yaml.safe_dump(values))
    (directory / "templates" / "all.yaml").write_text(template)
    if schema:
        (directory / "values.schema.json").write_text(json.dumps(schema))
    return directory


@pytest.mark.parametrize(
    ("default", "kept"),
    [
        (1, "int"),
        (0.5, "number"),
        (True, "bool"),
        ("text", "string"),
        ("", "scalar"),
        (None, "any"),
        ([1], "list"),
        ({}, "map"),
        ({"a": 1}, {"a": "int"}),
    ],
)
def test_types_are_those_of_the_defaults(tmp_path: Path, default: Any, kept: Any) -> None:
    assert values_tree(chart(tmp_path / "made", {"key": default}))["key"] == kept  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("template", "kept"),
    [
        ('{{ if kindIs "string" .Values.config }}{{ end }}', "any"),
        ('{{ if eq (typeOf .Values.config) "string" }}{{ end }}', "any"),
        ('{{ if not (kindIs "invalid" .Values.config) }}{{ end }}', "list"),
    ],
)
def test_what_templates_ask_the_type_of_may_be_of_several(tmp_path: Path, template: str, kept: str) -> None:
    assert values_tree(chart(tmp_path / "made", {"config": [1]}, template))["config"] == kept  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("template", "kept"),
    [
        ("{{ if .Values.limit }}limit: {{ .Values.limit }}{{ end }}", "scalar"),
        ("{{ if .Values.limit }}limit: {{ .Values.limit | quote }}{{ end }}", "scalar"),
        ("{{ if .Values.limit }}a: b{{ end }}", "bool"),
        ("{{ if .Values.limit }}a: b{{ end }}limit: {{ .Values.limit }}", "bool"),
    ],
)
def test_false_stands_for_not_set_where_the_value_is_written_out_once_it_is(tmp_path: Path, template: str, kept: str) -> None:
    assert values_tree(chart(tmp_path / "made", {"limit": False}, template))["limit"] == kept  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "template",
    [
        "{{ .Values.a.unsaid }}",
        "{{ if .Values.a.unsaid }}{{ end }}",
        "{{ with .Values.a }}{{ .unsaid }}{{ end }}",
        "{{ with .Values.a }}{{ if .b }}{{ else }}{{ .unsaid }}{{ end }}{{ end }}",
        "{{ range .Values.list }}{{ $.Values.a.unsaid }}{{ end }}",
        "{{ $a := .Values.a }}{{ $a.unsaid }}",
        "{{ ((.Values.a).unsaid) }}",
        '{{ index .Values "a" "unsaid" }}',
        '{{ hasKey .Values.a "unsaid" }}',
        '{{ define "helper" }}{{ .unsaid }}{{ end }}{{ include "helper" .Values.a | indent 2 }}',
    ],
)
def test_a_key_that_only_templates_read_is_kept(tmp_path: Path, template: str) -> None:
    kept = values_tree(chart(tmp_path / "made", {"a": {"b": 1}, "list": []}, template))
    assert kept["a"] == {"b": "int", "unsaid": "any"}  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "template",
    [
        "{{ toYaml .Values.a | nindent 2 }}",
        "{{ with .Values.a }}{{- toYaml . }}{{ end }}",
        "{{ range $key, $value := .Values.a }}{{ $key }}{{ end }}",
        "{{ $a := .Values.a }}{{ $a | toYaml }}",
    ],
)
def test_a_mapping_that_templates_hand_on_is_open(tmp_path: Path, template: str) -> None:
    assert values_tree(chart(tmp_path / "made", {"a": {"b": 1}}, template))["a"] == "map"  # pyright: ignore[reportArgumentType]


def test_an_open_mapping_keeps_the_keys_that_the_chart_reads_itself(tmp_path: Path) -> None:
    template = '{{ if .Values.a.enabled }}{{ omit .Values.a "enabled" | toYaml }}{{ end }}'
    kept = values_tree(chart(tmp_path / "made", {"a": {"enabled": True, "minAvailable": 1}}, template))
    assert kept["a"] == {"*": "any", "enabled": "bool"}  # pyright: ignore[reportArgumentType]


def test_a_schema_that_is_closed_has_the_say(tmp_path: Path) -> None:
    port = {"type": "object", "properties": {"port": {"type": ["integer", "null"]}}, "additionalProperties": False}
    properties = {"ports": {"type": "object", "additionalProperties": port}, "name": {"type": ["string", "null"]}}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    kept = values_tree(chart(tmp_path / "made", {"name": None, "other": 1}, schema=schema))
    assert kept == {"name": "string", "ports": {"*": {"port": "int"}}}


def test_a_schema_that_is_open_adds_types_to_what_is_read(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}
    kept = values_tree(chart(tmp_path / "made", {"name": None, "other": 1}, schema=schema))
    assert kept == {"global": "map", "name": "string", "other": "int"}


def test_subcharts_lie_below_their_names_or_aliases_with_what_their_parent_says(tmp_path: Path) -> None:
    dependencies = [{"name": "sub", "version": "1", "alias": "known-as", "condition": "known-as.enabled"}]
    parent = chart(tmp_path / "made", {"known-as": {"more": "x"}}, dependencies=dependencies)
    chart(parent / "charts" / "sub", {"replicas": 1, "global": {"registry": ""}}, name="sub")
    kept = values_tree(parent)
    assert kept == {
        "global": {"*": "any", "registry": "scalar"},
        "known-as": {"enabled": "bool", "global": {"*": "any", "registry": "scalar"}, "more": "string", "replicas": "int"},
    }


def test_a_packed_chart_is_read_like_its_directory(tmp_path: Path) -> None:
    directory = chart(tmp_path / "made", {"a": 1})
    with tarfile.open(tmp_path / "made-1.0.0.tgz", "w:gz") as archive:
        archive.add(directory, "made")
    assert values_tree(tmp_path / "made-1.0.0.tgz") == values_tree(directory)


def test_a_packed_subchart_is_read_like_its_directory(tmp_path: Path) -> None:
    parent = chart(tmp_path / "made", {})
    sub = chart(tmp_path / "sub", {"replicas": 1, "image": {"repository": "quay.io/a"}}, name="sub")
    (parent / "charts").mkdir()
    with tarfile.open(parent / "charts" / "sub-1.0.0.tgz", "w:gz") as archive:
        archive.add(sub, "sub")
    assert values_tree(parent)["sub"]["replicas"] == "int"  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert images(parent) == {"sub.image": {"repository": "quay.io/a"}}


def test_no_default_is_kept_but_the_names_of_images(tmp_path: Path) -> None:
    values = {"password": "hunter2", "image": {"registry": "quay.io", "repository": "a/b", "tag": "v1"}, "none": {"repository": ""}}
    made = chart(tmp_path / "made", values)
    assert "hunter2" not in json.dumps(values_tree(made))
    assert images(made) == {"image": {"registry": "quay.io", "repository": "a/b"}}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue of one chart, `made`, as it was first read."""
    monkeypatch.setattr(charts, "CHARTS", {"made": Chart("made", "1.0.0", "https://charts.example.com")})
    monkeypatch.setattr(refresh, "CHARTS", charts.CHARTS)
    for module in (tree, refresh):
        monkeypatch.setattr(module, "DIRECTORY", tmp_path)
    tree.facts.cache_clear()
    values = {"a": 1, "b": {"c": True}, "image": {"repository": "registry.k8s.io/a"}}
    made = chart(tmp_path / "made", values)
    refresh.refresh(made, ["example/charts made at v1.0.0 (0123)"])
    yield made
    tree.facts.cache_clear()


def test_a_chart_as_it_was_read_does_not_differ(kept: Path) -> None:
    assert refresh.check(kept.parent) == []


def test_a_chart_that_is_not_there_is_passed_over(kept: Path, tmp_path: Path) -> None:
    assert refresh.check(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"a": "x", "b": {"c": True}}, "a is kept as int, and the chart has string"),
        ({"b": {"c": True}}, "a is kept, and the chart has it not"),
        ({"a": 1, "b": {"c": True, "d": 1}}, "b.d is in the chart, and is not kept"),
        ({"a": 1, "b": {"c": True}, "image": {"repository": "quay.io/a"}}, "other images at image"),
    ],
)
def test_a_chart_that_has_changed_is_named_with_the_place(kept: Path, values: dict[str, Any], said: str) -> None:
    values = {"image": {"repository": "registry.k8s.io/a"}, **values}
    (kept / "values.yaml").write_text(yaml.safe_dump(values))
    (line,) = refresh.check(kept.parent)
    assert line.startswith(f"made 1.0.0: {said}; ")
