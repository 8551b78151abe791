"""From the pods into Prometheus: it answers, it has taken the monitor, and it reads every pod.

Names of scrape pools: prometheus-operator pkg/prometheus/promcfg.go (`podMonitor/NAMESPACE/NAME/INDEX`). How long a new pod takes:
prometheus discovery/manager.go hands changes on every 5 seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.names import POD_LABEL, SERVER_LABEL
from headroom.desired.objects import Object
from headroom.doctor.found import Prometheus as FoundPrometheus
from headroom.doctor.loop.links import Asleep, Broken, Told
from headroom.doctor.loop.looking import POD_MONITOR, Look, names
from headroom.doctor.loop.prometheus import NotOffered
from headroom.doctor.loop.serving import count
from headroom.doctor.objects import labels
from headroom.wiring.document import Cursor, Document
from headroom.wiring.readers.parts.selector import label_selector
from headroom.wiring.selectors import LabelSelector

DISCOVERY_SECONDS = 5
_LATE = 3
"""Scrapes after which a target that was not read counts as lost."""


def prometheus(look: Look) -> Told:
    """Whoever asks for the stack is to find it there: the adapter, KEDA and this look ask at one address."""
    try:
        look.prometheus.query("time()")
    except NotOffered as error:
        raise Broken(str(error), "see platform.monitoring of the stack: something else than a Prometheus answers there") from None
    return Told(f"it answers at Service {look.prometheus.service}")


def monitor(look: Look) -> Told:
    """The PodMonitor is there, fits the pods, and Prometheus has taken it."""
    server = look.server
    found = look.object(POD_MONITOR)
    if found is None:
        raise Broken(f"there is no PodMonitor {server.place}", server.again)
    if not look.asleep:
        _fits(look, found)
    try:
        known = look.prometheus.get("/api/v1/scrape_pools")["scrapePools"]
    except NotOffered:
        return Told(f"PodMonitor {server.place} fits its pods; what scrapes for {look.prometheus.service} cannot be asked there")
    pool = f"podMonitor/{server.place}/"
    if not any(name.startswith(pool) for name in known):
        raise Broken(f"Prometheus does not scrape for PodMonitor {server.place}: {_not_taken(look, found)}", _selection_fix(look))
    return Told(f"PodMonitor {server.place} fits {count(len(look.pods), 'pod')}, and Prometheus has taken it")


def target(look: Look) -> Told:
    """Every pod is read, and lately."""
    server = look.server
    if look.asleep:
        raise Asleep("no replica to read")
    pods = look.settled(DISCOVERY_SECONDS + 2 * server.interval, "discovery and the first scrape")
    try:
        listed = look.prometheus.get("/api/v1/targets", state="active", scrapePool=f"podMonitor/{server.place}/0")["activeTargets"]
    except NotOffered:
        return _by_up(look, pods)
    own = [item for item in listed if item.get("scrapePool", "").startswith(f"podMonitor/{server.place}/")]
    by_pod = {item["labels"].get(POD_LABEL): item for item in own}
    ages = [_read(look, pod, by_pod) for pod in pods]
    return Told(f"{len(pods)} of {len(pods)} pods are read", max(ages))


def _fits(look: Look, monitor: Object) -> None:
    server = look.server
    selector = label_selector(Cursor.of(Document(monitor))["spec"]["selector"]) or LabelSelector()
    left_out = [pod for pod in look.pods if selector.matches(labels(pod)) is False]
    if left_out:
        raise Broken(f"PodMonitor {server.place} selects {selector}, and not {names(left_out)}", server.again)
    endpoints = monitor["spec"].get("podMetricsEndpoints") or []
    if not endpoints:
        raise Broken(f"PodMonitor {server.place} names no port", server.again)
    for pod in look.pods:
        ports = _ports(pod)
        for endpoint in endpoints:
            port = endpoint.get("port")
            if port is not None and port not in ports:
                has = ", ".join(ports) or "none"
                raise Broken(
                    f"PodMonitor {server.place} reads the port {port}, which pod {pod['metadata']['name']} has not (its ports: {has})",
                    server.again,
                )


def _ports(pod: Object) -> list[str]:
    spec = pod.get("spec") or {}
    containers = (*(spec.get("initContainers") or ()), *(spec.get("containers") or ()))
    return [port["name"] for container in containers for port in container.get("ports") or () if port.get("name")]


def _not_taken(look: Look, monitor: Object) -> str:
    own = labels(monitor)
    reasons = [reason for prometheus in look.found.prometheuses if (reason := _refuses(prometheus, look.server.namespace, own))]
    if look.found.prometheuses and len(reasons) == len(look.found.prometheuses):
        return "; ".join(reasons)
    return "its operator has not written it into the configuration yet, or refuses it"


def _refuses(prometheus: FoundPrometheus, namespace: str, own: Mapping[str, str]) -> str:
    who = f"Prometheus {prometheus.namespace}/{prometheus.name}"
    if prometheus.monitors is None:
        return f"{who} selects no PodMonitors"
    unmet = {key: value for key, value in prometheus.monitors.items() if own.get(key) != value}
    if unmet:
        return f"{who} selects {', '.join(f'{key}={value}' for key, value in unmet.items())}, which it does not have"
    return "" if prometheus.all_namespaces else f"{who} looks into some namespaces only, perhaps not into {namespace}"


def _selection_fix(look: Look) -> str:
    return (
        f"give it the labels that Prometheus selects (platform.monitoring.labels), or {look.server.again}; "
        "events of the PodMonitor and the log of prometheus-operator say what is refused"
    )


def _read(look: Look, pod: Object, by_pod: Mapping[str | None, Any]) -> float:
    """How many seconds ago a pod was read."""
    server, name = look.server, pod["metadata"]["name"]
    found = by_pod.get(name)
    if found is None:
        raise Broken(f"Prometheus has no target for pod {name}", "see its page Service Discovery: by which relabeling the pod is dropped")
    if found.get("health") != "up":
        raise Broken(
            f"Prometheus cannot read {found.get('scrapeUrl')}: {found.get('lastError') or 'not read yet'}",
            f"see the path and port of PodMonitor {server.place}, and whether a NetworkPolicy lets Prometheus reach the pod",
        )
    if found["labels"].get(SERVER_LABEL) != server.name:
        told = found["labels"].get(SERVER_LABEL)
        raise Broken(
            f"the series of pod {name} carry {f'server={told}' if told else 'no label server'}, and its rules read server={server.name}",
            server.again,
        )
    age = look.prometheus.age(found["lastScrape"])
    if age > _LATE * server.interval + DISCOVERY_SECONDS:
        raise Broken(f"pod {name} was last read {age:.0f} s ago", "see the load and the log of Prometheus", age)
    return age


def _by_up(look: Look, pods: list[Object]) -> Told:
    """What speaks only queries knows no targets, but their series `up`."""
    server = look.server
    up = {
        element.labels.get(POD_LABEL): element.value
        for element in look.prometheus.query(f'up{{namespace="{server.namespace}", server="{server.name}"}}')
    }
    lost = [pod for pod in pods if not up.get(pod["metadata"]["name"])]
    if lost:
        raise Broken(f"up is not 1 for {names(lost)}", "see the targets of the Prometheus that scrapes them")
    return Told(f"up is 1 for {len(pods)} pods")
