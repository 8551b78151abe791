"""`python -m tests.outages.load KUBECONFIG STACK SERVER…`: requests for servers of a stack, at levels that come on standard input.

Runs inside the sandbox's network namespace, where pods have addresses. A line is JSON, `{"server": requests in flight}`; servers that it
leaves out keep their level. It ends with its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from headroom.sandbox.async_api import Api
from headroom.sandbox.load.aim import aim
from headroom.sandbox.load.endpoints import followed
from headroom.sandbox.load.generator import Generator
from headroom.settings import load

READY = "ready"


async def main(kubeconfig: str, path: str, *servers: str) -> None:
    api, stack = Api(Path(kubeconfig)), load(Path(path))
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as opened:
        generators = {}
        for server in servers:
            target = aim(stack, server)
            pods = await opened.enter_async_context(followed(api, target))
            generators[server] = await opened.enter_async_context(Generator(target.call, pods.next))
        loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
        print(READY, flush=True)
        while line := await lines.get():
            for server, level in json.loads(line).items():
                generators[server].level = level


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
