from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from headroom.plugins.kubernetes import operations
from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.configuration import Options
from headroom.plugins.kubernetes.errors import ApiError
from headroom.plugins.kubernetes.failures import PartlyDone
from headroom.plugins.kubernetes.writing import Update, update
from tests.plugins.kubernetes.objects import Object, config_map

OURS = "pulumi-kubernetes-0a1b2c3d"
CREATED = {"manager": "pulumi-kubernetes", "operation": "Update", "apiVersion": "v1", "fieldsV1": {}}
APPLIED = {"manager": OURS, "operation": "Apply", "apiVersion": "v1", "fieldsV1": {}}
CONFLICT = ApiError(409, "Conflict", 'Apply failed with 1 conflict: conflict with "other": .data.a')


class Server:
    """Holds one object and notes what is asked of it."""

    def __init__(self, live: Object, refusal: ApiError | None = None) -> None:
        self._live = live
        self._refusal = refusal
        self.requests: list[tuple[str, Any]] = []

    def get(self, *_: Any) -> Object:
        return self._live

    def apply(self, obj: Object, **options: Any) -> Object:
        self.requests.append(("apply", options))
        if self._refusal:
            raise self._refusal
        return obj

    def put(self, obj: Object, **options: Any) -> Object:
        self.requests.append(("put", obj["metadata"]["resourceVersion"]))
        return obj

    def json_patch(self, _gvk: Any, _namespace: str, _name: str, operations: list[Object]) -> None:
        self.requests.append(("patch", operations))


def updated(server: Server, inputs: Object | None = None, *, preview: bool = False, force: bool = False) -> list[tuple[str, Any]]:
    how = Update(OURS, ignored=[], force=force, preview=preview)
    update(cast(Client, server), inputs or config_map(data={"a": "2"}), how)
    return server.requests


def applied(*, force: bool = False, dry_run: bool = False) -> tuple[str, Any]:
    return "apply", {"field_manager": OURS, "force": force, "dry_run": dry_run}


def test_the_first_update_takes_over_the_creation_and_applies() -> None:
    rewrite = {"op": "replace", "path": "/metadata/managedFields", "value": [APPLIED]}
    assert updated(Server(config_map(managedFields=[CREATED]))) == [("patch", [rewrite]), applied()]


def test_later_updates_only_apply() -> None:
    assert updated(Server(config_map(managedFields=[APPLIED]))) == [applied()]


def test_a_preview_changes_nothing_and_forces_what_an_update_would_move() -> None:
    assert updated(Server(config_map(managedFields=[CREATED])), preview=True) == [applied(force=True, dry_run=True)]


def test_the_provider_option_forces_every_update() -> None:
    assert updated(Server(config_map(managedFields=[APPLIED])), force=True) == [applied(force=True)]


def test_a_conflict_names_our_manager_and_says_where_to_read_on() -> None:
    with pytest.raises(ApiError, match="server-side apply field conflict detected") as caught:
        updated(Server(config_map(managedFields=[APPLIED]), CONFLICT))
    assert f'The resource managed by field manager "{OURS}" had an apply conflict: {CONFLICT.message}' in caught.value.message


def test_a_custom_resource_definition_is_written_whole() -> None:
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "w"}, "spec": {}}
    live = {**definition, "metadata": {"name": "w", "resourceVersion": "7"}}
    assert updated(Server(live), definition) == [("put", "7")]


FORBIDDEN = ApiError(403, "Forbidden", "no dry runs here")


def operated(*, preview: bool) -> Object:
    """The outputs of an update that the server forbids."""
    server = Server(config_map(managedFields=[APPLIED]), FORBIDDEN)
    operation = SimpleNamespace(
        urn="urn",
        options=Options(),
        unreachable=lambda: None,
        client=lambda: SimpleNamespace(knows=lambda _: True, get=server.get, apply=server.apply),
    )
    new = config_map(data={"a": "2"})
    return operations.update(cast(operations.Operation, operation), {}, new, ignored=[], timeout=0, preview=preview)


def test_a_preview_that_may_not_try_passes() -> None:
    assert operated(preview=True) == config_map(data={"a": "2"})


def test_an_update_that_is_forbidden_is_told() -> None:
    with pytest.raises(PartlyDone, match="no dry runs here"):
        operated(preview=False)
