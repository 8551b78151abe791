"""Stacks and what becomes of them, put together small: for reports of every kind of change."""

from __future__ import annotations

from typing import Any

from headroom.report.changes import Level, Op, PropertyChange, PropertyOp, Report, StackChanges, Step, Violation
from headroom.report.price import PoolPrice
from headroom.settings.pool import Capacity
from headroom.wiring import Finding, Severity
from headroom.wiring.document import ObjectRef, Place

Body = dict[str, Any]
IMAGE = "vllm/vllm-openai:v0.10.1"
SECRET = "sk-not-a-real-key-0123456789abcdef"
BLINDED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAAA"}


def labels(server: str) -> Body:
    return {"app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": server, "app.kubernetes.io/managed-by": "headroom"}


def meta(name: str, server: str | None = None) -> Body:
    return {"name": name, "namespace": "chat", **({"labels": labels(server)} if server else {})}


def workload(
    server: str = "llama-8b", *, image: str = "vllm/vllm-openai:v0.10.1", gpus: int = 4, rollout: str = "RollingUpdate", **more: Any
) -> Body:
    container = {
        "name": "vllm",
        "image": image,
        "args": more.get("args", ["--model=Qwen/Qwen3-8B"]),
        "env": more.get("env", []),
        "resources": {"limits": {"nvidia.com/gpu": str(gpus)}, "requests": {"cpu": "4", "nvidia.com/gpu": str(gpus)}},
        "startupProbe": {"periodSeconds": 10, "failureThreshold": 60},
        "lifecycle": {"preStop": {"sleep": {"seconds": 30}}},
    }
    pod = {"nodeSelector": {"headroom.dev/pool": "l4"}, "containers": [container], **more.get("pod", {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(server, server),
        "spec": {"strategy": {"type": rollout}, "template": {"metadata": {"labels": labels(server)}, "spec": pod}},
    }


def hpa(server: str = "llama-8b", *, least: int = 1, most: int = 6) -> Body:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": meta(server, server),
        "spec": {"minReplicas": least, "maxReplicas": most},
    }


def scaled_object(server: str = "llama-8b", *, least: int = 1, most: int = 6) -> Body:
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": meta(server, server),
        "spec": {"minReplicaCount": least, "maxReplicaCount": most},
    }


def rules(server: str = "llama-8b", **targets: str) -> Body:
    recorded = [{"record": f"headroom:{name}:target", "expr": f"vector({value})"} for name, value in targets.items()]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": meta(server, server),
        "spec": {"groups": [{"name": f"headroom.chat.{server}", "rules": recorded}]},
    }


def claim(size: str = "200Gi", storage: str = "gp3") -> Body:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta("llama-8b-cache", "llama-8b"),
        "spec": {"storageClassName": storage, "resources": {"requests": {"storage": size}}},
    }


def node_group(machine: str = "g6.2xlarge", *, least: int = 1, most: int = 6, pool: str = "l4") -> Body:
    return {
        "nodeGroupName": f"{pool}-{machine}",
        "capacityType": "ON_DEMAND",
        "instanceTypes": [machine],
        "scalingConfig": {"minSize": least, "maxSize": most, "desiredSize": least},
        "labels": {"headroom.dev/pool": pool},
    }


def release(version: str = "77.1.0", retention: str = "10d") -> Body:
    values = {"prometheus": {"prometheusSpec": {"retention": retention}}}
    return {"name": "monitoring", "namespace": "monitoring", "chart": "kube-prometheus-stack", "version": version, "values": values}


def step(before: Body | None, after: Body | None, *, op: Op | None = None, token: str = "", name: str = "", **more: Any) -> Step:
    body = after or before or {}
    version = str(body.get("apiVersion", ""))
    told = op or (Op.CREATE if before is None else Op.DELETE if after is None else Op.SAME if before == after else Op.UPDATE)
    kind = token or f"kubernetes:{version if '/' in version else f'core/{version}'}:{body['kind']}"
    called = name or body["metadata"]["name"]
    return Step(told, f"urn:pulumi:prod::headroom::{kind}::{called}", kind, called, before, after, **more)


def group_step(before: Body | None, after: Body | None, **more: Any) -> Step:
    return step(before, after, token="aws:eks/nodeGroup:NodeGroup", name="l4", **more)


def replaced(path: str) -> tuple[PropertyChange, ...]:
    return (PropertyChange(path, PropertyOp.UPDATE, replaces=True),)


def row(machine: str = "g6.2xlarge", *, least: int = 1, most: int = 6, hourly: float | None = 1.0, **more: Any) -> PoolPrice:
    told = {"capacity": Capacity.ON_DEMAND, "falls_back": False, "warm_nodes": 0, "spot": None, "played": False, **more}
    return PoolPrice("l4", machine, min_nodes=least, max_nodes=most, on_demand=hourly, source="a list, 2026-11-01", **told)


PLACE = Place(ObjectRef("autoscaling/v2", "HorizontalPodAutoscaler", "chat", "llama-8b"), "stacks/Pulumi.prod.yaml", 14)
SERVER = Place(ObjectRef("apps/v1", "Deployment", "chat", "llama-8b"), "stacks/Pulumi.prod.yaml", 9)


def finding(severity: Severity = Severity.ERROR, message: str = "nobody serves headroom:queue_time_seconds:server") -> Finding:
    return Finding("hpa-metric-not-served", severity, PLACE, message, "install prometheus-adapter", "docs/checks/hpa-metric-not-served.md")


PROD = StackChanges(
    "prod",
    steps=(
        group_step(node_group(), node_group("g6e.2xlarge", most=10), op=Op.REPLACE, changes=replaced("nodeGroupName")),
        step(release(), release("78.0.0", "15d"), token="kubernetes:helm.sh/v3:Release", name="monitoring", op=Op.UPDATE),
        step(workload(gpus=4), workload(gpus=8, image="vllm/vllm-openai:v0.10.2", env=[{"name": "API_KEY", "value": SECRET}])),
        step(rules(requests_waiting="2", queue_time_seconds="0.5"), rules(requests_waiting="4", queue_time_seconds="0.5")),
        step(hpa(most=6), hpa(most=10)),
        step(claim(), claim(storage="gp3-fast"), op=Op.REPLACE, changes=replaced("spec.storageClassName"), protected=True),
        step(workload("whisper", gpus=1, rollout="Recreate"), workload("whisper", gpus=1, rollout="Recreate", args=["--model=large"])),
        step(hpa("whisper"), hpa("whisper")),
        step(workload("old", gpus=1), None),
        step(None, workload("fresh", gpus=2)),
        step(None, scaled_object("fresh", least=0, most=3)),
    ),
    findings=(
        finding(),
        finding(Severity.WARNING, "the maximum | <b>cannot</b> be reached"),
        finding(Severity.UNKNOWN, "whether a node fits"),
    ),
    violations=(
        Violation("network-policy-missing", Level.MANDATORY, "no NetworkPolicy selects its pods", "urn:x::Deployment::llama-8b", SERVER),
    ),
    prices=(row("g6e.2xlarge", most=10, hourly=2.0),),
    prices_before=(row(),),
    nodes_now={"l4": 3},
)
QUIET = StackChanges("dev", steps=(step(hpa(), hpa()),), prices=(row(least=0, most=1),), prices_before=(row(least=0, most=1),))
BROKEN = StackChanges("edge", problem="error: the kubeconfig names no cluster\n```\nsee above")
WHOLE = Report("preview", (QUIET, PROD, BROKEN), revision="0123456789abcdef", link="https://ci.example/run/7")
