"""Reading files: every object, every line, and a plain word about what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.wiring import UnreadableInput, load
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
        load([tmp_path])


def test_a_helm_template_is_told_from_bad_yaml() -> None:
    with pytest.raises(UnreadableInput, match="helm template"):
        read_text("kind: X\nname: {{ .Release.Name }}-a\n{{- if .Values.b }}\nb: 1\n")
