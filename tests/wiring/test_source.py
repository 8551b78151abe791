"""Reading files: every object, every line, and a plain word about what cannot be read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from headroom.wiring import Severity, UnreadableInput, load, verify
from headroom.wiring.source import read_text

TWO = """\
apiVersion: v1
kind: Service
metadata:
  name: a
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: b}
    spec:
      ports:
        - port: 80
        - port: 81
"""


def test_every_object_is_read_also_from_lists() -> None:
    assert [document.ref.name for document in read_text(TWO)] == ["a", "b"]


def test_every_value_knows_its_line() -> None:
    assert read_text(TWO)[1].place(("spec", "ports", 1)).line == 15


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    assert read_text(TWO)[1].place(("spec", "selector", "app")).line == 12


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="nested more than 200 levels"):
        read_text("[" * 100_000)


def test_aliases_that_never_end_are_refused() -> None:
    with pytest.raises(UnreadableInput, match="inside of what it stands for"):
        read_text("kind: X\na: &a {b: *a}")


def test_aliases_that_fill_the_memory_are_refused() -> None:
    rows = [f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]" for below, name in pairwise("abcdefghi")]
    with pytest.raises(UnreadableInput, match="aliases stand for more than"):
        read_text("\n".join(["kind: X", "a: &a [1]", *rows]))


def test_the_items_of_a_list_of_one_kind_are_of_that_kind() -> None:
    (found,) = read_text("apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}]")
    assert (found.ref.api_version, found.ref.kind, found.ref.name) == ("apps/v1", "Deployment", "a")


def test_a_date_stays_text() -> None:
    assert read_text("kind: X\nuntil: 2027-01-31")[0].body["until"] == "2027-01-31"


def test_anchors_and_merges_are_followed() -> None:
    merged = read_text("kind: X\nbase: &base {a: 1}\nmore: {<<: *base, b: 2}")[0]
    assert merged.body["more"] == {"a": 1, "b": 2}


def test_a_directory_is_read_with_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "below" / ".hidden").mkdir(parents=True)
    (tmp_path / "a.yaml").write_text("kind: A")
    (tmp_path / "below" / "b.yml").write_text("kind: B")
    (tmp_path / "below" / ".hidden" / "c.yaml").write_text("kind: C")
    (tmp_path / "notes.txt").write_text("kind: D")
    assert [document.ref.kind for document in load([tmp_path])] == ["A", "B"]


def test_json_is_read() -> None:
    assert read_text('{"kind": "Service", "metadata": {"name": "a"}}')[0].ref.name == "a"


def test_what_is_no_object_is_passed_over() -> None:
    assert read_text("- a list\n---\njust text\n---\n") == []


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"nowhere\.yaml: there is no such file"):
        load([tmp_path / "nowhere.yaml"])


def test_bad_yaml_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("kind: X\na: [1,\nb: 2\n")
    with pytest.raises(UnreadableInput, match=r"bad\.yaml:\d: not YAML"):
        load([tmp_path / "bad.yaml"])


def test_a_file_of_a_directory_that_cannot_be_read_is_told_and_the_rest_is_judged(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "deployment.yaml").write_text("kind: X\nname: {{ .Release.Name }}-a\n{{- if .Values.b }}\nb: 1\n")
    (tmp_path / "templates" / "latin.yaml").write_bytes(b"kind: \xff")
    (tmp_path / "pod.yaml").write_text("apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n")
    found = [
        (finding.check, finding.severity, Path(finding.place.file or "").name, finding.place.line) for finding in verify(load([tmp_path]))
    ]

    assert ("file-unreadable", Severity.UNKNOWN, "deployment.yaml", 2) in found
    assert ("file-unreadable", Severity.UNKNOWN, "latin.yaml", 1) in found
    assert "api-removed" in {check for check, *_ in found}


@pytest.mark.parametrize(("file", "said"), [("a.yaml", "none of the 1 files"), ("a.txt", "no YAML is below it")])
def test_a_directory_of_which_nothing_can_be_read_is_refused(tmp_path: Path, file: str, said: str) -> None:
    (tmp_path / file).write_text("a: [1,\nb: 2\n")
    with pytest.raises(UnreadableInput, match=said):
        load([tmp_path])


def test_what_somebody_fills_in_is_a_hole_and_the_rest_is_read() -> None:
    (found,) = read_text("kind: Secret\nstringData: {a: {{TOKEN}}}\nmetadata:\n  name: {{ .Values.name }}\n  namespace: here\n")
    assert found.body["stringData"] == {"a": "{{TOKEN}}"}
    assert (found.ref.namespace, found.ref.name) == ("here", "(known later)")


def test_a_helm_template_is_told_from_bad_yaml() -> None:
    with pytest.raises(UnreadableInput, match="helm template"):
        read_text("kind: X\nname: {{ .Release.Name }}-a\n{{- if .Values.b }}\nb: 1\n")


@pytest.mark.parametrize("text", ["=", "1:30", "190:20:30", "2027-01-31"])
def test_what_kubernetes_reads_as_text_is_text(text: str) -> None:
    assert read_text(f"kind: X\nvalue: {text}")[0].body["value"] == text


def test_a_tag_of_some_other_tool_is_left_out() -> None:
    assert read_text("kind: X\nvalue: !reference [a, b]\nother: !Ref c")[0].body == {"kind": "X", "value": ["a", "b"], "other": "c"}


def test_definitions_of_resources_are_passed_over_and_lines_stay(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text("kind: CustomResourceDefinition\nspec: {a: 1}\n---\n\nkind: Service\nmetadata: {name: a}\n")
    (found,) = load([tmp_path])
    assert (found.ref.name, found.place(("metadata",)).line) == ("a", 6)


def test_json_that_nobody_named_is_read_where_it_is_an_object(tmp_path: Path) -> None:
    (tmp_path / "dashboard.json").write_text('{"panels": []}')
    (tmp_path / "service.json").write_text('{"kind": "Service", "apiVersion": "v1"}')
    (tmp_path / "settings.json").write_text('{"a": 1, // of some tool\n}')
    assert [document.ref.kind for document in load([tmp_path])] == ["Service"]
    assert [document.ref.kind for document in load([tmp_path / "dashboard.json"])] == ["Values"]


PATCHED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: server}
spec: {template: {spec: {containers: [{name: server, args: [--verbose]}]}}}
"""


@pytest.mark.parametrize("patches", ["patches: [{path: patch.yaml}]", "patchesStrategicMerge: [./patch.yaml]"])
def test_what_a_kustomization_lays_over_an_object_is_no_object(tmp_path: Path, patches: str) -> None:
    (tmp_path / "kustomization.yaml").write_text(f"kind: Kustomization\n{patches}\n")
    (tmp_path / "patch.yaml").write_text(PATCHED)
    (tmp_path / "server.yaml").write_text(PATCHED)
    assert [Path(document.file or "").name for document in load([tmp_path]) if document.is_patch] == ["patch.yaml"]


def test_a_patch_is_not_judged(tmp_path: Path) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: server}\nspec: {selector: {app: server}, ports: [{port: 80}]}\n"
    (tmp_path / "kustomization.yaml").write_text("kind: Kustomization\npatches: [{path: patch.yaml}]\n")
    (tmp_path / "patch.yaml").write_text(PATCHED)
    (tmp_path / "service.yaml").write_text(service)
    assert {finding.severity for finding in verify(load([tmp_path]))} == {Severity.UNKNOWN}
