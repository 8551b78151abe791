"""Images of servers of language models, all of them simulated."""

from __future__ import annotations

from dataclasses import replace

from headroom.sandbox.kubelet.runtimes import Runtime, simulated

NIM_HOME = "/opt/nim"
_START = "start_server.sh"


def nim() -> Runtime:
    """NIM's image starts by itself: its manifests name no command."""
    return replace(simulated("nim", _START, NIM_HOME), entrypoint=(f"{NIM_HOME}/{_START}",))


def vllm() -> Runtime:
    return simulated("vllm", "vllm", "/opt/vllm/bin")
