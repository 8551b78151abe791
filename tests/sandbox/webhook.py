"""A webhook that writes down what is posted to it: `python -m tests.sandbox.webhook PORT FILE`, a line for each request."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from headroom.sandbox.layout import HOST


def serve(port: int, file: Path) -> None:
    """For ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted = self.rfile.read(int(self.headers["Content-Length"]))
            with file.open("ab") as log:
                log.write(posted.replace(b"\n", b" ") + b"\n")
            self.send_response(200)
            self.end_headers()

    HTTPServer((HOST, port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
