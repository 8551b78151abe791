"""What the nodes of a pool are told alike, whoever makes them."""

from __future__ import annotations

from headroom.catalog.names import DEVICE_PLUGIN_CONFIG_LABEL, MIG_CONFIG_LABEL, mig_config
from headroom.settings.sharing import Sharing

EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
"""Of taints, as the APIs of EKS and GKE call them."""


def sharing_labels(sharing: Sharing) -> dict[str, str]:
    """Labels by which a node's MIG manager or device plugin knows how its GPUs are shared."""
    if sharing.profile:
        return {MIG_CONFIG_LABEL: mig_config(sharing.profile)}
    return {DEVICE_PLUGIN_CONFIG_LABEL: sharing.configuration} if sharing.replicas else {}
