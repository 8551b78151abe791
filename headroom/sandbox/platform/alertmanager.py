"""Alertmanager on the configuration that its operator makes of a stack's receivers; a stack that names none has none here."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from headroom.catalog.distributions import KWOK
from headroom.desired.platform import monitoring
from headroom.sandbox.layout import POD_GATEWAY, PORTS, Layout
from headroom.sandbox.monitoring import chart
from headroom.sandbox.platform.addon import AddOn, Site
from headroom.sandbox.processes import alertmanager, reloader
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task

NAME = "alertmanager"
RELOADER = f"{NAME}-reloader"
_OBJECTS = f"{NAME}-objects"


def tasks(site: Site) -> list[Task]:
    layout, supervisor = site.layout, site.supervisor
    namespace = site.platform.monitoring.namespace
    values = site.values("monitoring", monitoring.values(site.platform, KWOK))
    objects = chart.alertmanager_objects(values, namespace, POD_GATEWAY, PORTS[NAME])
    return [
        supervisor.step(_OBJECTS, ("monitoring",), partial(site.put, NAME, objects)),
        supervisor.task(reloader.describe(layout, RELOADER, NAME, namespace, chart.alertmanager_name(values), needs=_OBJECTS)),
        Task(NAME, (RELOADER,), partial(_start, layout, site.tools[NAME], supervisor)),
    ]


ADD_ON = AddOn(NAME, (NAME,), tasks, processes=(NAME, RELOADER))


def _start(layout: Layout, binary: Path, supervisor: Supervisor) -> None:
    """Its arguments are known only once the operator has run."""
    arguments = json.loads(layout.alertmanager_arguments.read_text())
    supervisor.ensure(alertmanager.describe(binary, arguments))
