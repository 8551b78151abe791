"""kube-prometheus-stack (chart 88.5.3), and before it the chart of its custom resource definitions.

Source of the keys: prometheus-community/helm-charts charts/kube-prometheus-stack values.yaml and templates, and
charts/prometheus-operator-crds values.yaml.
"""

from __future__ import annotations

from dataclasses import replace

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.catalog.names import APP_MANAGED_BY, DASHBOARD_LABEL, MANAGER
from headroom.desired.objects import Object, duration
from headroom.desired.platform import alertmanager, placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.prometheus import endpoint
from headroom.desired.serving import CredentialUse, Uses, secrets
from headroom.settings.capacity import quantity
from headroom.settings.platform import Mode, Monitoring, Platform
from headroom.settings.platform.monitoring import Storage
from headroom.settings.stack import Stack

_HIDDEN_BY_CLOUDS = {
    "kubeControllerManager": ("kubeControllerManager",),
    "kubeScheduler": ("kubeSchedulerAlerting", "kubeSchedulerRecording"),
    "kubeEtcd": ("etcd",),
    "kubeProxy": ("kubeProxy",),
}
"""Scrapes of the control plane, and the groups of rules that would fire without them."""

_DEFINITIONS: Object = {
    # Removing the definitions would remove every monitor and rule of the cluster with them, others' too.
    "crds": {"annotations": {"helm.sh/resource-policy": "keep"}}
}

_ADMIN = "admin"
_FULL = 0.8
"""Share of a volume that samples may take: the log of what is not yet compacted comes on top, and a full volume stops Prometheus
(https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size)."""


def values(platform: Platform, on: Distribution) -> Object:
    """Values with which Prometheus finds every monitor and rule of the cluster and evaluates as often as it scrapes."""
    monitoring = platform.monitoring
    pods = placement.pods(platform)
    return {
        "fullnameOverride": monitoring.release,
        "cleanPrometheusOperatorObjectNames": True,
        # A release of their own brings them: Helm would never upgrade what it installs beside a chart.
        "crds": {"enabled": False},
        **_control_plane(on),
        **_dns(on),
        "prometheus": {"prometheusSpec": {**_prometheus(monitoring), **pods}, "podDisruptionBudget": _budget(monitoring)},
        "alertmanager": _alertmanager(monitoring, pods),
        "grafana": _grafana(monitoring, pods),
        "prometheusOperator": {**pods, "admissionWebhooks": {"patch": pods}},
        # Otherwise its series are those of the namespace that it runs in, and the objects' own is called exported_namespace.
        "kube-state-metrics": {"prometheus": {"monitor": {"honorLabels": True}}, **pods},
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for: two releases, and the Secrets that they read."""
    platform, monitoring = stack.platform, stack.platform.monitoring
    # The exporter of the nodes' own series reads them from the host.
    found = installed(
        "monitoring",
        charts.KUBE_PROMETHEUS_STACK,
        monitoring,
        values(platform, stack.cluster.runs_on),
        stack,
        pod_security="privileged",
    )
    uses = _secrets(monitoring)
    found = replace(found, objects={role: _secret(monitoring, role, keys) for role, keys in uses.items()}, credentials=uses)
    if monitoring.mode is not Mode.HELM:
        return found
    (prometheus,) = found.releases
    definitions = replace(
        prometheus,
        chart=charts.PROMETHEUS_OPERATOR_CRDS,
        name=f"{monitoring.release}-crds",
        values=_DEFINITIONS,
        brings_definitions=True,
    )
    return replace(found, releases=(definitions, replace(prometheus, skip_definitions=True)))


def _control_plane(on: Distribution) -> Object:
    if on.control_plane_scraped:
        return {}
    rules = {group: False for groups in _HIDDEN_BY_CLOUDS.values() for group in groups}
    return {**{scrape: {"enabled": False} for scrape in _HIDDEN_BY_CLOUDS}, "defaultRules": {"rules": rules}}


def _dns(on: Distribution) -> Object:
    return {"coreDns": {"enabled": on.dns == "coredns"}, "kubeDns": {"enabled": on.dns == "kube-dns"}}


def _prometheus(monitoring: Monitoring) -> Object:
    interval = duration(monitoring.scrape_interval)
    selectors = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")
    return {
        "replicas": monitoring.replicas,
        "scrapeInterval": interval,
        "evaluationInterval": interval,
        "retention": monitoring.retention,
        **(_volume(monitoring.storage) if monitoring.storage else {}),
        # Otherwise only monitors that carry the release's label are seen, and the others are skipped without a word.
        **{f"{kind}SelectorNilUsesHelmValues": False for kind in selectors},
    }


def _volume(storage: Storage) -> Object:
    claim = {
        **({"storageClassName": storage.storage_class} if storage.storage_class else {}),
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": storage.size}},
    }
    return {
        "retentionSize": f"{int(quantity(storage.size) * _FULL / 2**20)}MiB",
        "storageSpec": {"volumeClaimTemplate": {"spec": claim}},
    }


def _budget(monitoring: Monitoring) -> Object:
    """A single one must be free to move: a budget would keep its node from ever being drained."""
    return {"enabled": monitoring.replicas > 1}


def _alertmanager(monitoring: Monitoring, pods: Object) -> Object:
    found = {"alertmanagerSpec": {"replicas": monitoring.replicas, **pods}, "podDisruptionBudget": _budget(monitoring)}
    if not monitoring.receivers:
        return found
    secret = _secret_name(monitoring, "receivers")
    if alertmanager.credentials(monitoring.receivers):
        found["alertmanagerSpec"]["secrets"] = [secret]
    return {**found, "config": alertmanager.configuration(monitoring.receivers, secret)}


def _grafana(monitoring: Monitoring, pods: Object) -> Object:
    if monitoring.grafana.mode == "none":
        return {"enabled": False}
    ((label, value),) = DASHBOARD_LABEL.items()
    return {
        "enabled": True,
        **pods,
        "admin": {"existingSecret": _secret_name(monitoring, "grafana-admin"), "userKey": "admin-user", "passwordKey": "admin-password"},
        "sidecar": {
            "dashboards": {"enabled": True, "label": label, "labelValue": value, "searchNamespace": "ALL"},
            "datasources": {"url": f"{endpoint(monitoring).url}/"},
        },
    }


def _secrets(monitoring: Monitoring) -> dict[str, Uses]:
    """What is filled in, by role and key."""
    found: dict[str, Uses] = {"receivers": alertmanager.credentials(monitoring.receivers)}
    if monitoring.mode is Mode.HELM and monitoring.grafana.mode == "helm":
        found["grafana-admin"] = {"admin-password": CredentialUse(monitoring.grafana.password)}
    return {role: uses for role, uses in found.items() if uses}


def _secret(monitoring: Monitoring, role: str, uses: Uses) -> Object:
    known = {"admin-user": _ADMIN} if role == "grafana-admin" else {}
    return secrets.secret(monitoring.release, monitoring.namespace, {APP_MANAGED_BY: MANAGER}, role, uses, known)


def _secret_name(monitoring: Monitoring, role: str) -> str:
    return f"{monitoring.release}-{role}"
