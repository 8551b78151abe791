"""The charts' publishers on loopback: a Helm repository over HTTP and a registry, with charts of the tests under the pinned names."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from headroom.catalog.charts import CHARTS, Chart
from tests.helm_charts import chart, definition
from tests.sandbox.helm.registry import Registry

_DEFINITION = yaml.safe_dump(definition("widgets", "Widget"))


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any, **__: Any) -> None:
        """What Helm asks for is not the tests' output."""


@contextmanager
def repository(directory: Path) -> Iterator[str]:
    """The URL under which the files of `directory` are to be had, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def publish(directory: Path, registry: Registry, url: str) -> Mapping[str, Chart]:
    """Publishes every pinned chart where its like is published, and gives them with those addresses."""
    entries: dict[str, Any] = {}
    moved = {}
    for pinned in CHARTS.values():
        files = {"crds/widgets.yaml": _DEFINITION} if pinned.keeps_definitions_old else None
        path = chart(directory, pinned.name, pinned.version, files)
        if pinned.repository.startswith("oci://"):
            registry.push(path)
            moved[pinned.name] = dataclasses.replace(pinned, repository=registry.source)
        else:
            entries[pinned.name] = [{"name": pinned.name, "version": pinned.version, "urls": [path.name]}]
            moved[pinned.name] = dataclasses.replace(pinned, repository=url)
    (directory / "index.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "entries": entries}))
    return moved
