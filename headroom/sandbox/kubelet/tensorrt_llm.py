"""A Triton image with TensorRT-LLM: its server, MPI, and the commands that build an engine, all of them simulated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from headroom.sandbox import engines
from headroom.sandbox.kubelet.pytriton import HOME
from headroom.sandbox.kubelet.runtimes import Bind, Runtime, interpreter, simulated

APP = "/app"
"""Where the image has TensorRT-LLM's examples and the backend's tools (README of tensorrtllm_backend, 25.05)."""
_EXAMPLES = ("gemma", "gpt", "llama", "qwen")
_PACKAGE = engines.__name__
_TOOLS = f"{_PACKAGE}.tensorrt_llm_tools"


def runtime() -> Runtime:
    """The image's programs at its own paths, but for those in system directories: they are where `tritonserver` is."""
    server = simulated("tensorrt_llm", "tritonserver", f"{HOME}/bin")

    return replace(
        server,
        title="simulator of TensorRT-LLM in Triton",
        binds=(*server.binds, Bind(str(Path(engines.__file__).parent / "inflight_batcher_llm"), f"{APP}/all_models/inflight_batcher_llm")),
        programs={**server.programs, **_commands(), **_scripts()},
    )


def _commands() -> dict[str, str]:
    modules = {
        "python3": "",
        "mpirun": f"-m {_PACKAGE}.mpirun",
        "huggingface-cli": f"-m {_TOOLS} huggingface-cli",
        "trtllm-build": f"-m {_TOOLS} trtllm-build",
    }
    return {f"{HOME}/bin/{name}": f'#!/bin/sh\nexec {interpreter()} -P -S {module} "$@"\n' for name, module in modules.items()}


def _scripts() -> dict[str, str]:
    """Python files, which are called as such."""
    paths = [
        f"{APP}/tools/fill_template.py",
        *(f"{APP}/tensorrt_llm/examples/models/core/{name}/convert_checkpoint.py" for name in _EXAMPLES),
    ]
    text = "import runpy, sys\nsys.argv.insert(1, {!r})\nrunpy.run_module({!r}, run_name='__main__')\n"
    return {path: text.format(Path(path).name, _TOOLS) for path in paths}
