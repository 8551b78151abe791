"""How the cluster of a stack is reached."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from headroom.paths import Clone
from headroom.plugins.kubernetes import kubeconfig
from headroom.plugins.kubernetes.errors import ClusterError
from headroom.settings.cluster import AksCluster, Cluster, EksCluster, ExistingCluster, GkeCluster, KwokCluster

NOT_LOOKED = "the cluster was not looked at for what this stack would collide with"
"""How a preview says that it promises less than it should; what kept it from looking follows."""


@dataclass(frozen=True)
class Access:
    """Kubeconfigs that are read as one, and which of their contexts."""

    files: tuple[Path, ...]
    context: str | None
    """Its current one where None."""
    leads: bool
    """Whether a file is there, and in one a context of this cluster where the stack says which cluster it is."""
    remedy: str
    """What to do where it does not lead there."""

    @property
    def kubeconfig(self) -> str:
        """Their text as that of one. Raises `Unreachable` where one of them is none."""
        return kubeconfig.text(self.files)

    @property
    def missing(self) -> str:
        """What is to be said where it does not lead there."""
        what = "no context for this cluster" if _there(self.files) else "no kubeconfig"
        return f"there is {what} at {', '.join(map(str, self.files))}: {self.remedy}"


def access(cluster: Cluster, clone: Clone) -> Access:
    """The way to a stack's cluster. A cloud's is known by its name: a context that happens to be selected is none of its business."""
    if isinstance(cluster, KwokCluster):
        # Never the ambient kubeconfig: fake nodes must not end up in a cluster that happens to be selected.
        path = Path(os.environ.get("HEADROOM_KUBECONFIG") or clone.kubeconfig)
        return Access((path,), None, path.is_file(), "start the sandbox with `headroom sandbox up`, or run `make up`")
    files = tuple(kubeconfig.files())
    if isinstance(cluster, ExistingCluster):
        return Access(files, cluster.context, _there(files), "set KUBECONFIG to the file of the cluster that this stack is for")
    is_it, remedy = _known_by(cluster)
    context = _context(files, is_it)
    return Access(files, context, context is not None, f"once the cluster is there, `{remedy}` writes one")


def _known_by(cluster: EksCluster | GkeCluster | AksCluster) -> tuple[Callable[[str], bool], str]:
    """How a kubeconfig calls a cloud's cluster, as that cloud's own command writes it, and the command."""
    match cluster:
        case EksCluster():
            end = f":cluster/{cluster.name}"
            command = f"aws eks update-kubeconfig --region {cluster.region} --name {cluster.name}"
            return lambda name: name.startswith("arn:aws") and f":{cluster.region}:" in name and name.endswith(end), command
        case GkeCluster():
            command = f"gcloud container clusters get-credentials {cluster.name} --project {cluster.project} --location {cluster.location}"
            return lambda name: name == cluster.full_name, command
        case AksCluster():
            command = f"az aks get-credentials --resource-group {cluster.resource_group} --name {cluster.name}"
            return lambda name: name == cluster.name, command


def _there(files: Iterable[Path]) -> bool:
    return any(file.is_file() for file in files)


def _context(files: Iterable[Path], is_it: Callable[[str], bool]) -> str | None:
    """The context that leads to the cluster; files of which one cannot be read have none."""
    try:
        contexts = kubeconfig.as_one(files).get("contexts") or []
    except ClusterError:
        return None
    return next((entry.get("name") for entry in contexts if is_it((entry.get("context") or {}).get("cluster") or "")), None)
