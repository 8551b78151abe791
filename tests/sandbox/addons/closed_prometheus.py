"""A Prometheus that does not answer everybody: `python -m tests.sandbox.addons.closed_prometheus PORT CERTIFICATE KEY LOGIN TENANT`.

It answers over TLS, below `/prometheus`, who sends LOGIN as `Authorization` (an empty one: nothing) and TENANT as `X-Scope-OrgID`, with
what the sandbox's own Prometheus says. Everybody else gets 401.
"""

from __future__ import annotations

import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from headroom.sandbox.layout import HOST, inside_url

PATH = "/prometheus"


def serve(port: int, certificate: str, key: str, login: str, tenant: str) -> None:
    """For ever."""
    behind = httpx.Client(base_url=inside_url("prometheus"), timeout=10, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = (self.headers["Authorization"] or "", self.headers["X-Scope-OrgID"]) == (login, tenant)
            if known and self.path.startswith(f"{PATH}/"):
                answer = behind.get(self.path.removeprefix(PATH))
                self._say(answer.status_code, answer.content)
            else:
                self._say(401 if not known else 404, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((HOST, port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:])
