"""A container's environment and command line from its spec, as the kubelet makes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from headroom.sandbox.kubelet.downward import Place, field_value, resource_value
from headroom.sandbox.kubelet.sources import Missing, Sources

_REFERENCE = re.compile(r"\$(?:\$|\(([^()$]+)\))")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` becomes the variable's value, `$$` becomes `$`; a reference to an unknown variable stays as it is."""

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        return "$" if name is None else variables.get(name, match[0])

    return _REFERENCE.sub(replacement, text)


def command_line(container: Mapping[str, Any], entrypoint: Iterable[str], variables: Mapping[str, str]) -> list[str]:
    """`command`, else the image's entrypoint; then `args`. Empty where neither says anything."""
    command = container.get("command") or list(entrypoint)
    return [expand(word, variables) for word in (*command, *(container.get("args") or ()))]


def references(container: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The ConfigMaps and Secrets that the environment reads, as (kind, name)."""
    found: set[tuple[str, str]] = set()
    for source in container.get("envFrom") or []:
        found |= _references(source, "Ref")
    for entry in container.get("env") or []:
        found |= _references(entry.get("valueFrom") or {}, "KeyRef")
    return found


def _references(source: Mapping[str, Any], suffix: str) -> set[tuple[str, str]]:
    kinds = {"ConfigMap": f"configMap{suffix}", "Secret": f"secret{suffix}"}
    return {(kind, source[key]["name"]) for kind, key in kinds.items() if key in source}


def variables(
    pod: Mapping[str, Any], container: Mapping[str, Any], sources: Sources, place: Place, services: Mapping[str, str]
) -> dict[str, str]:
    """What references may name: the variables for services, then the container's own, which are envFrom and then env.

    Raises `Missing` for what must be there and is not. Source of the order: pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables.
    """
    result = dict(services)
    for source in container.get("envFrom") or []:
        prefix = source.get("prefix") or ""
        reference = source.get("configMapRef") or source.get("secretRef") or {}
        content = sources.texts("ConfigMap" if "configMapRef" in source else "Secret", reference)
        result |= {f"{prefix}{key}": value for key, value in content.items()}
    for entry in container.get("env") or []:
        value = _value(pod, container, entry, sources, place, result)
        if value is not None:
            result[entry["name"]] = value
    return result


def _value(
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    entry: Mapping[str, Any],
    sources: Sources,
    place: Place,
    before: Mapping[str, str],
) -> str | None:
    source = entry.get("valueFrom")
    if not source:
        return expand(entry.get("value") or "", before)
    if "fieldRef" in source:
        return field_value(pod, source["fieldRef"]["fieldPath"], place)
    if "resourceFieldRef" in source:
        return resource_value(pod, source["resourceFieldRef"], place, container)
    kind, key = ("ConfigMap", "configMapKeyRef") if "configMapKeyRef" in source else ("Secret", "secretKeyRef")
    reference = source[key]
    content = sources.texts(kind, reference)
    if reference["key"] not in content and not reference.get("optional"):
        raise Missing(f"couldn't find key {reference['key']} in {kind} {reference['name']}")
    return content.get(reference["key"])
