"""Runs the real `__main__.py` in this process under Pulumi's mocks and records what it registers.

The mocks know no engine: what they let pass (duplicate names, defaults of the project file) is checked or supplied here.
"""

from __future__ import annotations

import gc
import json
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import yaml
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import set_root_resource
from pulumi.runtime.stack import run_in_stack
from pulumi.runtime.sync_await import _ensure_event_loop, _sync_await

ROOT = Path(__file__).resolve().parents[2]
_SECRET = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would have been told of it."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    dependencies: tuple[str, ...]
    timeouts: dict[str, str]
    ignores: tuple[str, ...]
    deleted_first: bool
    order_said: bool
    """Whether the program says which goes first, and does not leave it to the provider."""
    deleted_with: str
    protected: bool


@dataclass(frozen=True)
class Cloud:
    """What a cloud would have answered: outputs of resources by type, and results of functions by token."""

    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Run:
    """What one run of the program registered, and what it exports."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def one(self, type_: str, name: str) -> Registered:
        return next(r for r in self.resources if r.type == type_ and r.name == name)

    @property
    def kubernetes_objects(self) -> list[dict[str, Any]]:
        return [r.inputs for r in self.resources if r.type.startswith("kubernetes:")]


class _Mocks(mocks.Mocks):
    def __init__(self, cloud: Cloud):
        self._cloud = cloud

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", {**args.inputs, **self._cloud.outputs.get(args.typ, {})}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        assert args.token in self._cloud.results, f"the program invoked {args.token}"
        return self._cloud.results[args.token], []


class _Recorder(mocks.MockMonitor):
    def __init__(self, cloud: Cloud) -> None:
        super().__init__(_Mocks(cloud))
        self.run = Run()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            assert response.urn not in {r.urn for r in self.run.resources}, f"registered twice: {response.urn}"
            self.run.resources.append(
                Registered(
                    urn=response.urn,
                    type=request.type,
                    name=request.name,
                    inputs=_plain(rpc.deserialize_properties(request.object)),
                    parent=request.parent.split("::")[-1],
                    provider=request.provider,
                    dependencies=tuple(sorted(d.split("::")[-1] for d in request.dependencies)),
                    timeouts={k: v for k in ("create", "update", "delete") if (v := getattr(request.customTimeouts, k, ""))},
                    ignores=tuple(request.ignoreChanges),
                    deleted_first=request.deleteBeforeReplace,
                    order_said=request.deleteBeforeReplaceDefined,
                    deleted_with=request.deletedWith.split("::")[-1],
                    protected=request.protect,
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        if "::pulumi:pulumi:Stack::" in request.urn:
            # `set_mocks` registers a stack of its own, which has none, in no fixed order with the program's.
            self.run.outputs |= _plain(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)


_NO_CLOUD = Cloud()


class Refused(Exception):
    """The program ended itself; the text is what its user was told."""


def run_program(stack: str, config: dict[str, Any] | None = None, secrets: tuple[str, ...] = (), cloud: Cloud = _NO_CLOUD) -> Run:
    """Runs the program for a stack; `config` replaces what its stack file says. Raises `Refused`."""
    recorder = _Recorder(cloud)
    _ensure_event_loop()  # a test before this one may have ended its own, and with it the thread's
    mocks.set_mocks(_Mocks(cloud), "headroom", stack, preview=False, monitor=recorder)
    set_root_resource(None)  # pyright: ignore[reportArgumentType]  (set_mocks leaves a finished root behind)
    pulumi.runtime.set_all_config(_as_pulumi(stack_config(stack) if config is None else config), list(secrets))

    said: list[str] = []

    def main() -> None:
        with mock.patch("pulumi.log.error", said.append):
            runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    try:
        _sync_await(run_in_stack(main))
    except SystemExit:
        raise Refused("\n".join(said)) from None
    finally:
        # The program turns it off for its own process, which here is everybody's.
        gc.enable()
    return recorder.run


def stack_config(stack: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "stacks" / f"Pulumi.{stack}.yaml").read_text())["config"]


def _as_pulumi(config: dict[str, Any]) -> dict[str, str]:
    """Every value as text, objects as JSON, and the defaults of `Pulumi.yaml` for keys that the stack leaves out."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    values = {f"headroom:{key}": spec["default"] for key, spec in declared.items()} | config
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return "[secret]" if _SECRET in value else {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
