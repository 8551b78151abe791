"""Prometheus' relabeling, tried on the labels of a target or of its series.

Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config and prometheus/prometheus
model/relabel/relabel.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.wiring.document import Place
from headroom.wiring.selectors import Verdict
from headroom.wiring.values import Unknown

Text = str | Unknown
_GROUP = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_EVERYTHING = (".*", "(.*)")
_ON_NAMES = {"labeldrop": True, "labelkeep": False}
"""Actions on the names of labels, and whether they drop those that match."""


@dataclass(frozen=True)
class Relabeling:
    """One rule, its defaults written out."""

    action: Text
    sources: tuple[Text, ...]
    separator: Text
    regex: Text
    target: Text
    """Empty where the action has none."""
    replacement: Text
    place: Place


@dataclass(frozen=True)
class Relabelled:
    """What rules leave. A label that is empty is certainly not there; one that is unknown is there with some value.

    What takes another name is not kept under its own.
    """

    labels: Mapping[str, Text]
    kept: Verdict = True
    by: Relabeling | None = None
    """The rule that drops it, or may."""
    open: bool = False
    """Whether a rule gave or took labels that cannot be told."""

    @property
    def names(self) -> frozenset[str]:
        """The labels of a series: what begins with underscores goes with the relabeling."""
        return frozenset(label for label, value in self.labels.items() if value != "" and not label.startswith("__"))

    @property
    def values(self) -> dict[str, str]:
        """Those labels of a series whose values are known."""
        return {label: value for label, value in self.labels.items() if isinstance(value, str) and label in self.names}


def relabelled(labels: Mapping[str, Text], rules: Iterable[Relabeling], otherwise: Callable[[str], Text]) -> Relabelled:
    """What the rules make of labels; `otherwise` tells the value of one that is not among them."""
    found = Relabelled(labels)
    for rule in rules:
        found = _after(found, rule, otherwise)
        if found.kept is False:
            break
    return found


def sanitised(label: str) -> str:
    """A Kubernetes label as a Prometheus label: `app.kubernetes.io/name` is `app_kubernetes_io_name`."""
    return "".join(char if char.isalnum() else "_" for char in label)


def _after(found: Relabelled, rule: Relabeling, otherwise: Callable[[str], Text]) -> Relabelled:
    action = rule.action
    if isinstance(action, Unknown):
        return replace(_judged(found, action, rule), open=True)
    if action in _ON_NAMES:
        return _on_names(found, rule, drops=_ON_NAMES[action])
    if action == "labelmap":
        return replace(found, open=True)
    value = _joined(rule, lambda label: found.labels.get(label, otherwise(label)))
    if action in ("keep", "drop"):
        return _judged(found, _keeps(rule, value), rule)
    if action in ("keepequal", "dropequal"):
        return _judged(found, Unknown(f"whether its {rule.target} is the same is not in the manifests"), rule)
    if isinstance(rule.target, Unknown) or "$" in rule.target:
        return replace(found, open=True)
    written = _written(rule, value)
    if written is None:
        return found
    keeps = True if rule.target != "__name__" else written if isinstance(written, Unknown) else written == found.labels.get("__name__")
    return replace(_judged(found, keeps, rule), labels={**found.labels, rule.target: written})


def _joined(rule: Relabeling, value_of: Callable[[str], Text]) -> Text:
    values = [source if isinstance(source, Unknown) else value_of(source) for source in rule.sources]
    hole = next((value for value in (*values, rule.separator) if isinstance(value, Unknown)), None)
    return hole if hole is not None else str(rule.separator).join(map(str, values))


def _match(rule: Relabeling, value: Text) -> re.Match[str] | Unknown | None:
    if isinstance(rule.regex, Unknown):
        return rule.regex
    try:
        # What takes everything takes what is not known.
        return value if isinstance(value, Unknown) and rule.regex not in _EVERYTHING else re.fullmatch(rule.regex, str(value), re.DOTALL)
    except re.error:
        return Unknown(f"the pattern {rule.regex} cannot be tried here")


def _keeps(rule: Relabeling, value: Text) -> Verdict:
    match = _match(rule, value)
    return match if isinstance(match, Unknown) else (match is not None) == (rule.action == "keep")


def _judged(found: Relabelled, keeps: Verdict, rule: Relabeling) -> Relabelled:
    """A drop is certain, however much was open before it."""
    return found if keeps is True or (found.kept is not True and keeps is not False) else replace(found, kept=keeps, by=rule)


def _on_names(found: Relabelled, rule: Relabeling, *, drops: bool) -> Relabelled:
    matches = {label: _match(rule, label) for label in found.labels}
    hole = next((match for match in matches.values() if isinstance(match, Unknown)), None)
    if hole is not None:
        return replace(_judged(found, hole, rule), open=True)
    left = {label: "" if (matches[label] is not None) == drops else value for label, value in found.labels.items()}
    nameless = left.get("__name__") == "" != found.labels.get("__name__")
    return replace(_judged(found, not nameless, rule), labels=left)


def _written(rule: Relabeling, value: Text) -> Text | None:
    """What `replace` and the like put under the target; None where they leave it as it is."""
    match = _match(rule, value)
    if match is None:
        return None
    if rule.action != "replace" or isinstance(rule.replacement, Unknown):
        return Unknown(f"what {rule.action} makes of a label is not followed")
    if isinstance(match, Unknown) or (isinstance(value, Unknown) and "$" in rule.replacement):
        return match if isinstance(match, Unknown) else value
    return _GROUP.sub(lambda group: _group(match, group[1] or group[2]), rule.replacement)


def _group(match: re.Match[str], name: str) -> str:
    try:
        return match[int(name) if name.isdigit() else name] or ""
    except IndexError:
        return ""
