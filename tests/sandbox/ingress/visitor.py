"""A client that comes from outside: `python -m tests.sandbox.ingress.visitor`, asked for as JSON, answers as JSON.

`{"url", "host", "authority", "headers"}`: one GET; status, headers and body, or `error` where TLS does not come about.
`{"call": address, "host", "authority", "metadata"}`: one stream of three messages; the pods that replied and how it ended.
`authority` is a file with the certificate that the server's must be signed by; without it the call is in clear text.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx

from tests.sandbox.ingress.echo import TALK


def get(asked: dict[str, Any]) -> dict[str, Any]:
    verify = ssl.create_default_context(cafile=asked["authority"]) if "authority" in asked else True
    with httpx.Client(verify=verify, trust_env=False, timeout=30) as client:
        headers = {"Host": asked["host"], **asked.get("headers", {})}
        try:
            answer = client.get(asked["url"], headers=headers, extensions={"sni_hostname": asked["host"]})
        except httpx.ConnectError as error:
            return {"error": str(error)}
    return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text}


def call(asked: dict[str, Any]) -> dict[str, Any]:
    """By grpcio's own threads: its asyncio says INTERNAL whenever a stream ends before all of its messages are sent."""
    options = [("grpc.enable_retries", 0), ("grpc.default_authority", asked["host"])]
    if "authority" in asked:
        trusted = grpc.ssl_channel_credentials(Path(asked["authority"]).read_bytes())
        channel = grpc.secure_channel(asked["call"], trusted, [*options, ("grpc.ssl_target_name_override", asked["host"])])
    else:
        channel = grpc.insecure_channel(asked["call"], options)
    with channel:
        try:
            replies = [reply.decode() for reply in channel.stream_stream(TALK)(said(), timeout=20, metadata=asked.get("metadata"))]
        except grpc.RpcError as error:
            return {"end": error.code().name, "details": error.details()}
    return {"end": grpc.StatusCode.OK.name, "pods": replies}


def said() -> Iterator[bytes]:
    for _ in range(3):
        yield b"?"
        time.sleep(0.05)


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    print(json.dumps(get(request) if "url" in request else call(request)))
