"""What the verifier says of a stack of this repository: of its objects, the nodes to come, its platform, and who keeps its state."""

from __future__ import annotations

from collections.abc import Iterable

from headroom.desired import Desired
from headroom.desired.objects import Object
from headroom.desired.platform import monitoring, prometheus_adapter, traefik
from headroom.desired.platform.addon import overlaid
from headroom.desired.pools import kwok_nodes
from headroom.settings import Stack
from headroom.settings.cluster import ExistingCluster
from headroom.settings.platform import Mode
from headroom.wiring.document import Document
from headroom.wiring.finding import Finding
from headroom.wiring.verify import verify


def stack_findings(settings: Stack, desired: Desired, *, security: bool = False) -> list[Finding]:
    """A stack's findings. Its objects are all there is, so what is missing is an error."""
    charts = {release.namespace for add_on in desired.platform.values() for release in add_on.releases}
    # What protects the pods of a chart is judged without them: they are the chart's.
    objects = [item for item in desired.objects if item["kind"] != "PodDisruptionBudget" or item["metadata"].get("namespace") not in charts]
    known = [*objects, *_nodes_to_come(settings, desired), *platform_of(settings), *_values_of(desired)]
    return verify(known, closed=True, security=security)


def _values_of(desired: Desired) -> Iterable[Document]:
    """The values of every release as an object that no reader takes for wiring: for what is asked of all text, such as secrets."""
    for add_on in desired.platform.values():
        for release in add_on.releases:
            named = {"name": release.name, "namespace": release.namespace}
            yield Document({"apiVersion": "helm.sh/v1", "kind": "Release", "metadata": named, "values": release.values})


def _nodes_to_come(settings: Stack, desired: Desired) -> list[Object]:
    """The nodes that an autoscaler may bring beside those of the stack, as the sandbox would play them."""
    if isinstance(settings.cluster, ExistingCluster):
        return []
    strategy = settings.platform.gpu_operator.mig_strategy
    pools = {name: kwok_nodes(settings.name, name, pool, strategy, scaled=False) for name, pool in settings.pools.items()}
    return [node for name, nodes in pools.items() for node in nodes[len(desired.pools.get(name, ())) :]]


def platform_of(settings: Stack) -> list[Document]:
    """What is known of the platform: what a stack installs, and the sandbox's own, which runs on the same values."""
    platform, on = settings.platform, settings.cluster.runs_on
    ours = {Mode.HELM, Mode.EXISTING} if settings.cluster.provider == "kwok" else {Mode.HELM}
    rendered = (
        (platform.monitoring, monitoring.values),
        (platform.prometheus_adapter, prometheus_adapter.values),
        (platform.traefik, traefik.values),
    )
    return [
        Document(overlaid(values(platform, on), add_on.overrides), release=add_on.release, namespace=add_on.namespace)
        for add_on, values in rendered
        if add_on.mode in ours
    ]
