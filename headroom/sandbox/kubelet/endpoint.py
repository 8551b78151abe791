"""The kubelets' own API, over TLS and for certificates of the cluster's authority only: usage for metrics-server, logs for kubectl.

One listener serves every node; which of them is meant is told by the address that was dialled.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import psutil

from headroom.sandbox.kubelet import logs, usage
from headroom.sandbox.kubelet.access import Access, User
from headroom.sandbox.kubelet.logs import NoLog, Wanted

_log = logging.getLogger(__name__)
_SECONDS = 30
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


class Seen(Protocol):
    """What the agent knows, as it may be asked from another thread."""

    def node_at(self, address: str) -> str | None: ...
    def pods_on(self, node: str) -> list[Mapping[str, Any]]: ...
    def directory(self, pod: Mapping[str, Any]) -> Path: ...


@dataclass(frozen=True)
class Endpoint:
    """Where to serve. `certificate` and `key` are the server's, `authority` signed those of callers."""

    port: int
    certificate: Path
    key: Path
    authority: Path

    def serve(self, seen: Seen, access: Access) -> ThreadingHTTPServer:
        """Serves in threads of its own until `shutdown`."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.authority))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.certificate, self.key)
        server = _Server(("0.0.0.0", self.port), seen, access)
        # The handshake is the handler's: a silent caller must not keep others waiting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, name="endpoint", daemon=True).start()
        return server


class _Server(ThreadingHTTPServer):
    def __init__(self, place: tuple[str, int], seen: Seen, access: Access) -> None:
        super().__init__(place, partial(_Handler, seen, access))

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.warning("a request from %s was broken off", client_address[0], exc_info=_log.isEnabledFor(logging.DEBUG))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connection: ssl.SSLSocket

    def __init__(self, seen: Seen, access: Access, *connection: Any) -> None:
        self._seen = seen
        self._access = access
        super().__init__(*connection)  # which answers every request of the connection

    def setup(self) -> None:
        self.request.settimeout(_SECONDS)
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        node = self._seen.node_at(self.connection.getsockname()[0])
        if node is None:
            return self._answer(HTTPStatus.NOT_FOUND, "no node has this address")
        user = User.of(self.connection.getpeercert() or {})
        if not self._access.allowed(user, node, url.path):
            return self._answer(HTTPStatus.FORBIDDEN, f"{user.name} may not get {url.path} of node {node}")
        match url.path.strip("/").split("/"):
            case ["metrics", "resource"]:
                return self._answer(HTTPStatus.OK, _usage(self._seen, node), _EXPOSITION)
            case ["containerLogs", namespace, pod, container]:
                return self._logs(node, (namespace, pod, container), dict(parse_qsl(url.query)))
            case ["healthz"]:
                return self._answer(HTTPStatus.OK, "ok")
        return self._answer(HTTPStatus.NOT_IMPLEMENTED, f"the sandbox's kubelets serve no {url.path}: only usage and logs")

    def do_POST(self) -> None:
        self._answer(HTTPStatus.NOT_IMPLEMENTED, "the sandbox's kubelets only serve usage and logs")

    def _logs(self, node: str, which: tuple[str, str, str], query: Mapping[str, str]) -> None:
        namespace, name, container = which
        pods = [pod["metadata"] | {"pod": pod} for pod in self._seen.pods_on(node)]
        pod = next((entry["pod"] for entry in pods if (entry["namespace"], entry["name"]) == (namespace, name)), None)
        if pod is None:
            return self._answer(HTTPStatus.NOT_FOUND, f"pod {namespace}/{name} is not on node {node}")
        directory = self._seen.directory(pod)
        try:
            wanted = Wanted.of(query)
            log = logs.find(directory / "containers" / container, wanted.previous)
        except NoLog as error:
            return self._answer(HTTPStatus.BAD_REQUEST, f"container {container} of pod {name}: {error}")
        return self._stream(logs.read(log, wanted, lambda: any(name == container for name, _ in usage.containers(directory))))

    def _stream(self, pieces: Iterable[bytes]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Scrapes come every few seconds: nothing is said of them."""


def _usage(seen: Seen, node: str) -> str:
    found = [(pod["metadata"]["namespace"], pod["metadata"]["name"], seen.directory(pod)) for pod in seen.pods_on(node)]
    measured = [one for namespace, name, directory in found for one in usage.measure(namespace, name, directory)]
    return usage.exposition(measured, usage.of_process(psutil.Process()), time.time())
