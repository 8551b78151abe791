"""What the operator generated for a pod, as files and arguments for a process of this machine. Pure."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Object = Mapping[str, Any]

CONFIG_FILE = "prometheus.yaml"
RULES = "rules"
RULES_IN_POD = "/etc/prometheus/rules/"

# What the config reloader fills in for the pod; there is one shard with one replica.
PLACEHOLDERS = {"$(SHARD)": "0"}


def files(secret: Object, rules: Sequence[Object], directory: Path) -> dict[Path, str]:
    """Every file below `directory` that Prometheus is to have: its configuration, and the rules of each ConfigMap."""
    text = unpacked(secret, f"{CONFIG_FILE}.gz")
    placeholders = {**PLACEHOLDERS, "$(POD_NAME)": pod_name(secret["metadata"]["name"])}
    for placeholder, value in placeholders.items():
        text = text.replace(placeholder, value)
    found = {directory / CONFIG_FILE: text.replace(RULES_IN_POD, f"{directory / RULES}/")}
    for config_map in rules:
        for name, content in (config_map.get("data") or {}).items():
            found[directory / RULES / config_map["metadata"]["name"] / name] = content
    return found


def pod_name(workload: str) -> str:
    """The operator names Secret and StatefulSet alike."""
    return f"{workload}-0"


def arguments(stateful_set: Object, directory: Path) -> list[str]:
    """Prometheus' arguments from its pod template, with the pod's paths replaced by those below `directory`.

    The web configuration is left out: it asks for no TLS unless the Prometheus object does.
    """
    local = {"config.file": str(directory / CONFIG_FILE), "storage.tsdb.path": str(directory / "data")}
    kept = []
    for argument in container(stateful_set, "prometheus")["args"]:
        name, _, _ = argument.removeprefix("--").partition("=")
        if name in ("web.config.file", "web.listen-address"):
            continue
        kept.append(f"--{name}={local[name]}" if name in local else argument)
    return kept


def unpacked(secret: Object, key: str) -> str:
    """A text as the operator packs it, below `key`."""
    return gzip.decompress(base64.b64decode(secret["data"][key])).decode()


def container(stateful_set: Object, name: str) -> Object:
    """One container of its pod template."""
    return next(found for found in stateful_set["spec"]["template"]["spec"]["containers"] if found["name"] == name)
