from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.errors import ApiError, NoMatch
from headroom.plugins.kubernetes.writing import PAUSES, create, preview_creation
from tests.plugins.kubernetes.objects import Object, config_map

NO_NAMESPACE = ApiError(404, "NotFound", 'namespaces "ns" not found', {"kind": "namespaces", "name": "ns"})
NO_KIND = NoMatch("ex.io/v1", "Widget")
INVALID = ApiError(422, "Invalid", "ConfigMap is invalid")
FORBIDDEN = ApiError(403, "Forbidden", "no dry runs here")
EXISTS = ApiError(409, "AlreadyExists", 'configmaps "c" already exists')


class Server:
    """Answers creations with these errors, one after the other, then with the object."""

    def __init__(self, *errors: ApiError) -> None:
        self._errors = list(errors)
        self.requests: list[dict[str, Any]] = []

    def create(self, obj: Object, **options: Any) -> Object:
        self.requests.append(options)
        if self._errors:
            raise self._errors.pop(0)
        return obj

    @property
    def client(self) -> Client:
        return cast(Client, self)


class Patience(threading.Event):
    """Lets no time pass, and notes what would have."""

    def __init__(self, *, cancelled: bool = False) -> None:
        super().__init__()
        self.pauses: list[float | None] = []
        if cancelled:
            self.set()

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        return self.is_set()


def created(server: Server, patience: Patience | None = None) -> tuple[Object, list[str]]:
    lines: list[str] = []
    return create(server.client, config_map(), cancelled=patience or Patience(), tell=lines.append), lines


def test_an_object_is_posted_once_under_the_plugins_name() -> None:
    server = Server()
    created(server)
    assert server.requests == [{"field_manager": "pulumi-kubernetes"}]


@pytest.mark.parametrize("missing", [NO_NAMESPACE, NO_KIND], ids=["namespace", "kind"])
def test_it_is_tried_again_until_what_it_needs_is_there(missing: ApiError) -> None:
    server, patience = Server(missing, missing), Patience()
    _, lines = created(server, patience)
    assert patience.pauses == [2, 4]
    assert lines == [f"Retry #0; creation failed: {missing}", f"Retry #1; creation failed: {missing}"]


def test_after_a_minute_it_gives_up() -> None:
    server, patience = Server(*[NO_KIND] * 9), Patience()
    with pytest.raises(NoMatch):
        created(server, patience)
    assert patience.pauses == list(PAUSES)


@pytest.mark.parametrize("verdict", [INVALID, EXISTS, FORBIDDEN], ids=["invalid", "exists", "forbidden"])
def test_a_verdict_of_the_server_is_final(verdict: ApiError) -> None:
    server = Server(verdict)
    with pytest.raises(ApiError, match=verdict.message):
        created(server)
    assert len(server.requests) == 1


def test_a_cancelled_creation_is_not_tried_again() -> None:
    server = Server(NO_NAMESPACE, NO_NAMESPACE)
    with pytest.raises(ApiError):
        created(server, Patience(cancelled=True))
    assert len(server.requests) == 1


def previewed(*errors: ApiError) -> Object | None:
    return preview_creation(Server(*errors).client, config_map(), tell=lambda _: None)


def test_a_preview_is_a_dry_run() -> None:
    server = Server()
    preview_creation(server.client, config_map(), tell=lambda _: None)
    assert server.requests == [{"field_manager": "pulumi-kubernetes", "dry_run": True}]


@pytest.mark.parametrize(
    "obstacle",
    [NO_NAMESPACE, EXISTS, FORBIDDEN],
    ids=["namespace not there yet", "object to be replaced still there", "no dry runs allowed"],
)
def test_what_only_the_update_can_tell_passes_a_preview(obstacle: ApiError) -> None:
    assert previewed(obstacle) is None


def test_a_preview_tells_what_the_server_refuses() -> None:
    with pytest.raises(ApiError, match="invalid"):
        previewed(INVALID)
