"""The images of Riva and Kaldi: simulators that speak gRPC, and the commands that fill their stores."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from headroom.sandbox import engines
from headroom.sandbox.kubelet.runtimes import PACKAGE_ROOT, Bind, Runtime, interpreter, simulated

RIVA_HOME = "/opt/riva/bin"
KALDI_HOME = "/opt/tritonserver/bin"
# What the simulators need beside the standard library; nothing else of the environment is seen in there.
_PACKAGES = ("grpc", "typing_extensions")


def riva() -> Runtime:
    return _speaking_grpc(simulated("riva", "start-riva", RIVA_HOME), f"{RIVA_HOME}/download_and_deploy_ngc_models", "riva_store")


def kaldi() -> Runtime:
    """What its preparation fetches comes from no network."""
    return _speaking_grpc(simulated("kaldi", "tritonserver", KALDI_HOME), f"{KALDI_HOME}/wget", "kaldi_model")


def _speaking_grpc(server: Runtime, command: str, module: str) -> Runtime:
    script = f'#!/bin/sh\nexec {interpreter()} -P -S -m {engines.__name__}.{module} "$@"\n'
    return replace(server, binds=(*server.binds, *map(_package, _PACKAGES)), programs={**server.programs, command: script})


def _package(name: str) -> Bind:
    found = find_spec(name)
    assert found
    assert found.origin
    if found.submodule_search_locations:
        return Bind(found.submodule_search_locations[0], f"{PACKAGE_ROOT}/{name}")
    return Bind(found.origin, f"{PACKAGE_ROOT}/{name}.py")
