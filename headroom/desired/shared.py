"""The objects of a stack as a whole: dashboards, and the warm pools with their alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.catalog.names import APP_MANAGED_BY, MANAGER, NAMESPACE_LABEL, PLACEHOLDER_ROLE, placeholder
from headroom.catalog.signals import Signal
from headroom.desired import alerts, warm_pool
from headroom.desired.dashboards import config_maps, dashboards
from headroom.desired.gpus import gpus
from headroom.desired.images import from_mirror
from headroom.desired.objects import Object, obj
from headroom.desired.serving import secrets
from headroom.settings.autoscaling import Backend
from headroom.settings.capacity import largest
from headroom.settings.consistency import engine_of
from headroom.settings.stack import Stack
from headroom.settings.warm_pool import inhabitants

_WARM_POOLS = f"{PLACEHOLDER_ROLE}s"
_LOGIN = f"{_WARM_POOLS}-{secrets.PULL}"
"""Role and name of the Secret that placeholders are pulled with."""


def objects(stack: Stack, signals: Sequence[Signal]) -> dict[str, Object]:
    """Objects by role, none in a stack without servers; `signals` are those that its servers are held at."""
    if not stack.servers:
        return {}
    return {**_dashboards(stack, signals), **_warm_pools(stack)}


def credentials(stack: Stack) -> dict[str, secrets.Uses]:
    """What is filled into which Secret, by role and key."""
    login = secrets.mirror_login(stack.platform.images)
    return {_LOGIN: login} if login and stack.servers and any(pool.warm for pool in stack.pools.values()) else {}


def _dashboards(stack: Stack, signals: Sequence[Signal]) -> dict[str, Object]:
    engines = [engine_of(server) for server in stack.servers.values()]
    keda = any(server.autoscaling.backend is Backend.KEDA for server in stack.servers.values())
    return config_maps(stack.namespace, dashboards(stack.namespace, signals, engines, keda=keda))


def _warm_pools(stack: Stack) -> dict[str, Object]:
    warm = {name: pool.warm for name, pool in stack.pools.items() if pool.warm}
    if not warm:
        return {}
    rooms = {name: largest(inhabitants(name, stack.servers)) for name in warm}
    login = credentials(stack).get(_LOGIN)
    pods = {name: warm_pool.placeholders(name, stack.namespace, warm[name], rooms[name], gpus(stack, name)) for name in warm}
    return {
        **({_LOGIN: secrets.secret(_WARM_POOLS, stack.namespace, {APP_MANAGED_BY: MANAGER}, secrets.PULL, login)} if login else {}),
        f"{PLACEHOLDER_ROLE}-priority": warm_pool.priority_class(stack.namespace),
        **{placeholder(name): from_mirror(item, stack.platform.images, _LOGIN if login else None) for name, item in pods.items()},
        f"{PLACEHOLDER_ROLE}-alerts": _alerts(stack, warm),
    }


def _alerts(stack: Stack, warm: Mapping[str, int]) -> Object:
    wanted = [alerts.warm_pool_short(stack.namespace, name) for name in warm]
    group = alerts.rule_group(f"headroom.{stack.namespace}.{PLACEHOLDER_ROLE}", wanted, {NAMESPACE_LABEL: stack.namespace})
    labels = {APP_MANAGED_BY: MANAGER, **stack.platform.monitoring.labels}
    name = f"{PLACEHOLDER_ROLE}-alerts"
    return obj("monitoring.coreos.com/v1", "PrometheusRule", name, namespace=stack.namespace, labels=labels, spec={"groups": [group]})
