"""What is asked of a cluster about one server: each object once, and what may not be asked is said and not guessed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from headroom.desired.objects import Object
from headroom.doctor.found import Found
from headroom.doctor.loop.links import CannotTell
from headroom.doctor.loop.prometheus import Prometheus
from headroom.doctor.loop.watched import Watched
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ApiError

HPA = GVK("autoscaling/v2", "HorizontalPodAutoscaler")
NODE = GVK("v1", "Node")
POD = GVK("v1", "Pod")
POD_MONITOR = GVK("monitoring.coreos.com/v1", "PodMonitor")
RULES = GVK("monitoring.coreos.com/v1", "PrometheusRule")
SCALED_OBJECT = GVK("keda.sh/v1alpha1", "ScaledObject")


class Look:
    """One look at one server's loop. `found` is what the doctor saw of the cluster already."""

    def __init__(self, client: Client, server: Watched, found: Found, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self.server, self.found, self.sleep = client, server, found, sleep
        self._objects: dict[tuple[GVK, str], Object | None] = {}
        self.rights = f"`headroom doctor {server.stack} --rights` prints the roles that suffice"
        self.prometheus = Prometheus(client, server.prometheus, server.headers, self.rights)

    def object(self, gvk: GVK, name: str | None = None) -> Object | None:
        """An object of the server, which is called like it if not otherwise; None where there is none. Raises `CannotTell`."""
        key = gvk, name or self.server.name
        if key not in self._objects:
            self._objects[key] = self.object_now(*key)
        return self._objects[key]

    def object_now(self, gvk: GVK, name: str | None = None) -> Object | None:
        """The same, as it is at this moment."""
        try:
            return self._client.get(gvk, self.server.namespace, name or self.server.name)
        except ApiError as error:
            if error.not_found:
                return None
            raise self._untold(error, f"get {gvk.kind}s") from None

    def listed(self, gvk: GVK, labels: Mapping[str, str] | None = None, *, everywhere: bool = False) -> list[Object]:
        """Objects of the server's namespace. Raises `CannotTell`."""
        selector = ",".join(f"{key}={value}" for key, value in (labels or {}).items())
        try:
            return self._client.list(gvk, "" if everywhere else self.server.namespace, label_selector=selector)
        except ApiError as error:
            if error.not_found:
                return []
            raise self._untold(error, f"list {gvk.kind}s") from None

    def answer(self, path: str, what: str) -> Any:
        """What the API server answers under a path; None where there is nothing. Raises `CannotTell` where it may not be asked."""
        try:
            return self._client.get_path(path)
        except ApiError as error:
            if error.not_found:
                return None
            if error.status in (401, 403):
                raise self._untold(error, what) from None
            raise

    def text(self, path: str) -> str:
        """What answers under a path, whatever it is. Raises `ApiError`."""
        return self._client.get_text(path)

    @cached_property
    def workload(self) -> Object | None:
        return self.object(self.server.workload_kind)

    @cached_property
    def pods(self) -> list[Object]:
        """Those that serve and are not about to go."""
        found = self.listed(POD, self.server.serving)
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    @cached_property
    def ready(self) -> list[Object]:
        return [pod for pod in self.pods if ready_since(pod)]

    @cached_property
    def autoscalers(self) -> list[Object]:
        """Every HorizontalPodAutoscaler of the namespace."""
        return self.listed(HPA)

    @property
    def hpa(self) -> Object | None:
        return next((found for found in self.autoscalers if found["metadata"]["name"] == self.server.hpa), None)

    @cached_property
    def asleep(self) -> bool:
        """Whether the server has no replica, and is to have none while nobody asks."""
        return self.server.may_sleep and not ((self.workload or {}).get("spec") or {}).get("replicas")

    def settled(self, seconds: float, what: str) -> list[Object]:
        """The pods that have been ready for so long that `what` must be there of them. Raises `CannotTell` where none has."""
        ages = {pod["metadata"]["name"]: self.seconds_since(ready_since(pod) or "") for pod in self.ready}
        old = [pod for pod in self.ready if ages[pod["metadata"]["name"]] >= seconds]
        if not old:
            youngest = max(ages.values(), default=0.0)
            raise CannotTell(
                f"the pods have been ready for {youngest:.0f} s, and {what} takes up to {seconds:.0f} s",
                f"look again in {seconds - youngest:.0f} s",
            )
        return old

    def seconds_since(self, moment: str) -> float:
        """Since a moment as objects write it, by the clock of the cluster's Prometheus if that answers."""
        return self.prometheus.age(moment)

    def _untold(self, error: ApiError, what: str) -> CannotTell:
        if error.status in (401, 403):
            return CannotTell(f"you may not {what} in namespace {self.server.namespace}", self.rights)
        return CannotTell(f"the API server answered {error.status} when asked to {what}: {error.message}")


def condition(found: Object | None, kind: str) -> Mapping[str, Any]:
    """One of an object's conditions; empty where it has none of that type."""
    conditions = ((found or {}).get("status") or {}).get("conditions") or []
    return next((item for item in conditions if item["type"] == kind), {})


def ready_since(pod: Object) -> str | None:
    """Since when a pod is ready; None while it is not."""
    ready = condition(pod, "Ready")
    return ready.get("lastTransitionTime") if ready.get("status") == "True" else None


def names(pods: list[Object], most: int = 3) -> str:
    """Names of pods for people."""
    shown = [pod["metadata"]["name"] for pod in pods]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
