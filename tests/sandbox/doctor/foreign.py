"""What a company's cluster has before this project comes to it: objects of nobody that Helm of ours made."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
_NOWHERE = {"namespace": "company", "name": "nobody"}


def api_service(group: str, *, release: tuple[str, str] | None = None) -> Object:
    """An API whose server does not run. `release` is namespace and name of the Helm release that is to have made it."""
    marks = {"meta.helm.sh/release-namespace": release[0], "meta.helm.sh/release-name": release[1]} if release else {}
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1beta1.{group}", "annotations": marks},
        "spec": {
            "group": group,
            "version": "v1beta1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": _NOWHERE,
        },
    }


DEFAULT_CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "company", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
    "spec": {"controller": "example.com/company"},
}

_PLUGIN = {"app": "nvidia-device-plugin"}
DEVICE_PLUGIN = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "nvidia-device-plugin-daemonset", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": _PLUGIN},
        "template": {
            "metadata": {"labels": _PLUGIN},
            "spec": {
                "nodeSelector": {"company.example.com/gpu": "true"},
                "containers": [{"name": "plugin", "image": "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"}],
                "volumes": [{"name": "sockets", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}],
            },
        },
    },
}

PROMETHEUS_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "prometheuses.monitoring.coreos.com"},
    "spec": {
        "group": "monitoring.coreos.com",
        "scope": "Namespaced",
        "names": {"kind": "Prometheus", "plural": "prometheuses", "singular": "prometheus"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
_SELECTED = {"matchLabels": {"release": "company"}}
PROMETHEUS = {
    "apiVersion": "monitoring.coreos.com/v1",
    "kind": "Prometheus",
    "metadata": {"name": "company", "namespace": "company"},
    "spec": {
        "podMonitorSelector": _SELECTED,
        "ruleSelector": _SELECTED,
        "podMonitorNamespaceSelector": {},
        "ruleNamespaceSelector": {},
    },
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "company"}}
