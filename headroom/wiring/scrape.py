"""How a workload's pods are scraped: monitor → (Service →) pod → port."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from headroom.wiring import promql
from headroom.wiring.facts import Container, Count, Endpoint, Facts, Monitor, Port, Service, Text, Workload
from headroom.wiring.relabeling import Relabelled, relabelled, sanitised
from headroom.wiring.selectors import Verdict, both, equal_to
from headroom.wiring.values import Unknown, default

_OF_OPERATOR = frozenset({"namespace", "pod", "container", "endpoint", "job", "instance"})
_META = "__meta_kubernetes_"
_DOMAIN = re.compile(r"_(com|dev|io|net|org|sh)_")
"""The end of a domain's name before a label's own, as `security_istio_io_tlsMode` has it."""
_OF_CONTROLLERS = ("pod_template_hash", "controller_revision_hash", "pod_template_generation")
"""Labels that controllers put on their pods: https://kubernetes.io/docs/reference/labels-annotations-taints/."""


@dataclass(frozen=True, eq=False)
class Scrape:
    """One endpoint of a monitor that reaches a workload's pods, perhaps."""

    monitor: Monitor
    endpoint: Endpoint
    workload: Workload
    service: Service | None
    selects: Verdict
    """Whether the labels and namespaces select the pods; never False."""
    port: Port | Unknown | None
    """The container port that is scraped; None where the name or number leads to none."""

    @property
    def certain(self) -> bool:
        return self.selects is True and isinstance(self.port, Port)

    @cached_property
    def target(self) -> Relabelled:
        """The target, after the monitor's relabelings (prometheus-operator pkg/prometheus/promcfg.go puts its own before them)."""
        return relabelled(self._of_operator, self.endpoint.relabelings, self._meta)

    def series(self, labels: Mapping[str, Text]) -> Relabelled:
        """A series that the target exports with these labels, after the monitor's metricRelabelings."""
        found = self.target
        if found.kept is False:
            return found
        of_target = {label: value for label, value in found.labels.items() if not label.startswith("__")}
        after = relabelled({**labels, **of_target}, self.endpoint.metric_relabelings, _of_series)
        doubted = found if after.kept is True else after
        return replace(after, kept=doubted.kept, by=doubted.by, open=found.open or after.open)

    @cached_property
    def any_series(self) -> Relabelled:
        return self.series({"__name__": Unknown("its name is not asked")})

    @property
    def labels(self) -> frozenset[str]:
        """The labels that Prometheus puts on every series."""
        return self.any_series.names

    @cached_property
    def label_values(self) -> dict[str, str]:
        """Those labels of the series whose values are known. A pod's name has an ending that is not; this one is made up."""
        return self.any_series.values

    def refuses(self, label: str, op: str, wanted: str) -> bool:
        """Whether a matcher certainly takes no series of the scrape, by the value of a label that they have."""
        value = self.label_values.get(label)
        return value is not None and promql.accepts(op, wanted, value) is False

    @property
    def _of_operator(self) -> dict[str, Text]:
        hole = Unknown("the label's value is not in the manifests")
        names = (*default(self.monitor.target_labels, _OF_OPERATOR), *(["service"] if self.service else []), *self.monitor.copied_labels)
        pods, monitored = self.workload.ref, frozenset(names) - self.monitor.copied_labels
        known = {"namespace": pods.namespace, "pod": self._pod, "job": self._job(), "container": self._container()}
        return dict.fromkeys(names, hole) | {label: value for label, value in known.items() if value and label in monitored}

    @property
    def _pod(self) -> str:
        return self.workload.ref.name + {"StatefulSet": "-0", "Pod": ""}.get(self.workload.ref.kind, "-5d4f8b9c7-x2k9q")

    def _meta(self, label: str) -> Text:
        """A label that is there for relabelings alone, as service discovery gives it
        (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config).
        """
        port = self.port if isinstance(self.port, Port) else None
        known: dict[str, Text | None] = {
            "namespace": self.workload.ref.namespace,
            "pod_name": self._pod,
            "pod_phase": "Running",
            "pod_container_name": self._container(),
            "pod_container_port_name": port and port.name,
            "service_name": self.service and self.service.ref.name,
        }
        found = known.get(label.removeprefix(_META))
        if found is not None and found != "":
            return found
        written = {"pod_label_": self.workload.pod_labels, "pod_annotation_": self.workload.pod_annotations}
        if self.service:
            written["service_label_"] = self.service.labels
        for kind, labels in written.items():
            name = label.removeprefix(_META + kind)
            if name != label and not isinstance(labels, Unknown) and name not in _OF_CONTROLLERS and not _is_foreign(name, labels):
                return {sanitised(key): value for key, value in labels.items()}.get(name, "")
        return Unknown(f"the label {label} of the target is not in the manifests")

    def _job(self) -> str:
        if self.monitor.job_label or not self.monitor.ref.namespace:
            return ""
        if self.monitor.ref.kind in ("PodMonitoring", "ClusterPodMonitoring"):
            return self.monitor.ref.name
        return f"{self.monitor.ref.namespace}/{self.monitor.ref.name}" if self.service is None else self.service.ref.name

    def _container(self) -> str:
        """The container that declares the port; empty where that is not known."""
        named = [c.name for c in self.workload.containers if self.port in c.ports]
        return named[0] if named and isinstance(named[0], str) else ""


def _is_foreign(name: str, labels: Mapping[str, Text]) -> bool:
    """Whether a label has a domain that none of those which are written has: a webhook or a controller may add it."""
    own = {sanitised(key.partition("/")[0]) for key in labels if "/" in key}
    return bool(_DOMAIN.search(name)) and not any(name.startswith(f"{domain}_") for domain in own)


def _of_series(label: str) -> Unknown:
    return Unknown(f"whether the series has the label {label} is not in the manifests")


def same_namespace(first: str, second: str) -> bool:
    """A manifest without a namespace lands where it is applied, which may be any."""
    return first == second or not first or not second


def in_namespaces(monitor: Monitor, namespace: str) -> Verdict:
    if monitor.namespaces is None:
        return True
    if isinstance(monitor.namespaces, Unknown):
        return monitor.namespaces
    return any(same_namespace(wanted, namespace) for wanted in monitor.namespaces)


def selected_services(facts: Facts, monitor: Monitor) -> Iterator[tuple[Service, Verdict]]:
    """The Services that a ServiceMonitor selects, or may."""
    for service in facts.services:
        verdict = both([in_namespaces(monitor, service.ref.namespace), monitor.selector.matches(service.labels)])
        if verdict is not False:
            yield service, verdict


def backends(facts: Facts, service: Service) -> Iterator[tuple[Workload, Verdict]]:
    """The workloads whose pods a Service selects, or may."""
    if service.selector is None:
        return
    for workload in facts.workloads:
        verdict = selects_pods(service, workload)
        if verdict is not False:
            yield workload, verdict


def selects_pods(service: Service, workload: Workload) -> Verdict:
    if service.selector is None or not same_namespace(service.ref.namespace, workload.ref.namespace):
        return False
    if isinstance(service.selector, Unknown):
        return service.selector
    return bool(service.selector) and equal_to(service.selector).matches(workload.pod_labels)


def scrapes_of(facts: Facts, workload: Workload) -> list[Scrape]:
    """Every endpoint of a monitor that selects the workload's pods, or may."""
    return _scrapes(facts)[1].get(workload, [])


def scrapes_by(facts: Facts, monitor: Monitor) -> list[Scrape]:
    """What a monitor scrapes, or may."""
    return _scrapes(facts)[0].get(monitor, [])


@lru_cache(maxsize=8)
def _scrapes(facts: Facts) -> tuple[dict[Monitor, list[Scrape]], dict[Workload, list[Scrape]]]:
    """Every scrape, by monitor and by workload: found once, because many checks ask."""
    by_monitor = {monitor: list(_scraped(facts, monitor)) for monitor in facts.monitors}
    by_workload: dict[Workload, list[Scrape]] = {}
    for scrape in (scrape for scrapes in by_monitor.values() for scrape in scrapes):
        by_workload.setdefault(scrape.workload, []).append(scrape)
    return by_monitor, by_workload


def _scraped(facts: Facts, monitor: Monitor) -> Iterator[Scrape]:
    if monitor.of_pods:
        for workload in facts.workloads:
            selects = both([in_namespaces(monitor, workload.ref.namespace), monitor.selector.matches(workload.pod_labels)])
            if selects is not False:
                for endpoint in monitor.endpoints:
                    yield Scrape(monitor, endpoint, workload, None, selects, _pod_port(workload, endpoint))
        return
    for service, verdict in selected_services(facts, monitor):
        for workload, backs in backends(facts, service):
            for endpoint in monitor.endpoints:
                yield Scrape(monitor, endpoint, workload, service, both([verdict, backs]), _service_port(workload, service, endpoint))


def container_port(containers: tuple[Container, ...], wanted: str | Count) -> Port | Unknown | None:
    """The container port of a name, or of a number: a number need not be declared, so one that is not is a port all the same."""
    if isinstance(wanted, Unknown):
        return wanted
    for port in (port for container in containers for port in container.ports):
        if wanted in (port.name, port.number):
            return port
        if isinstance(port.name, Unknown) or isinstance(port.number, Unknown):
            return Unknown("a container port cannot be read")
    if isinstance(wanted, int):
        return Port(None, wanted, containers[0].place) if containers else Unknown("the containers cannot be read")
    return None


def _pod_port(workload: Workload, endpoint: Endpoint) -> Port | Unknown | None:
    wanted: Text | Count | None = endpoint.port if endpoint.port is not None else endpoint.number
    return None if wanted is None else container_port(workload.containers, wanted)


def _service_port(workload: Workload, service: Service, endpoint: Endpoint) -> Port | Unknown | None:
    if endpoint.port is None:
        return None if endpoint.number is None else container_port(workload.containers, endpoint.number)
    if isinstance(endpoint.port, Unknown):
        return endpoint.port
    offered = next((port for port in service.ports if port.name == endpoint.port), None)
    if offered is not None:
        return container_port(workload.containers, offered.target)
    return next((port.name for port in service.ports if isinstance(port.name, Unknown)), None)
