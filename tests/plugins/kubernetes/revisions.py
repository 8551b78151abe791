"""Revisions of a release as Helm keeps them in a cluster."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from tests.plugins.kubernetes.objects import Object


def revision(number: int, status: str, config: Object | None = None, labels: dict[str, str] | None = None) -> Object:
    """The Secret that holds one of the release `one`."""
    release = {
        "version": number,
        "info": {"status": status},
        "chart": {"metadata": {"name": "plain", "version": "1.2.3"}},
        "config": config or {"a": 1},
        "manifest": "",
    }
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()
    return {"metadata": {"labels": labels or {}}, "data": {"release": packed}}


class Server:
    """Where these revisions are."""

    def __init__(self, *revisions: Object) -> None:
        self._revisions = list(revisions)

    def list(self, *_: Any, label_selector: str) -> list[Object]:
        assert label_selector == "owner=helm,name=one"
        return self._revisions
