"""What is asked of an API server, and what becomes of its refusals."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.doctor.kinds import DEPLOYMENTS, NODES, PREFLIGHT, PROMETHEUSES, RELEASES, rights
from headroom.doctor.reading import answers_as_prometheus, read
from headroom.plugins.kubernetes.client import GVK
from headroom.plugins.kubernetes.errors import ApiError, NoMatch, NotJson, Unreachable


class Answering:
    """A client whose API server answers a path, or any, so."""

    def __init__(self, answer: Any, refused: str = "") -> None:
        self._answer, self._refused = answer, refused
        self.asked: list[tuple[str, str]] = []

    def path(self, gvk: GVK) -> str:
        return f"/{gvk.kind}"

    def list(self, gvk: GVK, *, field_selector: str = "") -> Any:
        return self.get_path(self.path(gvk))["items"]

    def get_path(self, path: str, *, headers: dict[str, str] | None = None) -> Any:
        self.asked.append((path, (headers or {}).get("Accept", "")))
        if isinstance(self._answer, Exception) and (not self._refused or self._refused in path):
            raise self._answer
        return {"items": []} if isinstance(self._answer, Exception) else self._answer


def client(answer: Any, refused: str = "") -> Any:
    return Answering(answer, refused)


def test_a_list_that_is_refused_hides_no_other() -> None:
    reading = read(client(ApiError(403, "Forbidden", "no"), "Node"), (NODES, DEPLOYMENTS))
    assert ([unread.kind for unread in reading.unread], list(reading.objects)) == ([NODES], [DEPLOYMENTS])


def test_a_refusal_says_what_is_not_known_for_it() -> None:
    (unread,) = read(client(ApiError(403, "Forbidden", "no")), (NODES,)).unread
    assert str(unread) == "nodes: you may not list them; not known: what kind of cluster this is, and its GPUs"


def test_a_kind_that_the_cluster_does_not_have_is_an_empty_list() -> None:
    reading = read(client(NoMatch("monitoring.coreos.com/v1", "Prometheus")), (PROMETHEUSES,))
    assert (reading.objects, reading.unread) == ({PROMETHEUSES: []}, ())


def test_no_answer_at_all_is_no_reading() -> None:
    with pytest.raises(Unreachable):
        read(client(Unreachable("connection refused")))


def test_of_releases_only_metadata_leave_the_api_server() -> None:
    asking = client({"items": []})
    read(asking, (RELEASES,))
    ((path, accepts),) = asking.asked
    assert "PartialObjectMetadataList" in accepts
    assert path.endswith("?fieldSelector=type%3Dhelm.sh%2Frelease.v1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": "success", "data": {}}, True),
        ({"status": "error"}, False),
        (["something else"], False),
        (NotJson("a page"), False),
        (ApiError(404, "NotFound", ""), False),
        (ApiError(403, "Forbidden", ""), None),
        (ApiError(503, "ServiceUnavailable", "no route to host"), None),
    ],
)
def test_who_answers_as_a_prometheus(answer: Any, said: bool | None) -> None:
    """A control plane that cannot reach pods says nothing about them."""
    assert answers_as_prometheus(client(answer), "monitoring", "p", 9090) is said


def test_the_least_rights_are_lists_of_what_the_preflight_reads() -> None:
    granted = {(group, plural) for rule in rights()["rules"] for group in rule["apiGroups"] for plural in rule["resources"]}
    assert granted == {(kind.gvk.group, kind.plural) for kind in PREFLIGHT}
    assert {verb for rule in rights()["rules"] for verb in rule["verbs"]} == {"list"}
