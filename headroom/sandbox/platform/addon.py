"""What an add-on of the platform is to the sandbox, and what its tasks have to hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.desired.platform.addon import overlaid
from headroom.sandbox import launch, records
from headroom.sandbox.api import Api, Object
from headroom.sandbox.layout import Layout
from headroom.sandbox.monitoring.chart import Values
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task
from headroom.settings.platform import Platform
from headroom.tools.files import replace_text


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

    def put(self, addon: str, objects: Iterable[Object]) -> None:
        """Applies the objects of `addon` and remembers where they are; what it had before and has no more goes."""
        wanted = list(objects)
        self.api.apply_all(wanted)
        paths = [self.api.path(item) for item in wanted if item["kind"] != "Namespace"]
        for path in self._put(addon):
            if path not in paths:
                self.api.delete(path)
        replace_text(self.layout.objects(addon), json.dumps(paths))

    def take(self, addon: str) -> None:
        """Deletes the objects of `addon`: a monitor of what is gone is a target that is down for ever."""
        for path in self._put(addon):
            self.api.delete(path)
        self.layout.objects(addon).unlink(missing_ok=True)

    def _put(self, addon: str) -> list[str]:
        file = self.layout.objects(addon)
        return json.loads(file.read_text()) if file.exists() else []


@dataclass(frozen=True)
class AddOn:
    """An add-on that runs as processes: `name` as the stack spells it, and the tools that its processes are.

    `processes`, `registered` (URL paths of what sends the API server to them) and what `Site.put` put there go when a stack that has it
    not is brought up.
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
        site.take(self.name)
        launch.end(site.layout, self.processes)
