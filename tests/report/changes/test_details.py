"""What a resource is called, what changes of it, and what replaces it."""

from __future__ import annotations

from headroom.report.changes import Op, PropertyChange, PropertyOp, Step
from headroom.report.changes.details import OUTSIDE, changed, reasons, title
from headroom.report.changes.values import ABSENT
from tests.report.sample import claim, group_step, hpa, node_group, release, replaced, step, workload


def test_a_kubernetes_object_is_called_by_its_own_name() -> None:
    assert title(step(hpa(), None)) == "HorizontalPodAutoscaler chat/llama-8b"


def test_a_release_is_called_by_its_own_name() -> None:
    assert title(step(None, release(), token="kubernetes:helm.sh/v3:Release", name="x")) == "Release monitoring/monitoring"


def test_a_clouds_resource_is_called_by_its_name_in_the_program() -> None:
    assert title(group_step(None, node_group())) == "aws NodeGroup l4"


def test_a_difference_inside_of_what_replaces_is_marked() -> None:
    moved = step(claim(), claim("300Gi", "io2"), op=Op.REPLACE, changes=replaced("spec.storageClassName"))
    assert [(entry.path, entry.replaces) for entry in changed(moved)] == [
        ("spec.storageClassName", True),
        ("spec.resources.requests.storage", False),
    ]


def test_reasons_given_apart_from_the_diff_are_told_too() -> None:
    assert reasons(Step(Op.REPLACE, "u", "random:index:X", "x", {"a": 1}, {"a": 2}, replace_reasons=("a",))) == ("a",)


def test_a_change_that_the_provider_alone_knows_is_told_without_values() -> None:
    (entry,) = changed(Step(Op.UPDATE, "u", "t:i:X", "x", {"a": 1}, {"a": 1}, (PropertyChange("status", PropertyOp.UPDATE),)))
    assert (entry.path, entry.before, entry.after) == ("status", ABSENT, OUTSIDE)


def test_the_engines_numbered_paths_are_not_told_beside_the_named_ones() -> None:
    path = "spec.template.spec.containers[0].image"
    moved = step(workload(), workload(image="a:2"), changes=(PropertyChange(path, PropertyOp.UPDATE),))
    assert [entry.path for entry in changed(moved)] == ["spec.template.spec.containers[vllm].image"]


def test_nothing_is_told_property_by_property_of_what_is_new_or_goes() -> None:
    assert (changed(step(None, hpa())), changed(step(hpa(), None))) == ((), ())
