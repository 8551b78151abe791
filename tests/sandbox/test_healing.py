"""What `up` does about a process, from what it sees of it."""

from __future__ import annotations

import pytest

from headroom.sandbox.healing import Action, Observed, decide

WANTED = "as-described"


@pytest.mark.parametrize(
    ("observed", "action"),
    [
        (Observed(recorded=None, alive=False, answers=None), Action.START),
        (Observed(recorded=WANTED, alive=False, answers=None), Action.START),
        (Observed(recorded=WANTED, alive=True, answers=True), Action.KEEP),
        (Observed(recorded=WANTED, alive=True, answers=None), Action.KEEP),
        (Observed(recorded=WANTED, alive=True, answers=False), Action.REPLACE),
        (Observed(recorded="as-described-before", alive=True, answers=True), Action.REPLACE),
        (Observed(recorded="as-described-before", alive=False, answers=None), Action.START),
    ],
    ids=["unknown", "dead", "well", "cannot-be-asked", "hangs", "configuration-changed", "dead-and-changed"],
)
def test_each_state_has_its_remedy(observed: Observed, action: Action) -> None:
    assert decide(observed, WANTED).action is action


def test_a_decision_says_why() -> None:
    assert decide(Observed(recorded=WANTED, alive=False, answers=None), WANTED).why == "had died"
