"""Whether a container starts again and when, and by which steps it ends."""

from __future__ import annotations

import pytest

from headroom.sandbox.kubelet.lifecycle import BackOff, Step, ending, ending_order, grace_left, restarts


def test_the_first_restart_is_at_once_and_the_wait_doubles_up_to_its_limit() -> None:
    back_off = BackOff()
    assert [back_off.after(0.1) for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_long_run_is_forgiven() -> None:
    back_off = BackOff()
    for _ in range(4):
        back_off.after(0.1)
    assert [back_off.after(61), back_off.after(0.1)] == [0, 1]


@pytest.mark.parametrize(
    ("policy", "exit_code", "again"),
    [("Always", 0, True), ("Always", 1, True), ("OnFailure", 0, False), ("OnFailure", 1, True), ("Never", 1, False)],
)
def test_the_restart_policy_decides(policy: str, exit_code: int, again: bool) -> None:
    assert restarts(policy, exit_code) is again


@pytest.mark.parametrize(
    ("hook", "grace", "steps"),
    [
        (None, 30, [Step("terminate"), Step("kill")]),
        ({"sleep": {"seconds": 5}}, 30, [Step("sleep", {"seconds": 5}), Step("terminate"), Step("kill")]),
        ({"exec": {"command": ["a"]}}, 1, [Step("exec", {"command": ["a"]}), Step("terminate"), Step("kill")]),
        ({"sleep": {"seconds": 5}}, 0, [Step("kill")]),
    ],
)
def test_a_container_ends_by_its_hook_then_term_then_kill(hook: dict[str, object] | None, grace: float, steps: list[Step]) -> None:
    assert ending({"lifecycle": {"preStop": hook}} if hook else {}, grace) == steps


@pytest.mark.parametrize(("used", "left"), [(0, 30), (10, 20), (29, 2), (40, 2)])
def test_the_hook_and_term_share_the_grace_period_and_two_seconds_are_always_left(used: float, left: float) -> None:
    assert grace_left(30, used) == left


def test_sidecars_end_after_the_containers_the_last_started_first() -> None:
    assert ending_order(["a", "b"], ["s1", "s2"]) == [["a", "b"], ["s2"], ["s1"]]
