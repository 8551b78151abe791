"""Stack files on disk, one change away from a good one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from headroom import yaml_text
from headroom.settings import InvalidStack, Stack, load

GOOD = """\
config:
  headroom:cluster: {provider: kwok}
  headroom:pools:
    l4: {machine: g6.2xlarge, max: 5}
  headroom:servers:
    demo:
      engine: triton
      image: nvcr.io/nvidia/tritonserver:25.06-py3
      pool: l4
      models: models
      autoscaling:
        backend: hpa
        replicas: {max: 4}
        signals: {queue-time: 200ms}
"""
DEMO = "headroom:servers/demo"


def write(directory: Path, text: str) -> Path:
    """A stack file with a model directory beside it."""
    (directory / "models").mkdir(exist_ok=True)
    (directory / "models" / "config.pbtxt").write_text('name: "a-model"\n')
    path = directory / "Pulumi.test.yaml"
    path.write_text(text)
    return path


def changed(*changes: tuple[str, Any], text: str = GOOD) -> str:
    """The good file with values put at paths below `config`, written with slashes: `headroom:servers/demo/gpus`."""
    root = yaml_text.load(text)
    for path, value in changes:
        node = root["config"]
        *parents, last = path.split("/")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    return yaml.dump(root, Dumper=yaml.CSafeDumper, sort_keys=False)


def without(path: str, text: str = GOOD) -> str:
    """The good file without what stands at a path."""
    root = yaml_text.load(text)
    node = root["config"]
    *parents, last = path.split("/")
    for part in parents:
        node = node[part]
    del node[last]
    return yaml.dump(root, Dumper=yaml.CSafeDumper, sort_keys=False)


def accepted(directory: Path, text: str) -> Stack:
    return load(write(directory, text))


def refusal(directory: Path, text: str) -> InvalidStack:
    """Why a stack file is refused; fails when it is not."""
    path = write(directory, text)
    try:
        load(path)
    except InvalidStack as refused:
        return refused
    raise AssertionError("the stack file was accepted")


def problems(directory: Path, text: str) -> dict[str, str]:
    """What is wrong by dotted path."""
    return {problem.dotted: problem.message for problem in refusal(directory, text).problems}
