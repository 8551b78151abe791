"""The controllers of Kubernetes itself, the HorizontalPodAutoscaler's among them, at the sandbox's quick periods."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox import periods
from headroom.sandbox.layout import HOST, PORTS, Layout, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path) -> Process:
    return Process(
        name="kube-controller-manager",
        argv=(
            str(binary),
            f"--kubeconfig={layout.kubeconfig_of('kube-controller-manager')}",
            f"--bind-address={HOST}",
            f"--secure-port={PORTS['kube-controller-manager']}",
            f"--tls-cert-file={layout.certificate('localhost')}",
            f"--tls-private-key-file={layout.key('localhost')}",
            "--leader-elect=false",
            f"--root-ca-file={layout.certificate('ca')}",
            f"--service-account-private-key-file={layout.key('service-accounts')}",
            "--use-service-account-credentials=true",
            *periods.flags(),
        ),
        needs=("kube-apiserver",),
        ready=inside_url("kube-controller-manager", "/healthz"),
    )
