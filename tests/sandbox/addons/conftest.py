"""A sandbox whose stack has KEDA, metrics-server, LeaderWorkerSets and Karpenter; each test has a namespace of its own in it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import yaml

from headroom.paths import Clone
from headroom.sandbox import Sandbox
from headroom.tools import require
from tests.sandbox.fixtures import sandbox, throwaway_clone
from tests.waiting import SECONDS

__all__ = ["sandbox"]

STACK = {
    "config": {
        "headroom:cluster": {"provider": "kwok"},
        "headroom:platform": {
            # Called as a company may call them: nothing depends on the names that are usual.
            "monitoring": {"namespace": "observability", "scrapeInterval": "1s", "window": "10s"},
            "prometheusAdapter": "none",
            "keda": {"mode": "existing", "namespace": "scaling"},
            "metricsServer": {"mode": "existing", "namespace": "observability", "release": "usage"},
            "lws": {"mode": "existing", "gang": "volcano"},
            "karpenter": "existing",
        },
    }
}


@dataclass(frozen=True)
class Place:
    """A namespace of the sandbox, through kubectl."""

    sandbox: Sandbox
    name: str

    def kubectl(self, *arguments: str, given: Any = None, check: bool = True) -> str:
        command = [require("kubectl")["kubectl"], f"--kubeconfig={self.sandbox.kubeconfig}", f"--namespace={self.name}", *arguments]
        text = None if given is None else json.dumps(given)
        return subprocess.run(command, input=text, capture_output=True, text=True, check=check, timeout=SECONDS + 30).stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--filename=-", given={"apiVersion": "v1", "kind": "List", "items": objects})

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Empty where there is none."""
        answer = self.kubectl("get", kind, name, "--output=json", "--ignore-not-found")
        return json.loads(answer) if answer else {}

    def replicas(self, name: str) -> int | None:
        return self.get("deployment", name).get("spec", {}).get("replicas")

    def deploy(self, name: str, script: str, **resources: Any) -> None:
        """A Deployment whose pods run a shell script."""
        main = {"name": "main", "image": "sandbox.headroom.dev/tools", "command": ["sh", "-c", script], "resources": resources}
        pod = {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1, "containers": [main]}
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": pod}
        spec = {"selector": {"matchLabels": labels}, "template": template}
        self.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})


@pytest.fixture(scope="package")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = throwaway_clone(tmp_path_factory.mktemp("clone"))
    made.stack_file("local").parent.mkdir()
    made.stack_file("local").write_text(yaml.safe_dump(STACK))
    return made


@pytest.fixture
def place(sandbox: Sandbox) -> Iterator[Place]:
    ours = Place(sandbox, f"addons-{uuid4().hex[:8]}")
    ours.kubectl("create", "namespace", ours.name)
    yield ours
    ours.kubectl("delete", "namespace", ours.name, "--wait=false")
