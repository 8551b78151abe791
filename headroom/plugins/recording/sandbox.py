"""Where a test's clusters lead to: the sandbox that the test names in an environment variable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.plugins.kubernetes import kubeconfig
from headroom.plugins.kubernetes.guard import refuse_distant
from headroom.plugins.recording.ledger import Ledger

VARIABLE = "HEADROOM_RECORDING"
"""A directory: `kubeconfig` of the sandbox, optionally `drift.json`; the ledger is written there."""


class NoSandbox(Exception):
    """These plugins are for tests, and no test has said where its sandbox is."""


@dataclass(frozen=True)
class Sandbox:
    """`certificate_authority`: PEM in base64, as every cloud gives it. `drift`: properties by resource, changed behind Pulumi's back."""

    server: str
    certificate_authority: str
    ledger: Ledger
    directory: Path

    @property
    def drift(self) -> dict[str, dict[str, Any]]:
        file = self.directory / "drift.json"
        return json.loads(file.read_text()) if file.exists() else {}


def find(environment: Mapping[str, str]) -> Sandbox:
    """Raises `NoSandbox`, and `ClusterRefused` for a cluster that is not on this machine."""
    directory = Path(environment.get(VARIABLE) or "/nowhere")
    if not (directory / "kubeconfig").is_file():
        raise NoSandbox(
            f"this is a recording provider of headroom's tests: it makes nothing in any cloud, and runs only where {VARIABLE} names a "
            "directory with a sandbox's kubeconfig. For a real cloud use Pulumi's own plugin: `pulumi plugin rm resource` takes this one "
            "away, `pulumi plugin install` brings the other"
        )
    cluster = kubeconfig.select(kubeconfig.load(str(directory / "kubeconfig"))).cluster
    refuse_distant(cluster["server"])
    return Sandbox(cluster["server"], cluster["certificate-authority-data"], Ledger(directory / "steps.jsonl"), directory)
