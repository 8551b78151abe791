"""Which sandbox a stack's state speaks of: a sandbox that was taken down leaves a state behind that describes nothing."""

from __future__ import annotations

import subprocess
from functools import cached_property

from headroom import tools
from headroom.paths import Clone


class ClusterMemory:
    """The identity of the cluster that a stack was last put into, kept beside the stack's state."""

    def __init__(self, clone: Clone, stack: str):
        self._kubeconfig = clone.kubeconfig
        self._file = clone.backend / f"{stack}.cluster"

    def identity(self) -> str | None:
        """The uid of the cluster's kube-system namespace, or None when no cluster answers."""
        kubectl = tools.require("kubectl")["kubectl"]
        command = [str(kubectl), "--kubeconfig", str(self._kubeconfig), "get", "namespace", "kube-system"]
        if not self._kubeconfig.is_file():
            return None
        done = subprocess.run([*command, "--output", "jsonpath={.metadata.uid}", "--request-timeout=10s"], capture_output=True, text=True)
        return done.stdout.strip() or None

    @cached_property
    def remembered(self) -> str | None:
        return self._file.read_text().strip() if self._file.is_file() else None

    def remember(self, identity: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(identity + "\n")
