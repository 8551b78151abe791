"""What TorchServe is told: its command line, its `config.properties`, and variables in their place.

Source: TorchServe 0.12.0, `torchserve --help`, and docs/configuration.md of pytorch/serve.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ADDRESS = re.compile(r"^https?://(?P<host>\[[^\]]+\]|[^:/]+)(?::(?P<port>\d+))?/?$")
# Nobody outside the pod can reach a server whose configuration says nothing.
_ADDRESSES = {"inference": 8080, "management": 8081, "metrics": 8082}
_ANY_ADDRESS = {"0.0.0.0", "[::]"}


class Misconfigured(Exception):
    """TorchServe would not start; the message says why."""


@dataclass(frozen=True)
class ModelConfiguration:
    """Of one model, by the keys of the property `models`; None where it says nothing."""

    min_workers: int | None = None
    max_workers: int | None = None


@dataclass(frozen=True)
class Configuration:
    """`addresses` by API, as (host, port)."""

    addresses: Mapping[str, tuple[str, int]]
    model_store: Path
    load_models: tuple[str, ...]
    models: Mapping[str, ModelConfiguration]
    default_workers: int
    job_queue_size: int
    metrics: bool
    prometheus: bool
    token_authorization: bool


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="torchserve", description="Torchserve", allow_abbrev=False)
    parser.add_argument("-v", "--version", action="store_true")
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--foreground", action="store_true")
    parser.add_argument("--ts-config", type=Path)
    parser.add_argument("--model-store", type=Path)
    parser.add_argument("--models", nargs="+", default=[])
    for option in ("--workflow-store", "--log-config", "--cpp-log-config", "--plugins-path"):
        parser.add_argument(option)
    for option in ("--ncs", "--no-config-snapshots", "--enable-model-api"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("--disable-token-auth", action="store_true")
    return parser.parse_args(arguments)


def configuration(options: argparse.Namespace, environment: Mapping[str, str]) -> Configuration:
    """Raises `Misconfigured`."""
    file = Path(environment["TS_CONFIG_FILE"]) if "TS_CONFIG_FILE" in environment else options.ts_config
    if file is not None and not file.is_file():
        raise Misconfigured(f"--ts-config file not found: {file}")
    properties = read(file.read_text()) if file else {}
    if properties.get("enable_envvars_config") == "true":
        properties |= {name.removeprefix("TS_").lower(): value for name, value in environment.items() if name.startswith("TS_")}
    store = options.model_store or (Path(properties["model_store"]) if "model_store" in properties else None)
    if store is None:
        raise Misconfigured("Missing mandatory parameter --model-store")
    if not store.is_dir():
        raise Misconfigured(f"--model-store directory not found: {store}")
    off = options.disable_token_auth or properties.get("disable_token_authorization") == "true"
    return Configuration(
        addresses={api: _address(api, properties.get(f"{api}_address"), port) for api, port in _ADDRESSES.items()},
        model_store=store,
        load_models=tuple(options.models or [name for name in re.split(r"[,\s]+", properties.get("load_models", "")) if name]),
        models=_models(properties.get("models", "{}")),
        default_workers=_number(properties, "default_workers_per_model", 1),
        job_queue_size=_number(properties, "job_queue_size", 100),
        metrics=properties.get("enable_metrics_api", "true") == "true",
        prometheus=properties.get("metrics_mode", "log") == "prometheus",
        token_authorization=not off,
    )


def read(text: str) -> dict[str, str]:
    """A Java properties file as far as TorchServe's own are one: comments, `key=value`, lines continued by a backslash."""
    lines = (line.strip() for line in re.sub(r"\\\n\s*", "", text).splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith(("#", "!")))
    return {key.strip(): value.strip() for key, sign, value in pairs if sign}


def _address(api: str, text: str | None, port: int) -> tuple[str, int]:
    if text is None:
        return "127.0.0.1", port
    match = _ADDRESS.match(text)
    if not match:
        raise Misconfigured(f"Invalid {api}_address: {text}")
    host = "0.0.0.0" if match["host"] in _ANY_ADDRESS else match["host"]
    return host, int(match["port"] or 80)


def _models(text: str) -> dict[str, ModelConfiguration]:
    """The default version of each; there is one version of a model here."""
    try:
        content: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    except ValueError as error:
        raise Misconfigured(f"Invalid model configuration: {error}") from None
    newest = {name: list(versions.values())[-1] for name, versions in content.items() if versions}
    return {name: ModelConfiguration(said.get("minWorkers"), said.get("maxWorkers")) for name, said in newest.items()}


def _number(properties: Mapping[str, str], key: str, default: int) -> int:
    try:
        return int(properties.get(key, default))
    except ValueError:
        raise Misconfigured(f"{key} is not a number: {properties[key]}") from None
