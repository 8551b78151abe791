"""metrics-server: asks the kubelets for CPU and memory and serves them as the API metrics.k8s.io."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.process import Process

CERTIFICATE = "metrics-server-serving"


def describe(layout: Layout, binary: Path, arguments: Sequence[str]) -> Process:
    """`arguments`: the flags that the Helm values give."""
    kubeconfig = layout.kubeconfig_of("metrics-server")
    return Process(
        name="metrics-server",
        argv=(
            str(binary),
            *arguments,
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--bind-address={HOST}",
            f"--secure-port={PORTS['metrics-server']}",
            f"--tls-cert-file={layout.certificate(CERTIFICATE)}",
            f"--tls-private-key-file={layout.key(CERTIFICATE)}",
            f"--client-ca-file={layout.certificate('ca')}",
            f"--kubelet-certificate-authority={layout.certificate('ca')}",
        ),
        needs=("identities", "nodes"),
        # It calls itself ready only after its first scrapes, which the API need not wait for.
        ready=inside_url("metrics-server", "/livez"),
        reads=(layout.certificate(CERTIFICATE),),
    )
