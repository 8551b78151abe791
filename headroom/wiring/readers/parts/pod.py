"""A pod template's containers, probes and hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from headroom.wiring.document import Cursor, known
from headroom.wiring.facts import Container, Count, Hook, Port, Probe
from headroom.wiring.nodes import Amounts, Toleration
from headroom.wiring.values import Unknown, default

_PROBES: tuple[tuple[Literal["startup", "liveness", "readiness"], str], ...] = (
    ("startup", "startupProbe"),
    ("liveness", "livenessProbe"),
    ("readiness", "readinessProbe"),
)
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)s?\b")
_SHELLS = ("sh", "bash", "ash", "dash")


def containers(pod_spec: Cursor) -> tuple[Container, ...]:
    """Those that run as long as the pod: its containers, and init containers that are sidecars.

    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    sidecars = [cursor for cursor in pod_spec["initContainers"].items() if cursor["restartPolicy"].text() == "Always"]
    return tuple(_container(cursor) for cursor in (*pod_spec["containers"].items(), *sidecars))


def tolerations(pod_spec: Cursor) -> tuple[Toleration, ...]:
    return tuple(
        Toleration(
            key=cursor["key"].text(),
            operator=default(cursor["operator"].text(), "Equal"),
            value=cursor["value"].text(),
            effect=cursor["effect"].text(),
        )
        for cursor in pod_spec["tolerations"].items()
    )


def _container(cursor: Cursor) -> Container:
    limits = _amounts(cursor.at("resources", "limits"))
    return Container(
        name=default(cursor["name"].text(), ""),
        image=cursor["image"].text(),
        command=cursor["command"].texts(),
        arguments=cursor["args"].texts(),
        ports=tuple(
            Port(port["name"].text(), default(port["containerPort"].count(), Unknown("the port has no number")), port.place)
            for port in cursor["ports"].items()
        ),
        probes=tuple(_probes(cursor)),
        pre_stop=_hook(cursor.at("lifecycle", "preStop")),
        requests=_requests(limits, _amounts(cursor.at("resources", "requests"))),
        limits=limits,
        place=cursor.place,
    )


def _amounts(cursor: Cursor) -> Amounts:
    value = known(cursor.value)
    if isinstance(value, Unknown):
        return value
    return {key: default(amount.quantity(), Decimal(0)) for key, amount in cursor.pairs()}


def _requests(limits: Amounts, requests: Amounts) -> Amounts:
    if isinstance(limits, Unknown):
        return limits
    return requests if isinstance(requests, Unknown) else {**limits, **requests}


def _probes(container: Cursor) -> Iterator[Probe]:
    for kind, field in _PROBES:
        probe = container[field]
        if probe.exists:
            yield Probe(
                kind=kind,
                port=_probe_port(probe),
                delay=default(probe["initialDelaySeconds"].count(), 0),
                period=default(probe["periodSeconds"].count(), 10),
                failures=default(probe["failureThreshold"].count(), 3),
                place=probe.place,
            )


def _probe_port(probe: Cursor) -> str | Count | None:
    for action in ("httpGet", "tcpSocket", "grpc"):
        if probe[action].exists:
            return probe[action]["port"].text_or_number()
    return None


def _hook(cursor: Cursor) -> Hook | None:
    if not cursor.exists:
        return None
    command = cursor.at("exec", "command").texts()
    seconds: float | Unknown | None = cursor.at("sleep", "seconds").count()
    if seconds is None:
        seconds = _sleeps(command)
    return Hook(command, seconds, cursor.place)


def _sleeps(command: tuple[str | Unknown, ...]) -> float | Unknown:
    """How long a command sleeps. A shell runs only the word after `-c`; the words behind it are its arguments."""
    words = [word for word in command if isinstance(word, str)]
    if len(words) < len(command) or not words:
        return Unknown("the hook's command cannot be read")
    program = words[0].rsplit("/", 1)[-1]
    script = words[words.index("-c") + 1] if program in _SHELLS and "-c" in words[:-1] else " ".join([program, *words[1:]])
    naps = [float(nap) for nap in _SLEEP.findall(script)]
    if naps:
        return sum(naps)
    return Unknown("how long the hook's command takes is not written in it")
