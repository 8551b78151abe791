"""The labels of a series as far as they are known: certainly there, perhaps there, certainly not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headroom.wiring.values import Unknown


@dataclass(frozen=True)
class LabelSet:
    """`possible` is None where any label may be there that is not in `absent`."""

    certain: frozenset[str] = frozenset()
    possible: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()

    def has(self, label: str) -> bool | Unknown:
        if label in self.certain:
            return True
        if label in self.absent or (self.possible is not None and label not in self.possible):
            return False
        return Unknown(f"whether the series has the label {label} is not in the manifests")

    def with_certain(self, labels: Iterable[str]) -> LabelSet:
        added = frozenset(labels)
        possible = None if self.possible is None else self.possible | added
        return LabelSet(self.certain | added, possible, self.absent - added)

    def with_possible(self, labels: Iterable[str]) -> LabelSet:
        added = frozenset(labels)
        possible = None if self.possible is None else self.possible | added
        return LabelSet(self.certain, possible, self.absent - added)

    def only(self, labels: Iterable[str]) -> LabelSet:
        """`by (labels)`."""
        kept = frozenset(labels)
        return LabelSet(self.certain & kept, frozenset(label for label in kept if self.has(label) is not False))

    def without(self, labels: Iterable[str]) -> LabelSet:
        dropped = frozenset(labels)
        possible = None if self.possible is None else self.possible - dropped
        return LabelSet(self.certain - dropped, possible, self.absent | dropped)

    def both(self, other: LabelSet) -> LabelSet:
        """The labels of a match without modifiers: what one side lacks, the other lacks too."""
        certain = self.certain | other.certain
        return LabelSet(certain, self._meet(other), (self.absent | other.absent) - certain)

    def either(self, other: LabelSet) -> LabelSet:
        """`or`: a series of one side or of the other."""
        possible = None if self.possible is None or other.possible is None else self.possible | other.possible
        return LabelSet(self.certain & other.certain, possible, self.absent & other.absent)

    def copying(self, labels: Iterable[str], source: LabelSet) -> LabelSet:
        """`group_left (labels)`."""
        wanted = frozenset(labels)
        return self.with_possible(wanted).with_certain(wanted & source.certain)

    def open(self) -> LabelSet:
        return LabelSet(self.certain, None)

    def _meet(self, other: LabelSet) -> frozenset[str] | None:
        if self.possible is None or other.possible is None:
            narrower = other.possible if self.possible is None else self.possible
            return None if narrower is None else narrower | self.certain | other.certain
        return (self.possible & other.possible) | self.certain | other.certain


NO_LABELS = LabelSet(frozenset(), frozenset())
ANY_LABELS = LabelSet()
