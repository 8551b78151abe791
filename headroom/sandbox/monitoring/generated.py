"""What the operator generates of an object in the cluster, by the program that the object is of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout, exposed_url, inside_url
from headroom.sandbox.monitoring import alertmanager, configuration


@dataclass(frozen=True)
class Generated:
    """Everything that a program runs on."""

    files: dict[Path, str]
    arguments: list[str]


@dataclass(frozen=True)
class Source:
    """Where one program's configuration comes from and goes to."""

    url: str
    """Where the program answers."""
    directory: Path
    arguments: Path
    """The file of the program's arguments, as a JSON list."""
    passing: str
    """The directory below `directory` whose files come and go."""
    look: Callable[[Api], Generated | None]
    """What there is now; None as long as the operator has generated nothing."""


def source(layout: Layout, program: str, namespace: str, name: str) -> Source:
    """`program` is `prometheus` or `alertmanager`, `name` that of its object in `namespace`."""
    if program == "prometheus":
        look = partial(_of_prometheus, directory=layout.monitoring, namespace=namespace, name=name)
        return Source(inside_url(program), layout.monitoring, layout.prometheus_arguments, configuration.RULES, look)
    look = partial(_of_alertmanager, directory=layout.alertmanager, namespace=namespace, name=name)
    return Source(exposed_url(program), layout.alertmanager, layout.alertmanager_arguments, alertmanager.SECRETS, look)


def collections(namespace: str) -> tuple[str, ...]:
    """Where everything that is read of a program comes and goes."""
    kinds = (("/api/v1", "secrets"), ("/api/v1", "configmaps"), ("/apis/apps/v1", "statefulsets"))
    return tuple(f"{root}/namespaces/{namespace}/{plural}" for root, plural in kinds)


def _of_prometheus(api: Api, *, directory: Path, namespace: str, name: str) -> Generated | None:
    secret, stateful_set = api.get(_secret(namespace, f"prometheus-{name}")), api.get(_stateful_set(namespace, f"prometheus-{name}"))
    if secret is None or stateful_set is None:
        return None
    rules = (api.get(f"/api/v1/namespaces/{namespace}/configmaps?labelSelector=prometheus-name%3D{name}") or {}).get("items", [])
    return Generated(configuration.files(secret, rules, directory), configuration.arguments(stateful_set, directory))


def _of_alertmanager(api: Api, *, directory: Path, namespace: str, name: str) -> Generated | None:
    workload = f"alertmanager-{name}"
    secret, stateful_set = api.get(_secret(namespace, f"{workload}-generated")), api.get(_stateful_set(namespace, workload))
    if secret is None or stateful_set is None:
        return None
    # The stack's own: it is there once the stack is, and the sandbox is up before.
    mounted = [found for name in alertmanager.mounted(stateful_set) if (found := api.get(_secret(namespace, name)))]
    return Generated(alertmanager.files(secret, mounted, directory), alertmanager.arguments(stateful_set, directory))


def _secret(namespace: str, name: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets/{name}"


def _stateful_set(namespace: str, name: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}"
