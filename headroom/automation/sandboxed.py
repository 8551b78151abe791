"""What a run asks of the sandbox itself: which one it is, and to delete what an earlier run left half done."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from headroom import tools
from headroom.desired.objects import Object
from headroom.paths import Clone


class ClusterMemory:
    """The identity of the cluster that a stack was last put into, kept beside the stack's state.

    A sandbox that was taken down leaves a state behind that describes nothing.
    """

    def __init__(self, clone: Clone, stack: str):
        self._file = clone.backend / f"{stack}.cluster"

    @cached_property
    def remembered(self) -> str | None:
        return self._file.read_text().strip() if self._file.is_file() else None

    def remember(self, identity: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(identity + "\n")


class Kubectl:
    """kubectl with one kubeconfig; what it remembers of the cluster lies in `cache`."""

    def __init__(self, kubeconfig: Path, cache: Path):
        self._kubeconfig = kubeconfig
        self._cache = cache

    def identity(self) -> str | None:
        """The uid of the cluster's kube-system namespace, or None when no cluster answers."""
        if not self._kubeconfig.is_file():
            return None
        return (
            self._run("get", "namespace", "kube-system", "--output", "jsonpath={.metadata.uid}", "--request-timeout=10s").stdout.strip()
            or None
        )

    def delete(self, objects: Iterable[Object]) -> None:
        self._run("delete", "--filename=-", "--ignore-not-found", "--timeout=60s", stdin=_listed(objects))

    def _run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        program = tools.require("kubectl")["kubectl"]
        command = [program, "--kubeconfig", self._kubeconfig, f"--cache-dir={self._cache}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True)


def _listed(objects: Iterable[Object]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
