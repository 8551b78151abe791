"""Writing objects: created by a plain POST, updated by a server-side apply of exactly the inputs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from headroom.plugins.kubernetes import messages, ownership
from headroom.plugins.kubernetes.client import GVK, Client, Object
from headroom.plugins.kubernetes.errors import ApiError
from headroom.plugins.kubernetes.normalise import is_crd

# Five more tries, about a minute in all: enough for a CustomResourceDefinition or Namespace of the same program.
PAUSES = (2, 4, 8, 16, 32)

Tell = Callable[[str], None]


def create(client: Client, inputs: Object, *, cancelled: threading.Event, tell: Tell) -> Object:
    """The object as the server made it, tried again while its namespace or its kind is not there yet.

    Raises `ApiError` (`NoMatch`), `Unreachable`.
    """
    for number, pause in enumerate((*PAUSES, None)):
        try:
            return client.create(inputs, field_manager=ownership.CREATOR)
        except ApiError as error:
            tell(messages.RETRY.format(number=number, cause=error))
            if not error.not_found or pause is None or cancelled.wait(pause):
                raise
    raise AssertionError("the last try returns or raises")


def preview_creation(client: Client, inputs: Object, *, tell: Tell) -> Object | None:
    """The object as the server would make it.

    None when only the update can tell: a namespace or the old object is in the way, or the server does not let us try.
    """
    try:
        return client.create(inputs, field_manager=ownership.CREATOR, dry_run=True)
    except ApiError as error:
        if error.missing_namespace or error.forbidden:
            return None
        tell(messages.RETRY.format(number=0, cause=error))
        if error.reason == "AlreadyExists":
            return None
        raise


@dataclass(frozen=True)
class Update:
    """What an update is told besides the inputs."""

    field_manager: str
    ignored: list[str]
    force: bool
    preview: bool


def update(client: Client, inputs: Object, how: Update) -> Object:
    """The object after the update, or as it would be. Raises `ApiError`, a conflict in the plugin's words; `Unreachable`."""
    gvk, metadata = GVK.of(inputs), inputs["metadata"]
    namespace, name = metadata.get("namespace") or "", metadata["name"]
    live = client.get(gvk, namespace, name)
    if is_crd(gvk):
        # A CustomResourceDefinition is written whole: fields that left its schema have to go.
        body = inputs | {"metadata": metadata | {"resourceVersion": live["metadata"]["resourceVersion"]}}
        return client.put(body, field_manager=how.field_manager, dry_run=how.preview)
    body = ownership.respecting_ignored(inputs, live, how.ignored, how.field_manager)
    if not how.preview:
        entries = ownership.folded(live, how.field_manager)
        if entries is not None:
            client.json_patch(gvk, namespace, name, [{"op": "replace", "path": "/metadata/managedFields", "value": entries}])
    force = how.force or ownership.is_forced(inputs, live, preview=how.preview)
    try:
        return client.apply(body, field_manager=how.field_manager, force=force, dry_run=how.preview)
    except ApiError as error:
        if error.reason != "Conflict":
            raise
        text = messages.CONFLICT.format(manager=how.field_manager, cause=error.message)
        raise ApiError(error.status, error.reason, text, error.details) from None
