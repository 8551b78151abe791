"""prometheus-adapter (chart 5.3.0): two generic rules serve every signal of every server, now and later.

Source of the keys: prometheus-community/helm-charts charts/prometheus-adapter values.yaml and templates; of the rules' form:
kubernetes-sigs/prometheus-adapter docs/config.md; of the flags: its cmd/adapter/adapter.go.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace

from headroom.catalog import charts
from headroom.catalog.distributions import GKE, Distribution
from headroom.catalog.names import (
    APP_INSTANCE,
    APP_MANAGED_BY,
    APP_NAME,
    MANAGER,
    NAMESPACE_LABEL,
    POD_LABEL,
    SERIES_PREFIX,
    SERVER_LABEL,
    content_name,
)
from headroom.desired.objects import Object, duration, obj
from headroom.desired.platform import placement
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.desired.platform.keda import KUBELET_PORT
from headroom.desired.platform.prometheus import endpoint
from headroom.desired.serving import CredentialUse, Uses
from headroom.settings.platform import Mode, Monitoring, Platform
from headroom.settings.platform.access import Access
from headroom.settings.stack import Stack

_MOUNTED = "/etc/prometheus-access"
_KUBECONFIG = "kubeconfig"
_TOKEN = "token"


def values(platform: Platform, on: Distribution) -> Object:
    """Values of the chart: where Prometheus is, how often series are listed, and which become metrics of pods and of Services."""
    monitoring, release = platform.monitoring, platform.prometheus_adapter.release
    where = endpoint(monitoring)
    return {
        "fullnameOverride": release,
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        **placement.pods(platform),
        "topologySpreadConstraints": placement.apart({APP_NAME: "prometheus-adapter", APP_INSTANCE: release}),
        **({"listenPort": KUBELET_PORT} if on is GKE else {}),
        # Without a port of its own the chart writes none.
        "prometheus": {"url": where.origin, "port": where.port or 0, "path": where.path},
        "metricsRelistInterval": duration(monitoring.scrape_interval),
        "extraArguments": [
            # A series is offered as long as it appeared within this time: a few scrapes, so that a missed one does not withdraw it.
            f"--metrics-max-age={duration(max(30, 4 * monitoring.scrape_interval))}",
            *(f"--prometheus-header={name}={value}" for name, value in monitoring.access.headers.items()),
            *([f"--prometheus-auth-config={_MOUNTED}/{_KUBECONFIG}"] if _has_login(monitoring.access) else []),
        ],
        **(_mounted(platform) if _has_login(monitoring.access) else {}),
        "rules": {
            "default": False,
            "custom": [_rule("pod", POD_LABEL, "pod", monitoring), _rule("server", SERVER_LABEL, "service", monitoring)],
            "external": [],
        },
    }


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    adapter, access = platform.prometheus_adapter, platform.monitoring.access
    found = installed("prometheusAdapter", charts.PROMETHEUS_ADAPTER, adapter, values(platform, on), stack, needs=("monitoring",))
    if adapter.mode is not Mode.HELM or not _has_login(access):
        return found
    data, uses = _login(access)
    secret = obj(
        "v1",
        "Secret",
        _secret_name(platform),
        namespace=adapter.namespace,
        labels={APP_MANAGED_BY: MANAGER},
        type="Opaque",
        stringData=data,
    )
    return replace(found, objects={"access": secret}, credentials={"access": uses} if uses else {})


def _rule(level: str, label: str, resource: str, monitoring: Monitoring) -> Object:
    return {
        "seriesQuery": f'{{__name__=~"^{SERIES_PREFIX}.+:{level}$",{NAMESPACE_LABEL}!="",{label}!=""}}',
        "resources": {"overrides": {NAMESPACE_LABEL: {"resource": "namespace"}, label: {"resource": resource}}},
        "name": {"matches": "^(.*)$", "as": "$1"},
        # A recorded series has one element per object: any aggregation gives its value. A plain selector would still give the last
        # sample five minutes after it, as after a restart of Prometheus.
        "metricsQuery": f"max(last_over_time(<<.Series>>{{<<.LabelMatchers>>}}[{duration(monitoring.freshness)}])) by (<<.GroupBy>>)",
    }


def _has_login(access: Access) -> bool:
    """Whether there is more to show than headers, which are plain arguments."""
    return bool(access.credentials or access.ca)


def _mounted(platform: Platform) -> Object:
    volume = "prometheus-access"
    return {
        "extraVolumes": [{"name": volume, "secret": {"secretName": _secret_name(platform)}}],
        "extraVolumeMounts": [{"name": volume, "mountPath": _MOUNTED, "readOnly": True}],
    }


def _secret_name(platform: Platform) -> str:
    """Another one when anything but a secret changes: the adapter reads its kubeconfig once."""
    data, _ = _login(platform.monitoring.access)
    return content_name(f"{platform.prometheus_adapter.release}-access", data)


def _login(access: Access) -> tuple[dict[str, str], Uses]:
    """The keys of the Secret, and what is filled into them.

    A kubeconfig is the one form in which the adapter takes everything: it has no flag for basic authentication, with a CA by flag it
    reads no kubeconfig, and a token that it is told by flag it reads once and for ever, while a kubeconfig's tokenFile is read again.
    """
    uses: dict[str, CredentialUse] = {}
    user: Object = {}
    if access.token:
        uses[_TOKEN] = CredentialUse(access.token)
        # Relative paths are those from the kubeconfig's directory.
        user = {"tokenFile": _TOKEN}
    elif access.user and access.password:
        user = {"username": access.user, "password": CredentialUse(access.password).shown}
    kubeconfig = json.dumps(_kubeconfig(user, access.ca))
    if access.password:
        uses[_KUBECONFIG] = CredentialUse(access.password, "within", document=kubeconfig)
    return {**{key: use.shown for key, use in uses.items()}, _KUBECONFIG: kubeconfig}, uses


def _kubeconfig(user: Object, ca: str | None) -> Object:
    """The address in it goes unused: the adapter asks at --prometheus-url."""
    name = "prometheus"
    authority = {"certificate-authority-data": base64.b64encode(ca.encode()).decode()} if ca else {}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": "https://prometheus", **authority}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
