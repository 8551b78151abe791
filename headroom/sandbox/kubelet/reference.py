"""Writes docs/pods-in-the-sandbox.md from the tables that the agent itself goes by: `python -m headroom.sandbox.kubelet.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from headroom.paths import Clone
from headroom.sandbox.kubelet.honoured import CONTAINER, PAGE, POD
from headroom.sandbox.kubelet.images import IMAGES, is_provided
from headroom.sandbox.kubelet.lifecycle import FIRST_BACK_OFF, FORGIVEN_AFTER, LONGEST_BACK_OFF
from headroom.sandbox.kubelet.settings import RUNTIME_ANNOTATION, SIMULATION, SIMULATOR

_HEAD = """# Pods in the sandbox

Generated from the tables that the sandbox goes by: `python -m headroom.sandbox.kubelet.reference`.

The sandbox's nodes are fake, their pods are not: each runs as processes of this machine, with a network namespace and an address of its
own and a root file system put together from read-only parts of the machine, the image's programs and the pod's volumes. Probes, restarts,
init containers, drain and deletion are those of a kubelet. No image is pulled, and there are no cgroups: limits are not enforced.
"""


def page() -> str:
    return "\n".join([*_parts(), ""])


def _parts() -> Iterator[str]:
    yield _HEAD
    yield from ("## Images", "", "| repository | runs as |", "|---|---|")
    for repository in sorted(IMAGES):
        yield f"| `{repository}` | {_runs_as(repository)} |"
    yield ""
    yield f"A simulator also runs where it is asked for: annotation `{RUNTIME_ANNOTATION}: {SIMULATOR}` of a pod, or"
    yield f"`HEADROOM_ENGINE_<ENGINE>={SIMULATOR}` when the sandbox starts; and for a pod whose containers are told its capacity."
    yield f"It obeys {', '.join(f'`{name}`' for name in SIMULATION)},"
    yield "or the variables that they stand for in the container's environment: `SANDBOX_SERVICE_TIME` and so on."
    yield from ("", "## Fields", "")
    yield "A pod that uses a field which is not listed stays not Ready, with an event `UnsupportedField` that names it."
    yield from ("", "### Of `spec`", "", *_table(POD))
    yield from ("", "### Of `spec.containers[]` and `spec.initContainers[]`", "", *_table(CONTAINER))
    yield from ("", "## What differs from a real kubelet", "")
    waits = f"{FIRST_BACK_OFF:g} s to {LONGEST_BACK_OFF:g} s, not 10 s to 300 s"
    yield f"- Crash loops wait {waits}; {FORGIVEN_AFTER:g} s of running forgive them."
    yield "- There is no kube-proxy. The name of a Service leads to its ready pods' addresses, as that of a headless one does everywhere;"
    yield "  clients need the port where the container listens. No ClusterIP leads anywhere but that of the Service `kubernetes`."
    yield "- Names outside the cluster are not resolved."
    yield "- Volumes are filled once, when the pod starts; tokens are not renewed."
    yield "- An agent that is killed leaves its containers running and takes them over when it is back; one that is told to end, ends them."


def _table(fields: dict[str, str]) -> Iterator[str]:
    yield from ("| field | |", "|---|---|")
    yield from (f"| `{field}` | {sentence} |" for field, sentence in fields.items())


def _runs_as(repository: str) -> str:
    image = IMAGES[repository]
    if is_provided(repository):
        return "nothing: the sandbox runs it itself, where the pod's address leads; its containers count as running and ready"
    stand_in = image.stand_in().title
    return f"the real program where this machine has it, else {stand_in}" if image.real else stand_in


def path(clone: Clone) -> Path:
    return clone.root / PAGE


if __name__ == "__main__":
    path(Clone.find()).write_text(page())
