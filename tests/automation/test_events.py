"""What is made of the engine's events: recorded ones of real runs, and some that are rare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from pulumi.automation import EngineEvent

from headroom.automation.events import Recorder
from headroom.doctor.access import NOT_LOOKED
from headroom.report.changes import Level, Op, PropertyChange, PropertyOp, Step, Violation
from tests.automation.engines import recorded, step, told, violation


def heard(events: Iterable[EngineEvent], *, live: bool = False) -> Recorder:
    recorder = Recorder(live=live)
    for event in events:
        recorder.hear(event)
    return recorder


def by_name(recorder: Recorder) -> dict[str, Step]:
    return {found.name: found for found in recorder.steps.values()}


def test_the_three_steps_of_a_replacement_are_one() -> None:
    steps = by_name(heard(recorded("replaced")))

    assert {name: found.op for name, found in steps.items()} == {
        "local": Op.SAME,
        "demo": Op.SAME,
        "speech": Op.CREATE,
        "inference": Op.DELETE,
        "demo-service": Op.REPLACE,
        "demo-disruption-budget": Op.REPLACE,
        "demo-autoscaler": Op.REPLACE,
    }


def test_a_replacement_says_what_it_changes_and_because_of_what() -> None:
    autoscaler = by_name(heard(recorded("replaced")))["demo-autoscaler"]

    assert autoscaler.changes == (
        PropertyChange("metadata.namespace", PropertyOp.UPDATE, replaces=True),
        PropertyChange("spec.maxReplicas", PropertyOp.UPDATE),
        PropertyChange("spec.metrics[0].object.target.value", PropertyOp.UPDATE),
    )
    assert autoscaler.replace_reasons == ("metadata.namespace",)
    assert autoscaler.before is not None
    assert autoscaler.after is not None
    assert (autoscaler.before["spec"]["maxReplicas"], autoscaler.after["spec"]["maxReplicas"]) == (4, 6)


def test_what_goes_has_nothing_after_and_what_comes_nothing_before() -> None:
    steps = by_name(heard(recorded("replaced")))

    assert (steps["inference"].after, steps["speech"].before) == (None, None)


def test_what_a_policy_pack_says_is_kept_with_its_weight_and_its_resource() -> None:
    (found,) = heard(recorded("replaced")).violations

    assert (found.policy, found.level, found.urn.rpartition("::")[2]) == ("network-policy-missing", Level.ADVISORY, "demo-workload")


def test_drift_is_told_by_what_was_read() -> None:
    steps = by_name(heard(recorded("drifted"), live=True))

    autoscaler = steps["demo-autoscaler"]
    assert autoscaler.before is not None
    assert autoscaler.after is not None
    assert (autoscaler.op, autoscaler.before["spec"]["maxReplicas"], autoscaler.after["spec"]["maxReplicas"]) == (Op.UPDATE, 4, 7)
    assert steps["demo-disruption-budget"].op is Op.DELETE
    assert {found.op for name, found in steps.items() if name not in ("demo-autoscaler", "demo-disruption-budget")} == {Op.SAME}


def test_drift_in_what_is_no_input_is_told_by_the_states() -> None:
    states = {side: {"inputs": {"a": 1}, "outputs": {"size": size}} for side, size in (("old", 1), ("new", 2))}
    (found,) = heard([step("update", "models", "aws:s3/bucket:Bucket", read=True, **states)], live=True).steps.values()

    assert (found.before, found.after) == ({"size": 1}, {"size": 2})


@pytest.mark.parametrize(
    ("ops", "op", "delete_first"),
    [
        pytest.param(("delete-replaced", "replace", "create-replacement"), Op.REPLACE, True, id="the old one goes first"),
        pytest.param(("create-replacement", "replace", "delete-replaced"), Op.REPLACE, False, id="the new one comes first"),
        pytest.param(("same", "delete-replaced"), Op.SAME, False, id="the rest of a replacement that was cut off, told last"),
        pytest.param(("delete-replaced", "update"), Op.UPDATE, False, id="the rest of a replacement that was cut off, told first"),
        pytest.param(("refresh", "update"), Op.UPDATE, False, id="looked at first"),
        pytest.param(("import",), Op.IMPORT, False, id="taken over"),
        pytest.param(("read",), Op.READ, False, id="somebody else's"),
    ],
)
def test_several_steps_with_one_resource_are_one(ops: tuple[str, ...], op: Op, delete_first: bool) -> None:
    (found,) = heard(step(each, "models") for each in ops).steps.values()

    assert (found.op, found.delete_first) == (op, delete_first)


def test_what_only_changes_the_state_is_no_step() -> None:
    assert heard([step("discard", "models"), step("remove-pending-replace", "models")]).steps == {}


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_resource_is_protected_if_it_was_or_is(side: str) -> None:
    states: dict[str, Any] = {"old": {"inputs": {}}, "new": {"inputs": {}}}
    states[side]["protect"] = True

    (found,) = heard([step("update", "models", **states)]).steps.values()
    assert found.protected


def test_errors_and_warnings_are_kept_once_and_the_rest_is_not() -> None:
    recorder = heard(
        [told("error", "broken\n"), told("error", "broken\n"), told("warning", "old"), told("debug", "props"), told("info", "x")]
    )

    assert (recorder.errors, recorder.warnings) == (["broken"], ["old"])


def test_a_policy_of_no_weight_is_none() -> None:
    assert heard([violation("a", "disabled"), violation("b", "mandatory")]).violations == [Violation("b", Level.MANDATORY, "it is wrong")]


@pytest.mark.parametrize("severity", ["info", "warning"])
def test_what_could_not_be_looked_into_is_kept_apart(severity: str) -> None:
    recorder = heard([told(severity, f"{NOT_LOOKED}: there is no kubeconfig")])
    assert (recorder.gaps, recorder.warnings) == ([f"{NOT_LOOKED}: there is no kubeconfig"], [])
