"""Label selectors, with three answers: selected, not selected, cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headroom.wiring.values import Unknown

Labels = Mapping[str, str | Unknown] | Unknown
Verdict = bool | Unknown


@dataclass(frozen=True)
class Requirement:
    """One `matchExpressions` entry; `matchLabels` are `In` with one value."""

    key: str
    operator: str
    values: tuple[str | Unknown, ...] = ()

    def matches(self, labels: Labels) -> Verdict:
        if isinstance(labels, Unknown):
            return labels
        value = labels.get(self.key)
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        if self.operator not in ("In", "NotIn"):
            return Unknown(f"the operator {self.operator} is not one of In, NotIn, Exists, DoesNotExist")
        if isinstance(value, Unknown):
            return value
        if value is not None and value in [wanted for wanted in self.values if not isinstance(wanted, Unknown)]:
            return self.operator == "In"
        hole = next((wanted for wanted in self.values if isinstance(wanted, Unknown)), None)
        if hole is not None and value is not None:
            return hole
        return self.operator == "NotIn"

    def __str__(self) -> str:
        values = ", ".join("?" if isinstance(value, Unknown) else value for value in self.values)
        if self.operator == "In" and len(self.values) == 1:
            return f"{self.key}={values}"
        return f"{self.key} {self.operator}" + (f" ({values})" if self.values else "")


@dataclass(frozen=True)
class LabelSelector:
    """Every requirement must hold; without any, everything is selected."""

    requirements: tuple[Requirement, ...] = ()
    hole: Unknown | None = None
    """Set where a part of the selector could not be read."""

    def matches(self, labels: Labels) -> Verdict:
        return both([requirement.matches(labels) for requirement in self.requirements] + ([] if self.hole is None else [self.hole]))

    def unmet(self, labels: Labels) -> list[Requirement]:
        """The requirements that the labels certainly do not meet."""
        return [requirement for requirement in self.requirements if requirement.matches(labels) is False]

    def __str__(self) -> str:
        return ", ".join(map(str, self.requirements)) or "everything"


def equal_to(labels: Mapping[str, str | Unknown]) -> LabelSelector:
    return LabelSelector(tuple(Requirement(key, "In", (value,)) for key, value in labels.items()))


def both(verdicts: Iterable[Verdict]) -> Verdict:
    """All must hold: False beats unknown beats True."""
    unknown: Unknown | None = None
    for verdict in verdicts:
        if verdict is False:
            return False
        if isinstance(verdict, Unknown) and unknown is None:
            unknown = verdict
    return True if unknown is None else unknown


def either(verdicts: Iterable[Verdict]) -> Verdict:
    """One must hold: True beats unknown beats False."""
    unknown: Unknown | None = None
    for verdict in verdicts:
        if verdict is True:
            return True
        if isinstance(verdict, Unknown) and unknown is None:
            unknown = verdict
    return False if unknown is None else unknown


def show(labels: Labels) -> str:
    """Labels for people: `app=demo, tier=?`."""
    if isinstance(labels, Unknown):
        return "labels that cannot be told"
    return ", ".join(f"{key}={'?' if isinstance(value, Unknown) else value}" for key, value in labels.items()) or "no labels"
