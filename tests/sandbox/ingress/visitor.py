"""A client that comes from outside: `python -m tests.sandbox.ingress.visitor`, asked for as JSON, answers as JSON.

`{"url", "host", "authority", "headers"}`: one GET; status, headers and body, or `error` where TLS does not come about.
`{"call": address, "host", "authority", "metadata"}`: one stream of one message; the pod that replied and how it ended.
`authority` is a file with the certificate that the server's must be signed by; without it the call is in clear text.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import httpx
from grpc import aio

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


async def call(asked: dict[str, Any]) -> dict[str, Any]:
    options = [("grpc.enable_retries", 0), ("grpc.default_authority", asked["host"])]
    if "authority" in asked:
        trusted = grpc.ssl_channel_credentials(Path(asked["authority"]).read_bytes())
        channel = aio.secure_channel(asked["call"], trusted, [*options, ("grpc.ssl_target_name_override", asked["host"])])
    else:
        channel = aio.insecure_channel(asked["call"], options)

    async def said() -> AsyncIterator[bytes]:
        yield b"?"

    async with channel:
        try:
            replies = [reply.decode() async for reply in channel.stream_stream(TALK)(said(), timeout=20, metadata=asked.get("metadata"))]
        except aio.AioRpcError as error:
            return {"end": error.code().name, "details": error.details()}
    return {"end": grpc.StatusCode.OK.name, "pods": replies}


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    print(json.dumps(get(request) if "url" in request else asyncio.run(call(request))))
