"""What a stack needs of a cluster, whoever runs it."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

import pulumi
import pulumi_kubernetes

from headroom.desired import Desired
from headroom.settings import Stack

KUBECONFIG = "kubeconfig"
"""The output of a stack that says how to reach a cloud's cluster of it."""


class Cluster(Protocol):
    """A cluster that objects can be put into."""

    provider: pulumi_kubernetes.Provider
    """Carries a cluster identifier, so that a new address or certificate of the same cluster replaces nothing in it."""

    kubeconfig: pulumi.Output[str] | None
    """The way to it for stacks that refer to this one, where the program knows a cloud's: a secret that holds nobody's token."""

    known: Mapping[str, pulumi.Output[str]]
    """What the cloud alone knows, by what stands for it in the desired objects and values."""

    made: pulumi.Resource | None
    """The cluster itself, where the program makes it: what is inside goes with it, and is not deleted piece by piece."""

    def pools(self, desired: Desired, *, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """Creates the pools; servers depend on what it returns."""
        ...


_SDKS = {"eks": "pulumi_aws", "gke": "pulumi_gcp", "aks": "pulumi_azure_native"}
"""What the module of a cloud imports; pyproject.toml has an extra for each."""


def connect(stack: Stack, *, opts: pulumi.ResourceOptions) -> Cluster:
    """The cluster of a stack; what of it the program makes gets `opts`.

    Only its own provider's module is imported, and with it that cloud's SDK. Raises `pulumi.RunError` where that is not installed.
    """
    provider = stack.cluster.provider
    try:
        module = import_module(f"components.cluster.{provider}")
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name != _SDKS.get(provider):
            raise
        raise pulumi.RunError(
            f"cluster.provider: {provider} needs {missing.name}, which is not installed; install it with "
            f"`{sys.executable} -m pip install --editable '.[{provider}]'`"
        ) from None
    return module.connect(stack, opts=opts)


_REACHES_OUT = frozenset(
    f"kubernetes:{kind}"
    for kind in (
        "helm.sh/v3:Release",
        "core/v1:Service",
        "core/v1:PersistentVolumeClaim",
        "apps/v1:Deployment",
        "batch/v1:Job",
        "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet",
        "karpenter.sh/v1:NodePool",
        "karpenter.k8s.aws/v1:EC2NodeClass",
    )
)
"""What may have load balancers, volumes or machines outside of the cluster, and who mounts the volumes: these are deleted by themselves,
for what is outside would outlive the cluster, be paid for, and keep its network from being deleted."""


def within(cluster: Cluster, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` for what is put into the cluster, and for whatever that has below it."""
    made = cluster.made
    if made is None:
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=cluster.provider))

    def goes_with_it(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("kubernetes:") or args.type_ in _REACHES_OUT:
            return None
        gone = pulumi.ResourceOptions(deleted_with=made)
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, gone))

    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=cluster.provider, transformations=[goes_with_it]))
