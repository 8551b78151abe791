"""What the TensorRT-LLM backend reads before it serves: its model's `config.pbtxt`, and the engine that this points to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.sandbox.engines.pbtxt import Malformed, Message, parse
from headroom.sandbox.engines.triton_models import LoadFailed

MODEL = "tensorrt_llm"
BACKEND = "tensorrtllm"


@dataclass(frozen=True)
class EngineFiles:
    """A built engine, as its `config.json` describes it. It fits one kind of GPU and one version of TensorRT-LLM only."""

    max_batch_size: int
    tensor: int
    pipeline: int

    @property
    def ranks(self) -> int:
        return self.tensor * self.pipeline


def find(repository: Path) -> EngineFiles:
    """The engine of a repository's model `tensorrt_llm`, for the rank that this process is under MPI. Raises `LoadFailed`."""
    config = _config(repository / MODEL / "config.pbtxt")
    if config.get("backend") != [BACKEND]:
        raise LoadFailed(f"failed to load '{MODEL}': its backend is {config.get('backend')}, not {BACKEND}: was its template filled in?")
    directory = Path(_parameter(config, "gpt_model_path"))
    engine = _engine(directory)
    ranks, rank = int(os.environ.get("OMPI_COMM_WORLD_SIZE", "1")), int(os.environ.get("OMPI_COMM_WORLD_RANK", "0"))
    if ranks != engine.ranks:
        raise LoadFailed(
            f"failed to load '{MODEL}': Internal: unexpected error when creating modelInstanceState: [TensorRT-LLM][ERROR] "
            f"Assertion failed: MPI size ({ranks}) != TP size ({engine.tensor}) * PP size ({engine.pipeline})"
        )
    if not (directory / f"rank{rank}.engine").is_file():
        raise LoadFailed(f"failed to load '{MODEL}': Error opening engine file: {directory}/rank{rank}.engine")
    return engine


def _config(path: Path) -> Message:
    try:
        return parse(path.read_text())
    except FileNotFoundError:
        raise LoadFailed(f"failed to stat file {path}") from None
    except Malformed as error:
        raise LoadFailed(f"failed to load '{MODEL}': Error parsing text-format inference.ModelConfig: {error}") from None


def _parameter(config: Message, key: str) -> str:
    for parameter in config.get("parameters", []):
        if parameter.get("key") == [key]:
            return str(parameter["value"][0]["string_value"][0])
    raise LoadFailed(f"failed to load '{MODEL}': model config parameters do not contain {key}")


def _engine(directory: Path) -> EngineFiles:
    try:
        config: dict[str, Any] = json.loads((directory / "config.json").read_text())
        mapping = config["pretrained_config"]["mapping"]
        return EngineFiles(config["build_config"]["max_batch_size"], mapping["tp_size"], mapping["pp_size"])
    except FileNotFoundError:
        raise LoadFailed(
            f"failed to load '{MODEL}': Internal: could not open {directory}/config.json: no engine has been built there"
        ) from None
    except (ValueError, KeyError) as error:
        raise LoadFailed(f"failed to load '{MODEL}': Internal: {directory}/config.json is no engine's: {error!r}") from None
