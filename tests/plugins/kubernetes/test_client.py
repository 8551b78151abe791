"""The client against a small HTTP server: what it sends, and what it makes of answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.errors import ApiError, NoMatch, NotJson, Unreachable
from headroom.plugins.kubernetes.kubeconfig import Target
from tests.plugins.kubernetes.objects import config_map

CONFIG_MAP = GVK("v1", "ConfigMap")
CORE = {
    "resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}, {"name": "nodes", "kind": "Node", "namespaced": False}]
}
MISSING = {"kind": "Status", "reason": "NotFound", "message": 'configmaps "nope" not found', "details": {"kind": "configmaps"}}


class Api:
    """Answers by path, and notes the requests."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {"/api/v1": (200, CORE)}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                api.requests.append((self.command, self.path, {key.lower(): value for key, value in self.headers.items()}))
                status, body = api.answers.get(self.path.partition("?")[0], (200, {}))
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815 - names of http.server

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def api() -> Iterator[Api]:
    ours = Api()
    thread = threading.Thread(target=ours.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield ours
    ours.server.shutdown()
    ours.server.server_close()
    thread.join()


@pytest.fixture
def client(api: Api) -> Client:
    return Client(Target({"server": api.url}, {"token": "hunter2"}))


def test_an_object_is_found_by_its_kind(api: Api, client: Client) -> None:
    client.get(CONFIG_MAP, "ns", "c")
    assert [path for _, path, _ in api.requests] == ["/api/v1", "/api/v1/namespaces/ns/configmaps/c"]


def test_a_cluster_scoped_object_has_no_namespace_in_its_path(client: Client) -> None:
    assert client.path(GVK("v1", "Node"), "ns", "n") == "/api/v1/nodes/n"


def test_a_name_is_one_part_of_a_path(client: Client) -> None:
    assert client.path(CONFIG_MAP, "ns", "../secrets/s?x") == "/api/v1/namespaces/ns/configmaps/..%2Fsecrets%2Fs%3Fx"


def test_discovery_is_asked_once(api: Api, client: Client) -> None:
    client.get(CONFIG_MAP, "ns", "c")
    client.get(CONFIG_MAP, "ns", "d")
    assert [path for _, path, _ in api.requests].count("/api/v1") == 1


def test_a_kind_that_appears_later_is_found(api: Api, client: Client) -> None:
    widget = GVK("ex.io/v1", "Widget")
    api.answers["/apis/ex.io/v1"] = (404, {})
    with pytest.raises(NoMatch, match='no matches for kind "Widget"'):
        client.mapping(widget)
    api.answers["/apis/ex.io/v1"] = (200, {"resources": [{"name": "widgets", "kind": "Widget", "namespaced": True}]})
    assert client.knows(widget)


def test_an_apply_says_who_and_whether_by_force(api: Api, client: Client) -> None:
    client.apply(config_map(), field_manager="m", force=False, dry_run=True)
    method, path, headers = api.requests[-1]
    assert (method, path) == ("PATCH", "/api/v1/namespaces/ns/configmaps/c?dryRun=All&fieldManager=m&force=false")
    assert headers["content-type"] == "application/apply-patch+yaml"


def test_over_plain_http_no_credentials_are_sent(api: Api, client: Client) -> None:
    client.get_path("/version")
    assert "authorization" not in api.requests[-1][2]


def test_a_refusal_keeps_the_servers_words(api: Api, client: Client) -> None:
    api.answers["/api/v1/namespaces/ns/configmaps/nope"] = (404, MISSING)
    with pytest.raises(ApiError, match='configmaps "nope" not found') as caught:
        client.get(CONFIG_MAP, "ns", "nope")
    assert caught.value.not_found
    assert not caught.value.missing_namespace


def test_a_rejected_credential_is_told_as_one(api: Api, client: Client) -> None:
    api.answers["/version"] = (401, {"message": "Unauthorized"})
    with pytest.raises(ApiError, match="the server has asked for the client to provide credentials"):
        client.get_path("/version")


def test_items_of_a_list_know_their_kind(api: Api, client: Client) -> None:
    api.answers["/api/v1/namespaces/ns/configmaps"] = (200, {"items": [{"metadata": {"name": "c"}}]})
    assert client.list(CONFIG_MAP, "ns") == [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}]


@pytest.mark.parametrize(
    "answer",
    [(200, b"<html>log in</html>"), (200, ["a list"]), (200, b""), (302, b"{}")],
    ids=["a page", "no object", "nothing", "a redirection"],
)
def test_an_answer_that_no_api_server_gives_is_one_of_something_else(api: Api, client: Client, answer: tuple[int, Any]) -> None:
    api.answers["/version"] = answer
    with pytest.raises(NotJson, match=f'Get "{api.url}/version": the answer is something else than JSON'):
        client.get_path("/version")


def test_a_server_that_is_not_there_is_told_in_client_gos_words() -> None:
    with pytest.raises(Unreachable, match=r'Get "http://127\.0\.0\.1:1/version": dial tcp 127\.0\.0\.1:1: connect: connection refused'):
        Client(Target({"server": "http://127.0.0.1:1"})).get_path("/version")
