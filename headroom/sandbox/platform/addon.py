"""What an add-on of the platform is to the sandbox, and what its tasks have to hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.desired.platform.addon import overlaid
from headroom.sandbox import launch, records
from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Platform


@dataclass(frozen=True)
class Site:
    """Where add-ons are put up. `platform` is the stack's; `overrides` are Helm values by add-on, as `Sandbox.up` takes them."""

    layout: Layout
    tools: Mapping[str, Path]
    supervisor: Supervisor
    api: Api
    platform: Platform
    overrides: Mapping[str, Values]

    def values(self, addon: str, rendered: Values) -> dict[str, Any]:
        """The Helm values that the stack renders for `addon`, with what the caller of `up` lays over them."""
        return overlaid(rendered, self.overrides.get(addon, {}))


@dataclass(frozen=True)
class AddOn:
    """An add-on that runs as processes: `name` as the stack spells it, and the tools that its processes are.

    `processes` and `registered` (URL paths of what sends the API server to them) go when a stack that has it not is brought up.
    """

    name: str
    tools: tuple[str, ...]
    tasks: Callable[[Site], list[Task]]
    processes: tuple[str, ...]
    registered: tuple[str, ...] = ()

    def left_over(self, layout: Layout) -> bool:
        return any(records.read(layout, name) for name in self.processes)

    def remove(self, site: Site) -> None:
        """First what leads to it: the API server waits for an extension that is registered and gone."""
        for path in self.registered:
            site.api.delete(path)
        launch.end(site.layout, self.processes)
