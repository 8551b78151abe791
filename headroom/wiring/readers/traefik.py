"""Traefik: the values of its Helm chart, and the arguments of a workload that runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from headroom.wiring.document import Cursor, Document
from headroom.wiring.facts import Container
from headroom.wiring.ingress import EntryPoint, Ingress
from headroom.wiring.readers.parts import pod
from headroom.wiring.values import Unknown, default, duration

KINDS = {("apps", "Deployment"), ("apps", "DaemonSet")}

_READ_TIMEOUT = 60.0
"""Traefik 3's own default (traefik/traefik pkg/config/static/static_config.go); Traefik 2 had none."""
_OF_CHART = ("metrics", "traefik", "web", "websecure")
"""Entrypoints that the chart makes by itself."""
_ARGUMENT = re.compile(r"--entrypoints\.([^.=]+)\.(address|transport\.respondingtimeouts\.readtimeout)=(.*)", re.IGNORECASE)


def read(document: Document) -> Iterator[Ingress]:
    for container in pod.containers(Cursor.of(document).at("spec", "template", "spec")):
        entrypoints = _of_arguments(container)
        if entrypoints:
            yield Ingress(container.place, tuple(entrypoints.values()))


def read_values(document: Document) -> Iterator[Ingress]:
    root = Cursor.of(document)
    if not _is_traefik(root):
        return
    ports = root["ports"]
    written = {name: _of_port(name, cursor) for name, cursor in ports.pairs()}
    inherent = {name: EntryPoint(name, _READ_TIMEOUT, ports.place) for name in _OF_CHART}
    yield Ingress(ports.place, tuple({**inherent, **written}.values()))


def _is_traefik(root: Cursor) -> bool:
    """Values say nowhere which chart they are for: these keys are this chart's own."""
    return any(root["providers"][key].exists for key in ("kubernetesCRD", "kubernetesIngress", "kubernetesGateway")) or any(
        port["exposedPort"].exists for _, port in root["ports"].pairs()
    )


def _of_port(name: str, cursor: Cursor) -> EntryPoint:
    timeout = cursor.at("transport", "respondingTimeouts", "readTimeout")
    return EntryPoint(name, _seconds(timeout.text_or_number()), timeout.place if timeout.exists else cursor.place)


def _of_arguments(container: Container) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for argument in (*container.command, *container.arguments):
        match = _ARGUMENT.fullmatch(argument) if isinstance(argument, str) else None
        if match is None:
            continue
        entry = found.setdefault(match[1], EntryPoint(match[1], _READ_TIMEOUT, container.place))
        if match[2].lower() != "address":
            found[match[1]] = replace(entry, read_timeout=_seconds(match[3]))
    return found


def _seconds(written: str | int | Unknown | None) -> float | Unknown:
    """A number without a unit counts seconds."""
    if written is None or written == "":
        return _READ_TIMEOUT
    if isinstance(written, Unknown):
        return written
    seconds = float(written) if str(written).isdigit() else duration(str(written))
    return default(seconds, Unknown(f"{written!r} is not a duration"))
