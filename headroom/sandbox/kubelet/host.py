"""What all pods of the agent share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.sandbox.async_api import Api
from headroom.sandbox.kubelet.addresses import Addresses
from headroom.sandbox.kubelet.events import Events
from headroom.sandbox.kubelet.resizing import Room

_PROCESS_MARK = "HEADROOM_SANDBOX_PROCESS"


@dataclass(frozen=True)
class Host:
    """`pods` is the directory with one directory per pod, by uid; `storage` the one of volumes that outlive them."""

    api: Api
    events: Events
    pods: Path
    storage: Path
    addresses: Addresses
    one_user: bool
    allocatable: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """What the node of a pod has for pods, as its status says."""
    room: Callable[[Mapping[str, Any]], Room]
    """The same in numbers, and what its other pods take of it."""

    def environment(self, owner: str) -> Mapping[str, str]:
        """For the helper processes of a pod: the agent's own, with the mark of the sandbox and a name of their own in it."""
        return {**os.environ, _PROCESS_MARK: f"kubelet {owner}"}
