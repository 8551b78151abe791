"""Whether a Prometheus takes a monitor or a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.facts import Facts, Prometheus, Selection
from headroom.wiring.finding import Verdict as Answer
from headroom.wiring.finding import cannot_tell, error
from headroom.wiring.selectors import Labels, LabelSelector, Verdict, both, either, show
from headroom.wiring.values import Unknown

Kind = Literal["pod_monitors", "service_monitors", "rules"]

_NAME_LABEL = "kubernetes.io/metadata.name"
"""https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name"""


def judge(facts: Facts, kind: Kind, ref: ObjectRef, labels: Labels, place: Place) -> Iterator[Answer]:
    """One answer where no Prometheus certainly takes the object."""
    taken = either(_takes(facts, prometheus, kind, ref, labels) for prometheus in facts.prometheuses)
    if not facts.prometheuses:
        yield cannot_tell(
            place,
            f"whether a Prometheus takes {ref}: none is among the files",
            "verify the Prometheus object, or the values of kube-prometheus-stack, together with this object",
        )
    elif isinstance(taken, Unknown):
        yield cannot_tell(place, f"whether Prometheus takes {ref}: {taken.why}", "name the release or the labels")
    elif not taken:
        reason, fix = _reason(facts, kind, ref, labels)
        yield error(place, f"Prometheus does not take {ref}: {reason}", fix)


def _takes(facts: Facts, prometheus: Prometheus, kind: Kind, ref: ObjectRef, labels: Labels) -> Verdict:
    selection: Selection = getattr(prometheus, kind)
    return both([_by_labels(selection.labels, labels), _by_namespace(facts, prometheus, selection.namespaces, ref.namespace)])


def _by_labels(selector: LabelSelector | Unknown | None, labels: Labels) -> Verdict:
    if selector is None:
        return False
    return selector if isinstance(selector, Unknown) else selector.matches(labels)


def _by_namespace(facts: Facts, prometheus: Prometheus, selector: LabelSelector | Unknown | None, namespace: str) -> Verdict:
    if isinstance(selector, Unknown):
        return selector
    if selector is None:
        own = prometheus.namespace
        if isinstance(own, Unknown) or not own or not namespace:
            return Unknown("which namespace it is applied to is not in the files") if not isinstance(own, Unknown) else own
        return own == namespace
    if not selector.requirements and selector.hole is None:
        return True
    return selector.matches(_namespace_labels(facts, namespace, selector))


def _namespace_labels(facts: Facts, namespace: str, selector: LabelSelector) -> Labels:
    if not namespace:
        return Unknown("which namespace it is applied to is not in the files")
    found = next((o.labels for o in facts.objects if o.ref.kind == "Namespace" and o.ref.name == namespace), None)
    if isinstance(found, Unknown):
        return found
    if found is None and any(requirement.key != _NAME_LABEL for requirement in selector.requirements):
        return Unknown(f"the labels of the namespace {namespace} are not in the files")
    return {_NAME_LABEL: namespace, **(found or {})}


def _reason(facts: Facts, kind: Kind, ref: ObjectRef, labels: Labels) -> tuple[str, str]:
    """Why no Prometheus takes an object, and how the first would."""
    selection: Selection = getattr(facts.prometheuses[0], kind)
    if selection.labels is None:
        return "its selector is not set, so it takes none", "set the selector"
    if isinstance(selection.labels, LabelSelector) and selection.labels.matches(labels) is False:
        return f"it selects {selection.labels}; this has {show(labels)}", "give it the labels that Prometheus selects"
    wanted = selection.namespaces if isinstance(selection.namespaces, LabelSelector) else f"namespace {facts.prometheuses[0].namespace}"
    fix = "give the namespace the labels that Prometheus selects, or let its namespace selector take it"
    return f"it does not look into the namespace {ref.namespace}, but into {wanted}", fix
