"""Ends a running container as a kubelet does: its preStop hook, TERM, and KILL when the grace period is over."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from headroom.sandbox.kubelet.lifecycle import Step, ending, grace_left
from headroom.sandbox.kubelet.probes import port_number
from headroom.sandbox.kubelet.probing import http_get, unforeseen
from headroom.sandbox.kubelet.runtime import Running


async def stop(running: Running, container: Mapping[str, Any], grace: float, address: str, hook_failed: Callable[[str], None]) -> None:
    """Returns when it has ended. `address` is the pod's; `hook_failed` is told why a preStop hook failed."""
    begun = time.monotonic()
    for step in ending(container, grace):
        if not running.alive():
            return
        left = grace_left(grace, time.monotonic() - begun)
        if step.do == "kill":
            running.signal(signal.SIGKILL)
            await running.wait()
        elif step.do == "terminate":
            running.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await running.wait()
        else:
            await _while_running(running, _hook(step, running, container, grace, address, hook_failed), grace)


async def _while_running(running: Running, hook: Any, seconds: float) -> None:
    """The hook ends with its container, and after `seconds` at the latest."""
    tasks = {asyncio.create_task(hook), asyncio.create_task(running.wait())}
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _hook(
    step: Step, running: Running, container: Mapping[str, Any], seconds: float, address: str, failed: Callable[[str], None]
) -> None:
    try:
        why = await _failure(step, running, container, seconds, address)
    except Exception as error:  # noqa: BLE001  (whatever it is, the container ends without its drain)
        why = unforeseen(error)
    if why:
        failed(why)


async def _failure(step: Step, running: Running, container: Mapping[str, Any], seconds: float, address: str) -> str:
    """Why the hook failed, now that it has run; nothing where it did not."""
    settings = step.settings or {}
    if step.do == "sleep":
        await asyncio.sleep(settings.get("seconds") or 0)
        return ""
    if step.do == "exec":
        code, said = await running.execute(list(settings["command"]), seconds)
        return f"command {settings['command']} exited with {code}: {said}" if code else ""
    port = port_number(container, settings["port"]) or 0
    return (await http_get(settings, settings.get("host") or address, port, seconds)).message
