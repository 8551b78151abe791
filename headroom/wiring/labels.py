"""The labels of a series as far as they are known: certainly there, perhaps there, certainly not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headroom.wiring.values import Unknown


@dataclass(frozen=True)
class LabelSet:
    """`possible` is None where any label may be there that is not in `absent`."""

    certain: frozenset[str] = frozenset()
    possible: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    """Those of which every series has the same value, and it is known."""

    def has(self, label: str) -> bool | Unknown:
        if label in self.certain:
            return True
        if label in self.absent or (self.possible is not None and label not in self.possible):
            return False
        return Unknown(f"whether the series has the label {label} is not in the manifests")

    def with_certain(self, labels: Iterable[str]) -> LabelSet:
        added = frozenset(labels)
        possible = None if self.possible is None else self.possible | added
        return LabelSet(self.certain | added, possible, self.absent - added, self._values_without(added))

    def with_values(self, values: Mapping[str, str]) -> LabelSet:
        found = self.with_certain(values)
        return LabelSet(found.certain, found.possible, found.absent, {**found.values, **values})

    def with_possible(self, labels: Iterable[str]) -> LabelSet:
        added = frozenset(labels)
        possible = None if self.possible is None else self.possible | added
        return LabelSet(self.certain, possible, self.absent - added, self._values_without(added))

    def only(self, labels: Iterable[str]) -> LabelSet:
        """`by (labels)`."""
        kept = frozenset(labels)
        possible = frozenset(label for label in kept if self.has(label) is not False)
        return LabelSet(self.certain & kept, possible, values=self._values_without(self.values.keys() - kept))

    def without(self, labels: Iterable[str]) -> LabelSet:
        dropped = frozenset(labels)
        possible = None if self.possible is None else self.possible - dropped
        return LabelSet(self.certain - dropped, possible, self.absent | dropped, self._values_without(dropped))

    def both(self, other: LabelSet) -> LabelSet:
        """The labels of a match without modifiers: what one side lacks, the other lacks too."""
        certain = self.certain | other.certain
        return LabelSet(certain, self._meet(other), (self.absent | other.absent) - certain, {**other.values, **self.values})

    def either(self, other: LabelSet) -> LabelSet:
        """`or`: a series of one side or of the other."""
        possible = None if self.possible is None or other.possible is None else self.possible | other.possible
        same = dict(self.values.items() & other.values.items())
        return LabelSet(self.certain & other.certain, possible, self.absent & other.absent, same)

    def copying(self, labels: Iterable[str], source: LabelSet) -> LabelSet:
        """`group_left (labels)`."""
        wanted = frozenset(labels)
        copied = self.with_possible(wanted).with_certain(wanted & source.certain)
        return copied.with_values({label: value for label, value in source.values.items() if label in wanted})

    def open(self) -> LabelSet:
        return LabelSet(self.certain, None, values=self.values)

    def _values_without(self, labels: Iterable[str]) -> Mapping[str, str]:
        gone = frozenset(labels)
        return {label: value for label, value in self.values.items() if label not in gone}

    def _meet(self, other: LabelSet) -> frozenset[str] | None:
        if self.possible is None or other.possible is None:
            narrower = other.possible if self.possible is None else self.possible
            return None if narrower is None else narrower | self.certain | other.certain
        return (self.possible & other.possible) | self.certain | other.certain


NO_LABELS = LabelSet(frozenset(), frozenset())
ANY_LABELS = LabelSet()
