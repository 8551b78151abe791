"""prometheus-adapter: serves recorded series as the API custom.metrics.k8s.io."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.process import Process

CERTIFICATE = "prometheus-adapter-serving"


def describe(layout: Layout, binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: what the Helm values say of Prometheus and of the periods."""
    kubeconfig = layout.kubeconfig_of("prometheus-adapter")
    return Process(
        name="prometheus-adapter",
        argv=(
            str(binary),
            f"--lister-kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--bind-address={HOST}",
            f"--secure-port={PORTS['prometheus-adapter']}",
            f"--tls-cert-file={layout.certificate(CERTIFICATE)}",
            f"--tls-private-key-file={layout.key(CERTIFICATE)}",
            f"--client-ca-file={layout.certificate('ca')}",
            f"--config={layout.adapter_config}",
            *arguments,
        ),
        needs=("identities",),
        ready=inside_url("prometheus-adapter", "/readyz"),
        reads=(layout.adapter_config, layout.certificate(CERTIFICATE)),
    )
