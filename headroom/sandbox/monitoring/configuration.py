"""What the operator generated for a pod, as files and arguments for a process of this machine. Pure."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Object = Mapping[str, Any]

CONFIG_FILE = "prometheus.yaml"
RULES_IN_POD = "/etc/prometheus/rules/"

# What the config reloader fills in for the pod; there is one shard with one replica.
PLACEHOLDERS = {"$(SHARD)": "0"}


def files(secret: Object, rules: Sequence[Object], directory: Path) -> dict[Path, str]:
    """Every file below `directory` that Prometheus is to have: its configuration, and the rules of each ConfigMap."""
    text = gzip.decompress(base64.b64decode(secret["data"]["prometheus.yaml.gz"])).decode()
    placeholders = {**PLACEHOLDERS, "$(POD_NAME)": pod_name(secret["metadata"]["name"])}
    for placeholder, value in placeholders.items():
        text = text.replace(placeholder, value)
    found = {directory / CONFIG_FILE: text.replace(RULES_IN_POD, f"{directory / 'rules'}/")}
    for config_map in rules:
        for name, content in (config_map.get("data") or {}).items():
            found[directory / "rules" / config_map["metadata"]["name"] / name] = content
    return found


def pod_name(workload: str) -> str:
    """The operator names Secret and StatefulSet alike."""
    return f"{workload}-0"


def arguments(stateful_set: Object, directory: Path) -> list[str]:
    """Prometheus' arguments from its pod template, with the pod's paths replaced by those below `directory`.

    The web configuration is left out: it asks for no TLS unless the Prometheus object does.
    """
    containers = stateful_set["spec"]["template"]["spec"]["containers"]
    prometheus = next(container for container in containers if container["name"] == "prometheus")
    local = {"config.file": str(directory / CONFIG_FILE), "storage.tsdb.path": str(directory / "data")}
    kept = []
    for argument in prometheus["args"]:
        name, _, _ = argument.removeprefix("--").partition("=")
        if name in ("web.config.file", "web.listen-address"):
            continue
        kept.append(f"--{name}={local[name]}" if name in local else argument)
    return kept
