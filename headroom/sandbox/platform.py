"""The monitoring platform."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headroom.sandbox.api import Api
from headroom.sandbox.layout import Layout
from headroom.sandbox.supervisor import Supervisor
from headroom.sandbox.tasks import Task


def platform_tasks(layout: Layout, tools: Mapping[str, Path], supervisor: Supervisor, api: Api) -> list[Task]:
    return []
