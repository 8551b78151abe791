"""The API server, with RBAC, the default admission plugins and the aggregation layer."""

from __future__ import annotations

from pathlib import Path

from headroom.sandbox.layout import HOST, PORTS, SERVICE_NETWORK, Layout, inside_url
from headroom.sandbox.process import Process

ISSUER = "https://kubernetes.default.svc.cluster.local"


def describe(layout: Layout, binary: Path) -> Process:
    return Process(
        name="kube-apiserver",
        argv=(
            str(binary),
            f"--etcd-servers={inside_url('etcd')}",
            # Of the sandbox's own namespace: pods reach it at the address of the Service `kubernetes`.
            "--bind-address=0.0.0.0",
            f"--secure-port={PORTS['kube-apiserver']}",
            # Without a default route it finds no address to advertise, and a loopback one may not become an endpoint.
            f"--advertise-address={HOST}",
            "--endpoint-reconciler-type=none",
            f"--service-cluster-ip-range={SERVICE_NETWORK}",
            "--allow-privileged=true",
            "--profiling=false",
            f"--tls-cert-file={layout.certificate('kube-apiserver')}",
            f"--tls-private-key-file={layout.key('kube-apiserver')}",
            f"--client-ca-file={layout.certificate('ca')}",
            f"--kubelet-certificate-authority={layout.certificate('ca')}",
            f"--kubelet-client-certificate={layout.certificate('kube-apiserver-kubelet-client')}",
            f"--kubelet-client-key={layout.key('kube-apiserver-kubelet-client')}",
            "--kubelet-preferred-address-types=InternalIP",
            "--authorization-mode=Node,RBAC",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-key-file={layout.pki / 'service-accounts.pub'}",
            f"--service-account-signing-key-file={layout.key('service-accounts')}",
            f"--proxy-client-cert-file={layout.certificate('front-proxy-client')}",
            f"--proxy-client-key-file={layout.key('front-proxy-client')}",
            f"--requestheader-client-ca-file={layout.certificate('front-proxy-ca')}",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        ),
        # Collecting garbage is an eighth of its work: a third of a gigabyte more spares most of that.
        env={"GOGC": "400"},
        needs=("etcd",),
        ready=inside_url("kube-apiserver", "/readyz"),
    )
