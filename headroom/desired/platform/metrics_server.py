"""metrics-server (chart 3.13.1): owner of the API metrics.k8s.io.

Source of the keys: kubernetes-sigs/metrics-server charts/metrics-server/values.yaml; of the flags: its cmd/metrics-server/app/options.
"""

from __future__ import annotations

from headroom.desired.objects import Object, duration

NAMESPACE = "kube-system"
# Shorter is refused.
_RESOLUTION_SECONDS = 15


def values() -> Object:
    """Values with which usage is at most a quarter of a minute old; the chart's list of flags is given whole, as lists replace lists."""
    return {
        "defaultArgs": [
            "--cert-dir=/tmp",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--kubelet-use-node-status-port",
            f"--metric-resolution={duration(_RESOLUTION_SECONDS)}",
        ],
    }
