"""What a team keeps the secrets of its stacks with, played: Vault's transit engine on loopback.

Of a passphrase Pulumi makes a key anew in every command, which takes a processor one second. Most tests run many.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRETS_PROVIDER = "hashivault://tests"
"""For `pulumi stack init --secrets-provider`, and for a stack file."""
_PREFIX = "vault:v1:"


class _Transit(BaseHTTPRequestHandler):
    """Encrypts and decrypts as api-docs/secret/transit of Vault says; who holds the key is not asked."""

    def do_PUT(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "plaintext" in given:
            made = {"ciphertext": _PREFIX + _turned(given["plaintext"])}
        else:
            made = {"plaintext": _turned(given["ciphertext"].removeprefix(_PREFIX))}
        answer = json.dumps({"data": made}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _turned(text: str) -> str:
    return base64.b64encode(base64.b64decode(text)[::-1]).decode()


_DATA_KEY = base64.b64encode(b"the data key of stacks in tests.").decode()
_SETTINGS = {
    "secretsprovider": SECRETS_PROVIDER,
    "encryptedkey": base64.b64encode(f"{_PREFIX}{_turned(_DATA_KEY)}".encode()).decode(),
}


def kept_by_it(stack: Mapping[str, Any]) -> dict[str, Any]:
    """A stack file's content, its secrets kept by the service. It must have none that a passphrase keeps."""
    return {key: value for key, value in stack.items() if key != "encryptionsalt"} | _SETTINGS


@cache
def environment() -> dict[str, str]:
    """For commands of Pulumi; the service answers as long as this process lives."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}"}
