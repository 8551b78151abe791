"""A PodDisruptionBudget selects no pod.

## Why it matters

The pods it was written for are not protected: a drain takes all replicas at once.

## How to mend it

Make its selector equal to labels of the pod template.
"""

from __future__ import annotations

from collections.abc import Iterator

from headroom.wiring.facts import Budget, Facts
from headroom.wiring.finding import Verdict, cannot_tell, error
from headroom.wiring.likeness import meant_for
from headroom.wiring.scrape import same_namespace
from headroom.wiring.selectors import LabelSelector, show
from headroom.wiring.values import Unknown


def check(facts: Facts) -> Iterator[Verdict]:
    for budget in facts.budgets:
        selector = budget.selector or LabelSelector()
        here = [workload for workload in facts.workloads if same_namespace(workload.ref.namespace, budget.ref.namespace)]
        verdicts = [selector.matches(workload.pod_labels) for workload in here]
        if any(verdict is True for verdict in verdicts):
            continue
        if any(isinstance(verdict, Unknown) for verdict in verdicts):
            yield cannot_tell(budget.place, f"whether {budget.ref} selects any pod", "write the labels out")
        else:
            yield _nothing(facts, budget, selector)


def _nothing(facts: Facts, budget: Budget, selector: LabelSelector) -> Verdict:
    for workload in facts.workloads:
        if same_namespace(workload.ref.namespace, budget.ref.namespace) and meant_for(
            budget.ref.name, workload.ref.name, selector, workload.pod_labels
        ):
            return error(
                budget.place,
                f"{budget.ref} selects {selector}; the pods of {workload.ref} have {show(workload.pod_labels)}",
                "make them equal",
            )
    if facts.closed:
        return error(budget.place, f"{budget.ref} selects {selector}, which no pod has", "select the pods it is for, or remove it")
    return cannot_tell(budget.place, f"whether {budget.ref} selects any pod: no pod in the files has {selector}", "verify the workload too")
