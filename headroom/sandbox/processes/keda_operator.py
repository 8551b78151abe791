"""KEDA's operator: makes an autoscaler of each ScaledObject, asks the scalers, and wakes what stands at zero."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headroom.sandbox.layout import POD_GATEWAY, PORTS, Layout, address, inside_url
from headroom.sandbox.process import Process


def describe(layout: Layout, binary: Path, environment: Mapping[str, str]) -> Process:
    """`environment`: what the Helm values say."""
    return Process(
        name="keda-operator",
        argv=(
            str(binary),
            f"--cert-dir={layout.keda_certificates}",
            f"--metrics-service-bind-address={address('keda-metrics-service')}",
            f"--metrics-bind-address={POD_GATEWAY}:{PORTS['keda-operator-metrics']}",
            f"--health-probe-bind-address={address('keda-operator')}",
            "--zap-encoder=console",
        ),
        env={"KUBECONFIG": str(layout.kubeconfig_of("keda-operator")), **environment},
        needs=("identities", "keda"),
        ready=inside_url("keda-operator", "/readyz"),
        # Triggers name their Prometheus by its Service.
        hosts=layout.hosts,
        reads=(layout.hosts,),
    )
