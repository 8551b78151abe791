"""A pool of nodes that KWOK plays."""

from collections.abc import Sequence

import pulumi

from components.objects import apply
from headroom.desired.objects import Object


class KwokPool(pulumi.ComponentResource):
    """The nodes of one pool; `spec` is what `headroom.desired.pools.kwok_nodes` renders."""

    def __init__(self, name: str, spec: Sequence[Object], *, opts: pulumi.ResourceOptions | None = None):
        super().__init__("headroom:cluster:KwokPool", name, {}, opts)
        for node in spec:
            apply(node["metadata"]["name"], node, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"nodes": len(spec)})
