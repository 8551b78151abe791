from __future__ import annotations

from typing import Any

import httpx
import pytest

from headroom.desired.platform.prometheus import Endpoint
from headroom.sandbox.errors import SandboxError
from headroom.sandbox.scenarios.prometheus import through_api_server, value


def answer(*values: str) -> dict[str, Any]:
    return {"data": {"result": [{"metric": {}, "value": [1, text]} for text in values]}}


def test_an_expression_with_one_element_has_its_value() -> None:
    assert value(lambda _: answer("0.25"), "up") == 0.25


@pytest.mark.parametrize("answered", [answer(), answer("1", "2"), {}, {"data": None}])
def test_anything_but_one_element_is_no_value(answered: dict[str, Any]) -> None:
    assert value(lambda _: answered, "up") is None


def test_a_prometheus_that_does_not_answer_gives_no_value() -> None:
    def refuse(path: str) -> Any:
        raise httpx.ConnectError("refused")

    assert value(refuse, "up") is None


def test_the_expression_is_quoted_in_the_question() -> None:
    asked: list[str] = []
    value(lambda path: asked.append(path) or answer("1"), 'a{b="c"}')
    assert asked == ["/api/v1/query?query=a%7Bb%3D%22c%22%7D"]


class Recorder:
    """In place of a client of the API server."""

    def get_path(self, path: str) -> str:
        return path


@pytest.mark.parametrize(
    ("where", "proxied"),
    [
        (Endpoint("http://kps-prometheus.watch.svc", 9090), "watch/services/kps-prometheus:9090/proxy"),
        (Endpoint("https://thanos.watch.svc.cluster.local", None, "/team"), "watch/services/https:thanos:443/proxy/team"),
    ],
)
def test_a_service_is_asked_through_the_api_server(where: Endpoint, proxied: str) -> None:
    recorder: Any = Recorder()
    assert through_api_server(recorder, where)("/api/v1/query") == f"/api/v1/namespaces/{proxied}/api/v1/query"


def test_what_is_outside_of_the_cluster_is_not_a_service() -> None:
    recorder: Any = Recorder()
    with pytest.raises(SandboxError, match="outside of the cluster"):
        through_api_server(recorder, Endpoint("https://metrics.example.com"))
