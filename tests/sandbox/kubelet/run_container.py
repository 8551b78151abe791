"""`python -m tests.sandbox.kubelet.run_container DIRECTORY JSON`: one container in the network namespace that this runs in.

JSON: `argv`, and optionally `env`, `volume` (a directory, mounted read-only at /volume), `readOnlyRoot`, `uid`, `killLauncher` (after that
many seconds), `execute` (a command, after which the container is killed). Prints JSON: `exitCode`, `log`, `error`, `alive` (whether its
process 1 is still there afterwards), `executed` (exit code and output of that command).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from headroom.sandbox.kubelet import network, runtime
from headroom.sandbox.kubelet.filesystem import Mount, operations
from headroom.sandbox.kubelet.processes import start_ticks
from headroom.sandbox.kubelet.runtimes import machine_tools


async def run(directory: Path, asked: dict[str, Any]) -> dict[str, Any]:
    await network.ensure_bridge()
    holder = await network.create("10.244.1.1", dict(os.environ), directory / "network.log")
    how = machine_tools()
    mounts = [Mount("/volume", asked["volume"], readonly=True)] if "volume" in asked else []
    launch = runtime.Launch(
        root=str(directory / "root"),
        log=str(directory / "log"),
        operations=operations(how, mounts, {"/etc/hosts": "127.0.0.1\tlocalhost\n"}, 0),
        namespaces=network.namespaces(holder),
        hostname="demo-0",
        argv=asked["argv"],
        env={**how.env, **asked.get("env", {})},
        readOnlyRoot=asked.get("readOnlyRoot", False),
        identity=runtime.Identity(asked.get("uid"), 0, (), True, True),
    )
    try:
        running = await runtime.start(directory, launch, dict(os.environ))
        if "killLauncher" in asked:
            await asyncio.sleep(asked["killLauncher"])
            running.launcher.signal(signal.SIGKILL)
        executed = None
        if "execute" in asked:
            executed = await running.execute(asked["execute"], 10)
            running.signal(signal.SIGKILL)
        ended = await running.wait()
        alive = await _stays(running.pid)
        return {"exitCode": ended.exit_code, "log": (directory / "log").read_text(), "alive": alive, "executed": executed}
    except runtime.StartFailed as error:
        return {"error": str(error)}
    finally:
        await network.end(holder)


async def _stays(pid: int) -> bool:
    """Whether a process is still there after two seconds."""
    for _ in range(40):
        if start_ticks(pid) is None:
            return False
        await asyncio.sleep(0.05)
    return True


if __name__ == "__main__":
    if sys.version_info < (3, 12):
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    print(json.dumps(asyncio.run(run(Path(sys.argv[1]), json.loads(sys.argv[2])))))
