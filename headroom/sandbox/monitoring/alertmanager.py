"""What the operator generated for an Alertmanager's pod, as files and arguments for a process of this machine. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from headroom.sandbox.monitoring.configuration import Object, container, unpacked

CONFIG_FILE = "alertmanager.yaml"
SECRETS = "secrets"
SECRETS_IN_POD = "/etc/alertmanager/secrets/"


def mounted(stateful_set: Object) -> list[str]:
    """Names of the Secrets that its configuration reads files of."""
    pod = stateful_set["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume.get("secret", {}).get("secretName") for volume in pod["volumes"]}
    mounts = container(stateful_set, "alertmanager")["volumeMounts"]
    return [volumes[mount["name"]] for mount in mounts if mount["mountPath"].startswith(SECRETS_IN_POD)]


def files(generated: Object, secrets: Iterable[Object], directory: Path) -> dict[Path, str]:
    """Every file below `directory` that Alertmanager is to have: its configuration, and the keys of the Secrets that it has mounted."""
    text = unpacked(generated, f"{CONFIG_FILE}.gz").replace(SECRETS_IN_POD, f"{directory / SECRETS}/")
    found = {directory / CONFIG_FILE: text}
    for secret in secrets:
        for key, value in (secret.get("data") or {}).items():
            found[directory / SECRETS / secret["metadata"]["name"] / key] = base64.b64decode(value).decode()
    return found


def arguments(stateful_set: Object, directory: Path) -> list[str]:
    """Alertmanager's arguments from its pod template, with the pod's paths replaced by those below `directory`.

    There is one process, however many replicas the pod template is of: it has nobody to tell what it told.
    """
    local = {"config.file": str(directory / CONFIG_FILE), "storage.path": str(directory / "data")}
    kept = []
    for argument in container(stateful_set, "alertmanager")["args"]:
        name, _, _ = argument.removeprefix("--").partition("=")
        if name in ("web.config.file", "web.listen-address") or name.startswith("cluster."):
            continue
        kept.append(f"--{name}={local[name]}" if name in local else argument)
    return [*kept, "--cluster.listen-address="]
