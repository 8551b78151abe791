"""What the checks may ask: plain facts, the same for every version of an object and every place it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from headroom.wiring.addresses import Answering
from headroom.wiring.barriers import Barrier
from headroom.wiring.document import ObjectRef, Place
from headroom.wiring.ingress import Ingress, Route
from headroom.wiring.nodes import Amounts, Pool, Toleration
from headroom.wiring.relabeling import Relabeling
from headroom.wiring.secrets import Plaintext
from headroom.wiring.security import Custody, Kept, Pods
from headroom.wiring.selectors import Labels, LabelSelector
from headroom.wiring.values import Unknown

Text = str | Unknown
Count = int | Unknown


@dataclass(frozen=True)
class Port:
    """A container port."""

    name: Text | None
    number: Count
    place: Place


@dataclass(frozen=True)
class Probe:
    kind: Literal["startup", "liveness", "readiness"]
    port: str | Count | None
    """Name or number; None for an exec probe."""
    delay: Count
    period: Count
    failures: Count
    place: Place


@dataclass(frozen=True)
class Hook:
    """A preStop hook: how long it holds the container, where that can be told."""

    command: tuple[Text, ...]
    seconds: float | Unknown
    place: Place


@dataclass(frozen=True)
class Container:
    name: Text
    image: Text | None
    command: tuple[Text, ...]
    arguments: tuple[Text, ...]
    ports: tuple[Port, ...]
    probes: tuple[Probe, ...]
    pre_stop: Hook | None
    requests: Amounts
    """What the scheduler counts: a resource with a limit and no request requests its limit."""
    limits: Amounts
    place: Place

    def probe(self, kind: str) -> Probe | None:
        return next((probe for probe in self.probes if probe.kind == kind), None)


@dataclass(frozen=True, eq=False)
class Workload:
    """Something that makes pods: Deployment, StatefulSet, ReplicaSet, DaemonSet, LeaderWorkerSet."""

    ref: ObjectRef
    place: Place
    pod_labels: Labels
    pod_annotations: Labels
    selector: LabelSelector | None
    replicas: Count | None
    replicas_place: Place
    containers: tuple[Container, ...]
    node_selector: Labels
    tolerations: tuple[Toleration, ...]
    grace_seconds: Count
    pods_per_replica: Count = 1


@dataclass(frozen=True)
class ServicePort:
    name: Text | None
    number: Count
    target: str | Count
    place: Place
    app_protocol: Text | None = None


@dataclass(frozen=True)
class Service:
    ref: ObjectRef
    place: Place
    labels: Labels
    selector: Labels | None
    """None for a Service without selector (its endpoints come from elsewhere)."""
    ports: tuple[ServicePort, ...]
    kind: Text = "ClusterIP"
    """`ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`."""


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of a monitor."""

    port: Text | None
    number: str | Count | None
    """`targetPort` or `portNumber`: a container port by number, or by name."""
    path: Text
    interval: float | Unknown | None
    """Seconds; None where the monitor leaves it to Prometheus."""
    timeout: float | Unknown | None
    honors_labels: bool | Unknown
    """Whether labels of the series stay where the scrape has labels of the same names; else they become `exported_…`."""
    relabelings: tuple[Relabeling, ...]
    """Of targets, before they are scraped."""
    metric_relabelings: tuple[Relabeling, ...]
    """Of every series."""
    place: Place


@dataclass(frozen=True, eq=False)
class Monitor:
    """A PodMonitor or a ServiceMonitor, or what Google's managed Prometheus calls a PodMonitoring."""

    ref: ObjectRef
    place: Place
    labels: Labels
    selector: LabelSelector
    namespaces: tuple[str, ...] | Unknown | None
    """None: every namespace."""
    endpoints: tuple[Endpoint, ...]
    copied_labels: frozenset[str]
    """Prometheus labels copied from labels of the Service or pod."""
    job_label: bool
    """Whether `job` is taken from a label."""
    target_labels: frozenset[str] | None = None
    """The labels that it puts on every series; None for those of the Prometheus operator."""

    @property
    def of_pods(self) -> bool:
        return self.ref.kind != "ServiceMonitor"

    @property
    def is_chosen(self) -> bool:
        """Whether a Prometheus object decides if it is taken; managed collectors take all of theirs."""
        return self.ref.group == "monitoring.coreos.com"


@dataclass(frozen=True, eq=False)
class Rule:
    """A recording or alerting rule."""

    record: Text | None
    alert: Text | None
    expr: Text
    labels: Labels
    owner: ObjectRef
    owner_labels: Labels
    owner_place: Place
    place: Place
    expr_place: Place
    interval: float | Unknown | None = None
    """Seconds between evaluations of its group; None where that leaves it to Prometheus."""


@dataclass(frozen=True)
class Selection:
    """Which monitors or rules a Prometheus takes. A selector that is None takes nothing (labels) or its own namespace (namespaces)."""

    labels: LabelSelector | Unknown | None
    namespaces: LabelSelector | Unknown | None


@dataclass(frozen=True)
class Prometheus:
    place: Place
    namespace: Text | None
    pod_monitors: Selection
    service_monitors: Selection
    rules: Selection
    scrape_interval: float | Unknown
    """Seconds."""
    evaluation_interval: float | Unknown
    """Seconds; of groups of rules that have none of their own."""
    state_metrics: bool = False
    """Whether kube-state-metrics comes with it, and is scraped."""


@dataclass(frozen=True, eq=False)
class AdapterRule:
    """A discovery rule of prometheus-adapter, as its configuration writes it."""

    api: Literal["custom", "external"]
    series_query: str
    filters: tuple[tuple[Literal["is", "isNot"], str], ...]
    overrides: Mapping[str, str]
    """Prometheus label → Kubernetes resource."""
    template: str
    name_matches: str
    name_as: str
    metrics_query: str
    place: Place


@dataclass(frozen=True)
class Adapter:
    """A configuration of prometheus-adapter."""

    place: Place
    rules: tuple[AdapterRule, ...]
    complete: bool = True
    """Whether every rule could be read."""
    asks: tuple[Text, Place] | None = None
    """The URL at which it asks Prometheus; None where the input does not tell."""


@dataclass(frozen=True, eq=False)
class AutoscalerMetric:
    """One entry of an HPA's metrics."""

    kind: Text
    """`Pods`, `Object`, `External`, `Resource` or `ContainerResource`, if the manifest is right."""
    name: Text | None
    selector: LabelSelector | None
    target_type: Text | None
    target_values: Mapping[str, Decimal | Unknown]
    """`value`, `averageValue`, `averageUtilization` → number."""
    described: tuple[Text, Text] | None
    """Kind and name of the object that an Object metric describes."""
    container: Text | None
    place: Place


@dataclass(frozen=True)
class Target:
    """What an autoscaler scales."""

    api_version: Text | None
    kind: Text
    name: Text
    place: Place


@dataclass(frozen=True, eq=False)
class Trigger:
    """One trigger of a ScaledObject."""

    kind: Text
    """`prometheus`, `cpu`, …"""
    metric_type: Text | None
    """None where nothing says it and the trigger has no default: those of CPU and memory."""
    metadata: Mapping[str, Text]
    place: Place
    not_text: tuple[str, ...] = ()
    """Keys of the metadata that hold a number or a flag, where text must be."""

    @property
    def query(self) -> Text | None:
        return self.metadata.get("query") if self.kind == "prometheus" else None


@dataclass(frozen=True)
class Fallback:
    """What a ScaledObject does while a trigger fails."""

    behavior: Text
    replicas: Count
    place: Place


@dataclass(frozen=True)
class Behavior:
    """How fast an autoscaler may change the count in one direction."""

    up: bool
    disabled: bool
    window: Count | None
    """Seconds of stabilization."""
    policies: tuple[tuple[Count, Count], ...]
    """Change (pods or percent) and the seconds within which it may happen."""
    place: Place


@dataclass(frozen=True, eq=False)
class Autoscaler:
    """A HorizontalPodAutoscaler or a ScaledObject."""

    ref: ObjectRef
    place: Place
    target: Target
    minimum: Count
    maximum: Count
    bounds_place: Place
    metrics: tuple[AutoscalerMetric, ...]
    annotations: Labels
    triggers: tuple[Trigger, ...] = ()
    fallback: Fallback | None = None
    idle: Count | None = None
    """A ScaledObject's replicas while no trigger is active; None leaves the minimum."""
    cool_down: tuple[Count, Place] | None = None
    """Seconds after the last activity until a ScaledObject goes to zero."""
    behaviors: tuple[Behavior, ...] = ()
    foreign_fields: tuple[tuple[str, Place], ...] = ()
    """Fields that belong to another version of its API."""
    composed: bool = False
    """Whether a formula makes one value of all triggers, which then has a target of its own."""

    @property
    def is_hpa(self) -> bool:
        return self.ref.kind == "HorizontalPodAutoscaler"


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget."""

    ref: ObjectRef
    place: Place
    selector: LabelSelector | None
    min_available: str | Count | None
    max_unavailable: str | Count | None
    limit_place: Place


@dataclass(frozen=True)
class Ignore:
    """An annotation that silences a check on its object."""

    check: str
    text: Text
    object: ObjectRef
    place: Place


@dataclass(frozen=True)
class MetricsApi:
    """An APIService that registers one of the metrics APIs."""

    api: str
    owner: str
    place: Place


@dataclass(frozen=True)
class Present:
    """An object that exists."""

    ref: ObjectRef
    place: Place
    labels: Labels


@dataclass(frozen=True)
class Unread:
    """A file of the input that cannot be read, and why."""

    problem: Text
    place: Place


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything that was read. `closed`: the input is all there is, so what is absent does not exist."""

    objects: tuple[Present, ...] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[Service, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    rules: tuple[Rule, ...] = ()
    prometheuses: tuple[Prometheus, ...] = ()
    answering: tuple[Answering, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    autoscalers: tuple[Autoscaler, ...] = ()
    budgets: tuple[Budget, ...] = ()
    pools: tuple[Pool, ...] = ()
    apis: tuple[MetricsApi, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    routes: tuple[Route, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    pods: tuple[Pods, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    kept: tuple[Kept, ...] = ()
    custodies: tuple[Custody, ...] = ()
    plaintexts: tuple[Plaintext, ...] = ()
    unread: tuple[Unread, ...] = ()
    closed: bool = False
    today: date = field(default_factory=date.today)
