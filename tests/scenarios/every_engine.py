"""One stack of all engines, put together from the stacks of the sandbox that have one each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from headroom.paths import Clone

NAME = "every-engine"
_HERE = "headroom:"


def write(clone: Clone) -> Path:
    """Writes the stack's file. Servers are as their own stacks have them, the backends taken in turn."""
    whole: dict[str, Any] = {"cluster": {"provider": "kwok"}, "pools": {}, "servers": {}, "credentials": {}}
    whole["platform"] = {"monitoring": {"scrapeInterval": "1s", "window": "10s"}, "traefik": {"drain": "40s"}, "lws": "existing"}
    salt = ""
    for file in sorted((clone.root / "stacks").glob("Pulumi.*.yaml")):
        content = yaml.safe_load(file.read_text())
        config = {key.removeprefix(_HERE): value for key, value in content["config"].items()}
        if config["cluster"]["provider"] != "kwok":
            continue
        salt = content.get("encryptionsalt", salt)
        stack = file.name.split(".")[1]
        whole["credentials"] |= config.get("credentials", {})
        whole["pools"] |= {f"{stack}-{name}": pool for name, pool in config["pools"].items()}
        for server in config["servers"].values():
            backend = ("hpa", "keda")[len(whole["servers"]) % 2]
            autoscaling = {**server["autoscaling"], "backend": backend}
            route = {"route": {**server["route"], "host": f"{stack}.example.com"}} if "route" in server else {}
            whole["servers"][stack] = {**server, **route, "pool": f"{stack}-{server['pool']}", "autoscaling": autoscaling}
    path = clone.stack_file(NAME)
    document = {"config": {_HERE + key: value for key, value in whole.items()}, "encryptionsalt": salt}
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return path
