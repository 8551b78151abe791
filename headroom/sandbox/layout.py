"""Where the sandbox keeps its files, and the fixed addresses that its processes have inside the network namespace."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from headroom.paths import Clone

HOST = "127.0.0.1"
POD_NETWORK = "10.244.0.0/16"
POD_BRIDGE = "pods0"
POD_GATEWAY = "10.244.0.1"
NODE_NETWORK = "10.244.0.0/24"
# The gateway has the first.
NODE_ADDRESSES = tuple(str(host) for host in list(IPv4Network(NODE_NETWORK).hosts())[1:])
SERVICE_NETWORK = "10.96.0.0/16"
# Of the Service `kubernetes`, the first of that network: the one ClusterIP that leads somewhere.
API_ADDRESS = "10.96.0.1"
CLUSTER_DOMAIN = "cluster.local"

PORTS = {
    "etcd": 2379,
    "etcd-peers": 2380,
    "kube-apiserver": 6443,
    "kube-controller-manager": 10257,
    "kube-scheduler": 10259,
    "kwok": 10247,
    "kubelet": 10250,
    "kubelet-health": 10248,
    "dns": 53,
    "dns-health": 8054,
    "prometheus-operator": 8185,
    "prometheus-adapter": 6445,
    "prometheus": 9090,
    "keda-operator": 8181,
    "keda-operator-metrics": 8180,
    "keda-metrics-service": 9666,
    "keda-adapter": 6444,
    "keda-adapter-metrics": 8182,
    "metrics-server": 4443,
    "lws": 8186,
    "lws-webhooks": 9443,
    "karpenter": 8187,
    "karpenter-metrics": 8188,
    "reloader": 9533,
    "alertmanager": 9093,
    "alertmanager-reloader": 9534,
    "traefik": 8080,
    "kube-state-metrics": 8081,
    "kube-state-metrics-telemetry": 8083,
}

SECURE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "prometheus-adapter", "keda-adapter", "metrics-server")
SCHEMES: dict[str, str] = dict.fromkeys(SECURE, "https")

# What the gateway makes reachable from outside the namespace.
FORWARDED = ("kube-apiserver", "prometheus")


def address(name: str) -> str:
    """`host:port` of a process inside the namespace."""
    return f"{HOST}:{PORTS[name]}"


def inside_url(name: str, path: str = "") -> str:
    return f"{SCHEMES.get(name, 'http')}://{address(name)}{path}"


def exposed_url(name: str, path: str = "") -> str:
    """Of a process that listens where an Endpoints object may lead: the API server refuses loopback addresses there."""
    return f"http://{POD_GATEWAY}:{PORTS[name]}{path}"


@dataclass(frozen=True)
class Layout:
    """The files of one clone's sandbox, all below `.headroom/sandbox`; the lock lies beside it, so that `down` can remove it whole."""

    clone: Clone

    @property
    def root(self) -> Path:
        return self.clone.sandbox

    @property
    def lock(self) -> Path:
        return self.root.with_suffix(".lock")

    @property
    def mark(self) -> str:
        """What `HEADROOM_SANDBOX` holds in the environment of every process of this sandbox."""
        return str(self.clone.root)

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def kubeconfig(self) -> Path:
        """The administrator, by the gateway's port: for tools outside the namespace."""
        return self.clone.kubeconfig

    @property
    def inside_kubeconfig(self) -> Path:
        """The administrator, for tools inside the namespace."""
        return self.root / "inside.kubeconfig"

    def kubeconfig_of(self, identity: str) -> Path:
        return self.root / "kubeconfigs" / identity

    def certificate(self, name: str) -> Path:
        return self.pki / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.pki / f"{name}.key"

    @property
    def etcd(self) -> Path:
        return self.root / "etcd"

    @property
    def ports(self) -> Path:
        """The ports outside, by name, remembered from one start to the next."""
        return self.root / "ports.json"

    @property
    def whole(self) -> Path:
        """There once an `up` has come to its end, and until the next one begins."""
        return self.root / "whole"

    def record(self, process: str) -> Path:
        return self.root / "processes" / f"{process}.json"

    def log(self, process: str) -> Path:
        return self.root / "logs" / f"{process}.log"

    def previous_log(self, process: str) -> Path:
        """The log of the process before the present one."""
        return self.root / "logs" / f"{process}.previous.log"

    @property
    def definitions(self) -> Path:
        """Digests of the custom resource definitions that the API server has, a file each."""
        return self.root / "definitions"

    def definition(self, name: str) -> Path:
        """The digest of one, `podmonitors.monitoring.coreos.com`."""
        return self.definitions / name

    def objects(self, addon: str) -> Path:
        """The URL paths of the objects that an add-on put into the cluster, as a JSON list."""
        return self.root / "objects" / f"{addon}.json"

    @property
    def kubelet(self) -> Path:
        """The files of pods."""
        return self.root / "kubelet"

    @property
    def monitoring(self) -> Path:
        """Prometheus' configuration, rules and data."""
        return self.root / "monitoring"

    @property
    def prometheus_arguments(self) -> Path:
        """The arguments that the operator wants Prometheus to have, as a JSON list."""
        return self.monitoring / "arguments.json"

    @property
    def alertmanager(self) -> Path:
        """Alertmanager's configuration, the secrets that it reads, and data."""
        return self.root / "alertmanager"

    @property
    def alertmanager_arguments(self) -> Path:
        """The arguments that the operator wants Alertmanager to have, as a JSON list."""
        return self.alertmanager / "arguments.json"

    @property
    def hosts(self) -> Path:
        """Names of Services and where they lead, for processes that meet such names in the cluster's objects."""
        return self.root / "hosts"

    @property
    def keda_certificates(self) -> Path:
        """The directory that KEDA's two processes know each other by."""
        return self.root / "keda"

    @property
    def lws(self) -> Path:
        """The configuration of the LeaderWorkerSet controller and what its webhooks serve with."""
        return self.root / "lws"

    @property
    def adapter_config(self) -> Path:
        return self.root / "prometheus-adapter.yaml"

    @property
    def instance_types(self) -> Path:
        """The machines that Karpenter may make."""
        return self.root / "instance-types.json"

    @property
    def out_of_stock(self) -> Path:
        """The capacity types that it gets none of: `spot`, `on-demand`. A user's file, read by `up`."""
        return self.root / "out-of-stock"
