"""The pod that this program runs in: the memory of one of its containers, asked of the API server and changed by the resize subresource.

Source: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.worker_scaler.decision import Resize

_SECONDS = 10
# Forbidden and Unprocessable Entity: to ask again at once would change nothing.
_REFUSALS = (403, 422)
_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)([KMGT]i|[kMGT]|m)?$")
_FACTORS = {"": 1, "m": 0.001, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


class Failed(Exception):
    """The API server could not be reached, or answered with an error; the message says which."""


class Refused(Failed):
    """The API server itself will not have it: since 1.36 it refuses more memory than the node has before a kubelet sees it."""


@dataclass(frozen=True)
class Memory:
    """In bytes: what the container's spec wants, what the kubelet has given it, and how far the latest change is."""

    wanted: int
    given: int
    resize: Resize
    message: str = ""


def bytes_of(quantity: str) -> int:
    """`2Gi` is 2147483648. Raises `ValueError`."""
    match = _QUANTITY.match(quantity)
    if not match:
        raise ValueError(f"{quantity!r} is not a quantity: write 2Gi or 500Mi")
    return int(float(match[1]) * _FACTORS[match[2] or ""])


def memory(pod: Mapping[str, Any], container: str) -> Memory:
    """Of a pod as the API server shows it. A kubelet that tells no resources is too old to resize, and gives what is wanted."""
    spec = next(entry for entry in pod["spec"]["containers"] if entry["name"] == container)
    wanted = bytes_of(spec["resources"]["requests"]["memory"])
    status = pod.get("status") or {}
    told = next((entry for entry in status.get("containerStatuses") or () if entry["name"] == container), {})
    given = ((told.get("resources") or {}).get("requests") or {}).get("memory")
    resize, message = _progress(status.get("conditions") or ())
    return Memory(wanted, bytes_of(given) if given else wanted, resize, message)


def _progress(conditions: Any) -> tuple[Resize, str]:
    true = {entry["type"]: entry for entry in conditions if entry["status"] == "True"}
    if pending := true.get("PodResizePending"):
        reason = Resize.INFEASIBLE if pending.get("reason") == Resize.INFEASIBLE else Resize.DEFERRED
        return reason, pending.get("message") or ""
    if going := true.get("PodResizeInProgress"):
        return Resize.IN_PROGRESS, going.get("message") or ""
    return Resize.DONE, ""


def change(container: str, size: int) -> dict[str, Any]:
    """The patch that gives a container `size` bytes: request and limit alike, so that the pod's class of service stays what it is."""
    resources = {"requests": {"memory": str(size)}, "limits": {"memory": str(size)}}
    return {"spec": {"containers": [{"name": container, "resources": resources}]}}


class Pod:
    """`credentials` is the directory with `token` and `ca.crt` of a service account that may get pods and patch pods/resize."""

    def __init__(self, server: str, credentials: Path, namespace: str, name: str, container: str) -> None:
        self._path = f"{server}/api/v1/namespaces/{namespace}/pods/{name}"
        self._credentials = credentials
        self._container = container
        self._context = ssl.create_default_context(cafile=str(credentials / "ca.crt"))

    def memory(self) -> Memory:
        """Raises `Failed`."""
        try:
            return memory(self._ask(self._path), self._container)
        except (LookupError, TypeError, ValueError, StopIteration) as error:
            raise Failed(f"{self._path} answers something else: {error!r}") from error

    def set_memory(self, size: int) -> None:
        """Asks for it; whether and when it is given, the pod's status tells. Raises `Refused` and `Failed`."""
        self._ask(f"{self._path}/resize", change(self._container, size))

    def _ask(self, url: str, patch: Mapping[str, Any] | None = None) -> Any:
        body = None if patch is None else json.dumps(patch).encode()
        request = urllib.request.Request(url, body, method="GET" if patch is None else "PATCH")
        if patch is not None:
            request.add_header("Content-Type", "application/strategic-merge-patch+json")
        try:
            # Read each time: the kubelet renews it.
            request.add_header("Authorization", f"Bearer {(self._credentials / 'token').read_text().strip()}")
            with urllib.request.urlopen(request, timeout=_SECONDS, context=self._context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            kind = Refused if error.code in _REFUSALS and patch is not None else Failed
            raise kind(f"{request.method} {url}: HTTP {error.code}: {_message(error)}") from error
        except ValueError as error:
            # Its own words may hold the token, as those of a header that cannot be sent.
            raise Failed(f"{request.method} {url}: {type(error).__name__}") from None
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{request.method} {url}: {error}") from error


def _message(error: urllib.error.HTTPError) -> str:
    try:
        return json.load(error)["message"]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return error.reason
