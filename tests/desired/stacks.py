"""The stacks whose desired objects are looked at: this repository's own, and one that says everything else."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from headroom.catalog.engines import ENGINES
from headroom.catalog.signals import SIGNALS, Unit
from headroom.desired import Desired, render
from headroom.desired.objects import Object
from headroom.settings import load
from tests.settings.stack_files import DEMO, accepted, changed

ROOT = Path(__file__).resolve().parents[2]
STACKS = {
    path.stem.removeprefix("Pulumi."): path
    for directory in (ROOT / "stacks", Path(__file__).parent / "stacks")
    for path in sorted(directory.glob("Pulumi.*.yaml"))
}


def desired(stack: str) -> Desired:
    """Rendered once; each asker may change the objects that it gets."""
    return copy.deepcopy(_rendered(stack))


@cache
def _rendered(stack: str) -> Desired:
    return render(load(STACKS[stack]))


def every_object() -> list[Object]:
    """The desired objects of all stacks."""
    return [item for stack in STACKS for item in desired(stack).objects]


def every_workload() -> list[Object]:
    return [item for item in every_object() if item["kind"] == "Deployment"]


def written(signal: str, target: float) -> str:
    """A target of a signal as a stack file has it."""
    return f"{target:g}s" if SIGNALS[signal].unit is Unit.SECONDS else f"{target:g}"


def demo(directory: Path, **settings: Any) -> dict[str, Object]:
    """The objects by role of a good stack's server, with settings of the server changed: `demo(tmp_path, drain="1m")`."""
    changes = [(f"{DEMO}/{key.replace('__', '/')}", value) for key, value in settings.items()]
    (server,) = render(accepted(directory, changed(*changes))).servers
    return dict(server.objects)


def server_of(directory: Path, engine: str, image: str, **settings: Any) -> dict[str, Object]:
    """The objects by role of a server of any engine, in a stack that has every credential."""
    held = {"pool": "l4", "autoscaling": {"backend": "hpa", "replicas": {"max": 4}, "signals": {"requests-waiting": 2}}}
    read = {use.credential for family in ENGINES.values() for use in family.oldest.secrets}
    credentials = {name: {"secure": "v1:a:b"} for name in sorted(read)}
    four = {"machine": "g6.12xlarge", "max": 5}
    text = changed(
        ("headroom:pools/l4x4", four), (DEMO, {**held, "engine": engine, "image": image, **settings}), ("headroom:credentials", credentials)
    )
    (server,) = render(accepted(directory, text)).servers
    return dict(server.objects)


def container(workload: Object) -> Object:
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return only


def title(item: Object) -> str:
    """An object as the name of a test's case."""
    return f"{item['kind']}/{item['metadata'].get('namespace', '')}/{item['metadata']['name']}"
