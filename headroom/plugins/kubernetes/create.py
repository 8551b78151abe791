"""Creating an object: a plain POST, tried again while its namespace or its kind is not there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable

from headroom.plugins.kubernetes import messages
from headroom.plugins.kubernetes.client import Client, Object
from headroom.plugins.kubernetes.errors import ApiError
from headroom.plugins.kubernetes.ownership import CREATOR

# Five more tries, about a minute in all: enough for a CustomResourceDefinition or Namespace of the same program.
PAUSES = (2, 4, 8, 16, 32)

Tell = Callable[[str], None]


def create(client: Client, inputs: Object, *, cancelled: threading.Event, tell: Tell) -> Object:
    """The object as the server made it. Raises `ApiError` (`NoMatch`), `Unreachable`."""
    for number, pause in enumerate((*PAUSES, None)):
        try:
            return client.create(inputs, field_manager=CREATOR)
        except ApiError as error:
            tell(messages.RETRY.format(number=number, cause=error))
            if not error.not_found or pause is None or cancelled.wait(pause):
                raise
    raise AssertionError("the last try returns or raises")


def preview(client: Client, inputs: Object, *, tell: Tell) -> Object | None:
    """The object as the server would make it; None when only the update can tell: a namespace or the old object is in the way."""
    try:
        return client.create(inputs, field_manager=CREATOR, dry_run=True)
    except ApiError as error:
        if error.missing_namespace:
            return None
        tell(messages.RETRY.format(number=0, cause=error))
        if error.reason == "AlreadyExists":
            return None
        raise
