"""The kubernetes Provider of a cluster that a kubeconfig leads to."""

from pathlib import Path

import pulumi
import pulumi_kubernetes


def provider(name: str, kubeconfig: str, *, context: str | None = None) -> pulumi_kubernetes.Provider:
    """A Provider whose kubeconfig is a secret and whose identity is the cluster's name, not its address."""
    return pulumi_kubernetes.Provider(name, kubeconfig=pulumi.Output.secret(kubeconfig), context=context, cluster_identifier=name)


def read(path: Path, remedy: str) -> str:
    """The text of a kubeconfig. Raises `pulumi.RunError` with the remedy when there is none."""
    if not path.is_file():
        raise pulumi.RunError(f"there is no kubeconfig at {path}: {remedy}")
    return path.read_text()
