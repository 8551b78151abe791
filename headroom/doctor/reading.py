"""Reads of a cluster what the doctor judges: lists only, each by itself, so that one that is refused hides no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from headroom.desired.objects import Object
from headroom.doctor.kinds import EVERYTHING, Kind
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ApiError, NoMatch, NotJson

_NOT_ASKED = (401, 403, 502, 503, 504)
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Unread:
    """A list that the API server did not give."""

    kind: Kind
    why: str

    def __str__(self) -> str:
        return f"{self.kind.named}: {self.why}; not known: {self.kind.tells}"


@dataclass(frozen=True)
class Reading:
    """What the API server gave, by kind. A kind that the cluster does not have is an empty list."""

    objects: Mapping[Kind, Sequence[Object]] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    answers: Mapping[tuple[str, str, int], bool] = field(default_factory=dict)
    """Whether a Service answered as a Prometheus, by namespace, name and port; those that were not asked are not here."""


def read(client: Client, kinds: Iterable[Kind] = EVERYTHING) -> Reading:
    """The lists of `kinds`. Raises `Unreachable` when the API server gives no answer at all."""
    objects: dict[Kind, Sequence[Object]] = {}
    unread: list[Unread] = []
    for kind in kinds:
        try:
            objects[kind] = _list(client, kind)
        except NoMatch:
            objects[kind] = []
        except ApiError as error:
            unread.append(Unread(kind, _said(error)))
    return Reading(objects, tuple(unread))


def answers_as_prometheus(client: Client, namespace: str, name: str, port: int) -> bool | None:
    """Whether a Service answers Prometheus' own question, asked through the API server; None where that could not be asked: it may be
    forbidden, and many a control plane cannot reach the ports of pods."""
    path = f"/api/v1/namespaces/{namespace}/services/{name}:{port}/proxy/api/v1/status/buildinfo"
    try:
        told = client.get_path(path)
    except ApiError as error:
        return None if error.status in _NOT_ASKED else False
    except NotJson:
        # Something else that answers, with a page.
        return False
    return isinstance(told, dict) and told.get("status") == "success"


def _list(client: Client, kind: Kind) -> list[Object]:
    if not kind.metadata_only:
        return client.list(kind.gvk, field_selector=kind.field_selector)
    query = {"fieldSelector": kind.field_selector} if kind.field_selector else {}
    path = client.path(kind.gvk) + (f"?{urlencode(query)}" if query else "")
    listed = client.get_path(path, headers={"Accept": _METADATA})
    return list(listed.get("items") or [])


def _said(error: ApiError) -> str:
    if error.status in (401, 403):
        return "you may not list them"
    return f"the API server answered {error.status}"
