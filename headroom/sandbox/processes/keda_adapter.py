"""KEDA's metrics server: serves what the operator's scalers measure as the API external.metrics.k8s.io."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, environment: Mapping[str, str]) -> Process:
    """`environment`: what the Helm values say."""
    kubeconfig = layout.kubeconfig_of("keda-adapter")
    return Process(
        name="keda-adapter",
        argv=(
            str(binary),
            f"--lister-kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--bind-address={HOST}",
            f"--secure-port={PORTS['keda-adapter']}",
            f"--cert-dir={layout.keda_certificates}",
            f"--tls-cert-file={layout.certificate('keda')}",
            f"--tls-private-key-file={layout.key('keda')}",
            f"--client-ca-file={layout.certificate('ca')}",
            # The name in the operator's certificate.
            f"--metrics-service-address=localhost:{PORTS['keda-metrics-service']}",
            f"--port={PORTS['keda-adapter-metrics']}",
        ),
        env={"KUBECONFIG": str(kubeconfig), **environment},
        needs=("keda-operator",),
        ready=inside_url("keda-adapter", "/readyz"),
        reads=(layout.certificate("keda"),),
    )
