"""How the cluster of a stack is reached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from headroom.paths import Clone
from headroom.settings.cluster import Cluster, KwokCluster


@dataclass(frozen=True)
class Access:
    """A kubeconfig, and which of its contexts."""

    kubeconfig: Path
    context: str | None
    remedy: str
    """What to do where there is no such file."""


def access(cluster: Cluster, clone: Clone) -> Access:
    """The way to a stack's cluster; whether the file is there is not looked at."""
    if isinstance(cluster, KwokCluster):
        # Never the ambient kubeconfig: fake nodes must not end up in a cluster that happens to be selected.
        path = Path(os.environ.get("HEADROOM_KUBECONFIG") or clone.kubeconfig)
        return Access(path, None, "start the sandbox with `headroom sandbox up`, or run `make up`")
    path = Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    return Access(path, cluster.context, "set KUBECONFIG to the file of the cluster that this stack is for")
