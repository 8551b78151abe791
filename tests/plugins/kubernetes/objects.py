"""Small Kubernetes objects for tests."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def config_map(name: str | None = "c", data: dict[str, Any] | None = None, namespace: str = "ns", **metadata: Any) -> Object:
    named = {"name": name} if name else {}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, **named, **metadata},
        "data": {"a": "1"} if data is None else data,
    }


def deployment(name: str | None = "d", namespace: str = "ns", *, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """`spec` overrides the Deployment's spec."""
    labels = {"app": name or "auto"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "img:1"}]}}
    metadata: Object = {"namespace": namespace, **({"name": name} if name else {}), **({"annotations": annotations} if annotations else {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def with_container(deployment: Object, **fields: Any) -> Object:
    """The Deployment with these fields in its one container."""
    spec = deployment["spec"]
    [container] = spec["template"]["spec"]["containers"]
    pod = {**spec["template"]["spec"], "containers": [{**container, **fields}]}
    return {**deployment, "spec": {**spec, "template": {**spec["template"], "spec": pod}}}
