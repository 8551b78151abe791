"""A client inside the sandbox's network: `python -m tests.sandbox.ingress.client`, asked for as JSON, answers as JSON.

`{"streams": n, "messages": m, "every": seconds, "again": k}`: n streams at a time over one connection, m messages each, k times over.
It says `TALKING` once all of the first n have a reply; the answer has for each stream the pods that replied and how it ended.
`{"gets": n, "cookies": bool}`: status, headers and body of each.
`{"infer": model, "host": h, "for": seconds}`: status, `Retry-After` and time of each attempt at an inference, one after the other and each
at the time that the answer before it named, until one succeeds and for some seconds on.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import grpc
import httpx
from grpc import aio

from headroom.catalog.entrypoints import GRPC, HTTP
from headroom.sandbox.load.protocols.triton import infer
from tests.sandbox.ingress.echo import TALK

TALKING = "talking"
LONGEST_SECONDS = 90


async def stream(channel: aio.Channel, messages: int, every: float, replied: Callable[[], None]) -> dict[str, Any]:
    async def said() -> AsyncIterator[bytes]:
        for _ in range(messages):
            yield b"?"
            await asyncio.sleep(every)

    pods: list[str] = []
    try:
        async for reply in channel.stream_stream(TALK)(said(), timeout=180):
            pods.append(reply.decode())
            replied()
    except aio.AioRpcError as error:
        return {"pods": pods, "end": error.code().name}
    return {"pods": pods, "end": grpc.StatusCode.OK.name}


async def streams(asked: dict[str, Any]) -> list[dict[str, Any]]:
    async with aio.insecure_channel(f"127.0.0.1:{GRPC.listens}", options=[("grpc.enable_retries", 0)]) as channel:
        silent = set(range(asked["streams"]))

        def replied(number: int) -> None:
            if silent:
                silent.discard(number)
                if not silent:
                    print(TALKING, flush=True)

        async def line(number: int) -> list[dict[str, Any]]:
            return [
                await stream(channel, asked["messages"], asked["every"], partial(replied, number)) for _ in range(asked.get("again", 1))
            ]

        return [found for lines in await asyncio.gather(*map(line, range(asked["streams"]))) for found in lines]


def gets(asked: dict[str, Any]) -> list[dict[str, Any]]:
    with httpx.Client(base_url=f"http://127.0.0.1:{HTTP.listens}", trust_env=False, timeout=30) as client:
        answers = []
        for _ in range(asked["gets"]):
            answer = client.get("/v2/health/ready")
            answers.append({"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text})
            if not asked.get("cookies"):
                client.cookies.clear()
        return answers


def attempts(asked: dict[str, Any]) -> list[dict[str, Any]]:
    call, headers = infer(asked["infer"], {}), {"Host": asked["host"], "Content-Type": "application/json"}
    made: list[dict[str, Any]] = []
    begun = time.monotonic()
    until = begun + LONGEST_SECONDS
    with httpx.Client(base_url=f"http://127.0.0.1:{HTTP.listens}", trust_env=False, timeout=30) as client:
        while (now := time.monotonic()) < until:
            answer = client.post(call.path, content=call.body, headers=headers)
            told = answer.headers.get("retry-after")
            if answer.is_success and not any(attempt["status"] == answer.status_code for attempt in made):
                until = now + asked["for"]
            made.append({"at": now - begun, "status": answer.status_code, "told": told})
            time.sleep(float(told or 0.5))
    return made


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    if "infer" in request:
        print(json.dumps(attempts(request)))
    else:
        print(json.dumps(gets(request) if "gets" in request else asyncio.run(streams(request))))
