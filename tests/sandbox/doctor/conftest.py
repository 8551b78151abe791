"""A checkout whose sandbox has a control plane alone, into which a company's platform is put."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from headroom.plugins.environment import environment
from headroom.plugins.install import install
from headroom.sandbox import Sandbox
from headroom.tools import require
from tests.sandbox.doctor import foreign
from tests.stacks.checkout import Checkout, clean_environment, copy

CONFIG = {
    "headroom:cluster": {"provider": "kwok"},
    "headroom:pools": {"l4": {"machine": "g6.2xlarge", "max": 1}},
}
COLLIDING = {
    "metricsServer": "helm",
    "prometheusAdapter": "helm",
    "keda": "helm",
    "gpuOperator": "helm",
    "traefik": {"mode": "helm", "defaultIngressClass": True},
    "monitoring": {"mode": "existing", "namespace": "observability"},
}


@dataclass(frozen=True)
class Company:
    """The checkout, and the cluster that it finds."""

    checkout: Checkout
    sandbox: Sandbox

    def stack(self, name: str, platform: Mapping[str, Any]) -> None:
        """A stack with one node and a platform."""
        stacks = self.checkout.clone.root / "stacks"
        salt = yaml.safe_load((stacks / "Pulumi.local.yaml").read_text())["encryptionsalt"]
        config = {**CONFIG, "headroom:platform": dict(platform)}
        (stacks / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config, "encryptionsalt": salt}))

    def apply(self, *objects: Mapping[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given={"apiVersion": "v1", "kind": "List", "items": objects})

    def kubectl(self, *arguments: str, given: Any = None) -> str:
        command = [require("kubectl")["kubectl"], f"--kubeconfig={self.sandbox.kubeconfig}", *arguments]
        text = None if given is None else json.dumps(given)
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60).stdout

    def doctor(self, stack: str, *, kubeconfig: Path | None = None) -> tuple[int, dict[str, Any]]:
        """Exit status, and what a program is told."""
        way = {"HEADROOM_KUBECONFIG": str(kubeconfig)} if kubeconfig else {}
        asking = Checkout(self.checkout.clone, {**self.checkout.environment, **way})
        done = asking.headroom("doctor", stack, "--json")
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    clone = copy(tmp_path_factory.mktemp("company"))
    sandbox = Sandbox(clone)
    try:
        sandbox.up(bare=True)
        installation = install(clone)
        ours = Company(Checkout(clone, environment(clone, clean_environment(), official=installation.official)), sandbox)
        ours.apply(foreign.NAMESPACE, foreign.PROMETHEUS_DEFINITION, foreign.DEFAULT_CLASS, foreign.DEVICE_PLUGIN)
        groups = ("metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io")
        ours.apply(*(foreign.api_service(group) for group in groups))
        ours.kubectl("wait", "--for=condition=Established", "crd/prometheuses.monitoring.coreos.com", "--timeout=30s")
        ours.apply(foreign.PROMETHEUS)
        yield ours
    finally:
        sandbox.down(report=lambda _: None)
