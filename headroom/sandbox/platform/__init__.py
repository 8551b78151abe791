"""The platform: the add-ons that the stack's `platform` says are there, each run as processes by a file of its own.

Their settings are the stack's: the Helm values that `headroom.desired.platform` renders, and nothing beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.platform import alertmanager, karpenter, keda, lws, metrics_server, monitoring, prometheus_adapter, traefik
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.stacks import read_stack
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Mode, Platform

ADD_ONS = (monitoring.ADD_ON, prometheus_adapter.ADD_ON, keda.ADD_ON, metrics_server.ADD_ON, lws.ADD_ON, traefik.ADD_ON, karpenter.ADD_ON)


_PARTS = (alertmanager.ADD_ON,)
"""Of monitoring, where somebody is to be told of alerts."""


def stack_platform(layout: Layout, stack: str) -> Platform:
    """The platform that a stack says is there; the defaults in a clone without that stack."""
    return read_stack(layout.clone, stack).platform if layout.clone.stack_file(stack).exists() else Platform()


def asked(platform: Platform) -> list[AddOn]:
    """The add-ons that a stack says are there. What it installs by Helm, the sandbox leaves to it."""
    found = [addon for addon in ADD_ONS if platform.add_ons[addon.name].mode is Mode.EXISTING]
    return [*found, *_PARTS] if monitoring.ADD_ON in found and platform.monitoring.receivers else found


def tools(platform: Platform) -> tuple[str, ...]:
    """What the add-ons of `platform` are run with."""
    return tuple(tool for addon in asked(platform) for tool in addon.tools)


def platform_tasks(
    layout: Layout, stack: str, found: Mapping[str, Path], supervisor: Supervisor, api: Api, overrides: Mapping[str, Values]
) -> list[Task]:
    """What is to be done for a stack's platform once the control plane's tasks are there; `overrides` as `Sandbox.up` takes them."""
    platform = stack_platform(layout, stack)
    site = Site(layout, found, supervisor, api, platform, overrides)
    wanted = asked(platform)
    left_over = [addon for addon in (*ADD_ONS, *_PARTS) if addon not in wanted and addon.left_over(layout)]
    return [
        *(task for addon in wanted for task in addon.tasks(site)),
        *(supervisor.step(f"without {addon.name}", ("kube-apiserver",), partial(addon.remove, site)) for addon in left_over),
    ]
