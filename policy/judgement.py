"""Resources of a stack in, violations out: the verifier's checks and the security baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headroom.wiring import Document, Severity, pulumi, verify

Level = Literal["advisory", "mandatory", "disabled"]

_LEVELS: dict[Severity, Level] = {Severity.ERROR: "mandatory", Severity.WARNING: "advisory"}
"""What the manifests do not tell is no violation: in a preview much is known later."""

_ORDER: tuple[Level, ...] = ("disabled", "advisory", "mandatory")


@dataclass(frozen=True)
class Resource:
    """A resource as the engine shows it to a policy pack."""

    urn: str
    token: str
    name: str
    inputs: Mapping[str, Any]
    protected: bool


@dataclass(frozen=True)
class Violation:
    check: str
    message: str
    urn: str
    level: Level


def judge(resources: Iterable[Resource], levels: Mapping[str, Level]) -> list[Violation]:
    """Every violation. An error is mandatory and a warning advisory; `levels` makes single checks advisory, or disables them."""
    documents: list[Document] = []
    urns: dict[Any, str] = {}
    for resource in resources:
        found = pulumi.resource(resource.token, resource.name, whole(resource.inputs), resource.protected)
        if found:
            document = Document(found.body, release=found.release, namespace=found.namespace, protected=found.protected)
            documents.append(document)
            urns.setdefault(document.ref, resource.urn)
    violations = []
    for finding in verify(documents, security=True):
        level = _weaker(_LEVELS.get(finding.severity, "disabled"), levels.get(finding.check, "mandatory"))
        if level != "disabled":
            urn = urns.get(finding.place.object, "")
            violations.append(Violation(finding.check, f"{finding.message}\n→ {finding.fix} ({finding.docs})", urn, level))
    return violations


def _weaker(one: Level, other: Level) -> Level:
    return one if _ORDER.index(one) < _ORDER.index(other) else other


def whole(value: Any) -> Any:
    """The engine's numbers are all floats; those that are whole are whole numbers in a manifest."""
    if isinstance(value, Mapping):
        return {key: whole(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [whole(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
