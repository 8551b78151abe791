"""One look at the cluster: the awaited object, what its rule asks for, and the warnings that events tell about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from headroom.plugins.kubernetes.awaiting.objects import at, name_of, namespace_of
from headroom.plugins.kubernetes.awaiting.verdict import Line, Query, Rule
from headroom.plugins.kubernetes.client import GVK, Object
from headroom.plugins.kubernetes.errors import ApiError

EVENT = GVK("v1", "Event")


class Reader(Protocol):
    """The part of the API client that waiting needs. Both raise `ApiError` or `Unreachable`."""

    def get(self, gvk: GVK, namespace: str, name: str) -> Object: ...

    def list(self, gvk: GVK, namespace: str = "", *, label_selector: str = "", field_selector: str = "") -> list[Object]: ...


def current(client: Reader, live: Object) -> Object | None:
    """The object as it is now; None when it is gone, also where another one has its name by now. Raises `ApiError`, `Unreachable`."""
    try:
        found = client.get(GVK.of(live), namespace_of(live), name_of(live))
    except ApiError as error:
        if error.not_found:
            return None
        raise
    uid = at(live, "metadata", "uid")
    return found if uid is None or at(found, "metadata", "uid") == uid else None


def related(client: Reader, rule: Rule, live: Object) -> dict[str, list[Object]]:
    """What the rule asks for, by kind; what does not exist, or may not be read, is left out."""
    found: dict[str, list[Object]] = {}
    for query in rule.related(live):
        found.setdefault(query.gvk.kind, []).extend(_answer(client, query))
    return found


def _answer(client: Reader, query: Query) -> list[Object]:
    try:
        if query.name:
            return [client.get(query.gvk, query.namespace, query.name)]
        return client.list(query.gvk, query.namespace, label_selector=query.labels)
    except ApiError:
        return []


def warnings(client: Reader, live: Object) -> list[Line]:
    """What events warn of about this very object."""
    try:
        events = client.list(EVENT, namespace_of(live), field_selector=f"involvedObject.uid={at(live, 'metadata', 'uid')},type=Warning")
    except ApiError:
        return []
    return [Line(f"{event.get('reason', '')}: {event.get('message', '')}", "warning") for event in events]


def version(objects: Mapping[str, Sequence[Object]]) -> frozenset[tuple[str, str]]:
    """What changes whenever one of the objects does."""
    return frozenset(
        (at(obj, "metadata", "uid", default=""), at(obj, "metadata", "resourceVersion", default=""))
        for group in objects.values()
        for obj in group
    )
