"""Where in a stack file a finding or a violation is mended: at the server, the add-on or the pool that its object was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from headroom.catalog.names import APP_INSTANCE, APP_NAME, PLACEHOLDER_ROLE
from headroom.desired import Desired
from headroom.desired.objects import Object
from headroom.report.changes.model import Step, Violation
from headroom.report.custody import custody_findings
from headroom.report.stack_findings import stack_findings
from headroom.settings import Stack
from headroom.wiring import pulumi
from headroom.wiring.document import Cursor, Document, ObjectRef, Place
from headroom.wiring.document import Path as ValuePath
from headroom.wiring.finding import Finding
from headroom.wiring.secrets import plaintexts
from headroom.wiring.source import read_text

_CONFIG = "config"
_CLUSTER, _SERVERS, _PLATFORM, _POOLS, _NAMESPACES = (
    f"headroom:{part}" for part in ("cluster", "servers", "platform", "pools", "namespaces")
)

_WITHIN_SERVER: Mapping[str, ValuePath] = {
    "HorizontalPodAutoscaler": ("autoscaling",),
    "ScaledObject": ("autoscaling",),
    "PrometheusRule": ("autoscaling", "signals"),
    "IngressRoute": ("route",),
    "IngressRouteTCP": ("route",),
    "Middleware": ("route",),
    "PersistentVolumeClaim": ("cache",),
}
_WHOLE: Mapping[str, str] = {"Values": _PLATFORM, "Release": _PLATFORM, "NodePool": _POOLS, "Namespace": _NAMESPACES}
"""The part of a stack file that a kind comes of, where the object alone does not tell which entry."""

_Key = tuple[str, str, str]


def findings_in_file(settings: Stack, desired: Desired, file: Path, *, security: bool = False) -> list[Finding]:
    """All that is found of a stack and of who keeps its state, each with the line of the stack file, as from the repository's root."""
    found = stack_findings(settings, desired, security=security)
    return [*placed(found, desired, file.read_text(), f"{file.parent.name}/{file.name}"), *custody_findings(settings, file)]


def violations_in_file(violations: Iterable[Violation], steps: Iterable[Step], desired: Desired, file: Path) -> list[Violation]:
    """What a policy pack says of the resources of `steps`, each with the line of the stack file, as from the repository's root."""
    by_urn = {step.urn: step for step in steps}
    written, origins = _written(file.read_text(), f"{file.parent.name}/{file.name}"), dict(_origins(desired))
    return [
        replace(violation, place=_in_file(Place(_object_of(violation, by_urn.get(violation.urn))), origins, written))
        for violation in violations
    ]


def _object_of(violation: Violation, step: Step | None) -> ObjectRef:
    """What a resource stands for, as the checks name it; one that they do not know by its name in the program."""
    found = step and pulumi.resource(step.type, step.name, step.after or step.before or {}, step.protected)
    return Document(found.body, release=found.release).ref if found else ObjectRef("", "resource", "", violation.about or "(none)")


def placed(findings: Iterable[Finding], desired: Desired, text: str, name: str) -> list[Finding]:
    """The findings of a stack at the lines of its file: the text `text`, shown as `name`."""
    written, origins = _written(text, name), dict(_origins(desired))
    return [replace(finding, place=_of_secret(finding, _in_file(finding.place, origins, written), written)) for finding in findings]


def _of_secret(finding: Finding, place: Place, written: Document) -> Place:
    """A secret in plain text is in the stack file itself, under the name that the finding tells: its own line, below that of `place`."""
    if finding.check != "plaintext-secret" or place.line is None:
        return place
    named = (found.place.line or 0 for found in plaintexts(written) if f"({found.name})" in finding.message)
    return replace(place, line=min((line for line in named if line >= place.line), default=place.line))


def _written(text: str, name: str) -> Document:
    return next(iter(read_text(text, name)), Document({}, name))


def _in_file(place: Place, origins: Mapping[_Key, ValuePath], written: Document) -> Place:
    at = written.place((_CONFIG, *_origin(place.object, origins, written)))
    return Place(place.object, at.file, at.line or 1)


def _origin(ref: ObjectRef, origins: Mapping[_Key, ValuePath], written: Document) -> ValuePath:
    if found := origins.get((ref.kind, ref.namespace, ref.name)):
        return found
    if ref.kind == "Node":
        return (_POOLS, *_pool_of(ref.name, Cursor.of(written).at(_CONFIG, _POOLS)))
    return (_CLUSTER,) if ref.group == pulumi.CLOUD else (_WHOLE[ref.kind],) if ref.kind in _WHOLE else ()


def _pool_of(node: str, pools: Cursor) -> tuple[str, ...]:
    """A node that an autoscaler may bring has the name of its pool in its own."""
    named = [name for name, _ in pools.pairs() if f"-{name}-" in node]
    return (max(named, key=len),) if named else ()


def _origins(desired: Desired) -> Iterator[tuple[_Key, ValuePath]]:
    for server in desired.servers:
        yield from ((_key(item), (_SERVERS, server.name, *_WITHIN_SERVER.get(item["kind"], ()))) for item in server.objects.values())
    for add_on in desired.platform.values():
        yield from ((_key(item), (_PLATFORM, add_on.name)) for item in (*add_on.objects.values(), *add_on.later.values()))
        for release in add_on.releases:
            yield ("Release", release.namespace, release.name), (_PLATFORM, add_on.name)
            yield ("Values", "", release.name), (_PLATFORM, add_on.name)
            yield ("Namespace", "", release.namespace), (_PLATFORM, add_on.name)
    yield from _of_each(desired.pools, _POOLS)
    yield from (
        (_key(item), (_POOLS, item["metadata"]["labels"][APP_INSTANCE])) for item in desired.shared.values() if _is_placeholder(item)
    )
    yield from ((_key(item), (_NAMESPACES, item["metadata"].get("namespace", ""))) for item in desired.shares.values())


def _of_each(objects: Mapping[str, Sequence[Object]], part: str) -> Iterator[tuple[_Key, ValuePath]]:
    for name, items in objects.items():
        yield from ((_key(item), (part, name)) for item in items)


def _is_placeholder(item: Object) -> bool:
    return item["metadata"]["labels"].get(APP_NAME) == PLACEHOLDER_ROLE


def _key(item: Object) -> _Key:
    metadata = item["metadata"]
    return item["kind"], metadata.get("namespace", ""), metadata["name"]
