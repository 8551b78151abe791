"""Elastic Fabric Adapters by machine type of EC2.

Sources: aws/karpenter-provider-aws 1.14.1 website/content/en/preview/reference/instance-types.md (vpc.amazonaws.com/efa) and
pkg/providers/instancetype/zz_generated.vpclimits.go (network cards); awsdocs/amazon-eks-user-guide latest/ug/ml/node-efa.adoc (huge
pages: what a node has, and what a pod with all of its adapters asks for).
"""

from __future__ import annotations

from collections.abc import Mapping

EFA_RESOURCE, HUGE_PAGES_RESOURCE = "vpc.amazonaws.com/efa", "hugepages-2Mi"
HUGE_PAGES_MIB = 10256
"""Memory that a node with adapters sets apart when it starts, in pages of 2 MiB: nobody else gets it."""
HUGE_PAGES_ASKED_MIB = 5120
"""Of it what the buffers of all adapters of a node take."""

_ONE = (
    *(f"g4dn.{size}xlarge" for size in (8, 12, 16)),
    *(f"g5.{size}xlarge" for size in (8, 12, 16, 24, 48)),
    *(f"g6.{size}xlarge" for size in (8, 12, 16, 24, 48)),
    *(f"g6e.{size}xlarge" for size in (8, 12, 16)),
    *(f"g7.{size}xlarge" for size in (8, 12, 24)),
    *(f"g7e.{size}xlarge" for size in (8, 12)),
    "gr6.8xlarge",
    "p3dn.24xlarge",
    "p5.4xlarge",
)

EFAS: Mapping[str, int] = {
    **dict.fromkeys(_ONE, 1),
    "g6e.24xlarge": 2,
    "g6e.48xlarge": 4,
    "g7.48xlarge": 2,
    "g7e.24xlarge": 2,
    "g7e.48xlarge": 4,
    "p4d.24xlarge": 4,
    "p4de.24xlarge": 4,
    "p5.48xlarge": 32,
    "p5e.48xlarge": 32,
    "p5en.48xlarge": 16,
    "p6-b200.48xlarge": 8,
    "p6-b300.48xlarge": 16,
}
"""How many each machine type has, one on each network card; the others have none."""

FIRST_CARD_WITHOUT = frozenset({"p6-b300.48xlarge"})
"""Machine types whose first network card has none: it has one card more than adapters."""
