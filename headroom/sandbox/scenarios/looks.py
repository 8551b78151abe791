"""What the loop's objects say, read from plain objects of the API server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

from headroom.wiring.values import quantity

Object = Mapping[str, Any]

_VALUES = ("averageUtilization", "value", "averageValue")
"""What the autoscaler compares with its target; a utilization comes with an average of its own beside it."""


def seen(hpa: Object, name: str | None = None) -> float | None:
    """The value of the metric of this name, or else of the first, as the autoscaler last read it, of CPU and memory the percentage of what
    is requested; None while it is unknown or the autoscaler is not active."""
    status = hpa.get("status") or {}
    if _condition(status, "ScalingActive") != "True":
        return None
    for metric in status.get("currentMetrics") or []:
        source = metric.get(str(metric.get("type", "")).lower()) or {}
        if name not in (None, source.get("name"), (source.get("metric") or {}).get("name")):
            continue
        current = source.get("current") or {}
        text = next((current[name] for name in _VALUES if current.get(name) is not None), None)
        if text is not None and (value := quantity(str(text))) is not None:
            return float(value)
    return None


def complaint(hpa: Object) -> str | None:
    """Why the autoscaler does not scale, in its own words; None while it scales."""
    inactive = _inactive(hpa)
    return f"{inactive.get('reason')}: {inactive.get('message')}" if inactive else None


def desired(hpa: Object) -> int | None:
    return (hpa.get("status") or {}).get("desiredReplicas")


def ready(deployment: Object) -> int:
    """The field is left out where it is 0."""
    return (deployment.get("status") or {}).get("readyReplicas", 0)


def phases(pods: Iterable[Object]) -> dict[str, int]:
    """Number of pods by phase; those that are being deleted are `Terminating`."""
    counts = Counter(
        "Terminating" if pod["metadata"].get("deletionTimestamp") else (pod.get("status") or {}).get("phase", "Pending") for pod in pods
    )
    return dict(sorted(counts.items()))


def warnings(events: Iterable[Object], since: datetime) -> list[str]:
    """What events warn of that happened since then, oldest first; times to a second."""
    dated = [(time, event) for event in events if event.get("type") == "Warning" and (time := _time(event))]
    late = sorted((each for each in dated if each[0] >= since.replace(microsecond=0)), key=itemgetter(0))
    return [_warning(time, event) for time, event in late]


def _time(event: Object) -> datetime | None:
    """When it was last seen: the scheduler writes events in the newer form, kubelets and controllers in the older one."""
    text = (event.get("series") or {}).get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return datetime.fromisoformat(text) if text else None


def _warning(time: datetime, event: Object) -> str:
    about, times = event["involvedObject"], (event.get("series") or event).get("count") or 1
    often = f" ({times} times)" if times > 1 else ""
    return f"{time:%H:%M:%S} {about['kind']} {about['name']}: {event.get('reason')}: {_last_line(event.get('message'))}{often}"


def restarts(pod: Object, since: datetime) -> dict[str, str]:
    """Of each container that ended since then and was started again: how it ended. A kubelet's first restart makes no event that warns."""
    status, found = pod.get("status") or {}, dict[str, str]()
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        ended = (container.get("lastState") or {}).get("terminated")
        if ended and datetime.fromisoformat(ended["finishedAt"]) >= since.replace(microsecond=0):
            name = f"{pod['metadata']['name']}, container {container['name']}"
            said = f": {_last_line(ended['message'])}" if ended.get("message") else ""
            found[name] = f"{name}: started again, {container['restartCount']} in all; ended last with {ended.get('exitCode')}{said}"
    return found


def _last_line(message: str | None) -> str:
    """Of a message with the output of a program: what it says in the end."""
    lines = (message or "").strip().splitlines()
    return lines[-1] if lines else ""


def _inactive(hpa: Object) -> Object:
    conditions = (hpa.get("status") or {}).get("conditions") or []
    return next((item for item in conditions if item["type"] == "ScalingActive" and item["status"] != "True"), {})


def _condition(status: Object, name: str) -> str | None:
    return next((item["status"] for item in status.get("conditions") or [] if item["type"] == name), None)
