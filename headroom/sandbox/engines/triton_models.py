"""Triton's model repository: which models there are, and what their `config.pbtxt` says that shows from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.sandbox.engines.pbtxt import Malformed, parse

# A model without `service_time_ms` among its parameters.
DEFAULT_SERVICE_TIME = 0.1


class LoadFailed(Exception):
    """A model cannot be loaded; the message is Triton's as far as it matters."""


@dataclass(frozen=True)
class Tensor:
    name: str
    datatype: str
    dims: tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """`instances` counts over all instance groups; `service_time` in seconds."""

    name: str
    version: str
    backend: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    max_batch_size: int
    instances: int
    service_time: float


def names(repository: Path) -> list[str]:
    """Raises `LoadFailed` when there is no such repository."""
    if not repository.is_dir():
        raise LoadFailed(f"failed to stat file {repository}")
    return sorted(path.name for path in repository.iterdir() if path.is_dir() and not path.name.startswith("."))


def load(repository: Path, name: str) -> Model:
    """The newest version of a model. Raises `LoadFailed`."""
    directory = repository / name
    versions = sorted((int(path.name) for path in directory.iterdir() if path.name.isdigit() and path.is_dir()), reverse=True)
    if not versions:
        raise LoadFailed(f"failed to load '{name}': at least one version must be available under the version policy of model '{name}'")
    try:
        text = (directory / "config.pbtxt").read_text()
    except FileNotFoundError:
        raise LoadFailed(f"failed to load '{name}': Invalid argument: Cannot autofill required model field: config.pbtxt") from None
    try:
        config = parse(text)
    except Malformed as error:
        raise LoadFailed(f"failed to load '{name}': Error parsing text-format inference.ModelConfig: {error}") from None
    backend = _first(config, "backend", "") or _first(config, "platform", "")
    if backend == "python" and not (directory / str(versions[0]) / "model.py").is_file():
        raise LoadFailed(f"failed to load '{name}' version {versions[0]}: Internal: Python model file not found in '{directory}'")
    return Model(
        name=_first(config, "name", name),
        version=str(versions[0]),
        backend=backend,
        inputs=tuple(map(_tensor, config.get("input", []))),
        outputs=tuple(map(_tensor, config.get("output", []))),
        max_batch_size=_first(config, "max_batch_size", 0),
        instances=sum(_first(group, "count", 1) for group in config.get("instance_group", [])) or 1,
        service_time=_service_time(config),
    )


def _first(message: dict[str, list[Any]], field: str, default: Any) -> Any:
    return message.get(field, [default])[0]


def _tensor(message: dict[str, list[Any]]) -> Tensor:
    datatype = str(_first(message, "data_type", "TYPE_FP32")).removeprefix("TYPE_").replace("STRING", "BYTES")
    return Tensor(_first(message, "name", ""), datatype, tuple(message.get("dims", [])))


def _service_time(config: dict[str, list[Any]]) -> float:
    for parameter in config.get("parameters", []):
        if _first(parameter, "key", "") == "service_time_ms":
            return float(_first(_first(parameter, "value", {}), "string_value", "0")) / 1000
    return DEFAULT_SERVICE_TIME
