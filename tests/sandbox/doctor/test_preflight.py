"""`pulumi up` into a cluster that has its own platform: refused with the fix before anything is applied, and done when the fix is made."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.evidence import Proof
from tests.sandbox.doctor.conftest import COLLIDING, Company
from tests.stacks.checkout import Checkout

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def refused(company: Company) -> str:
    """What a plain `pulumi up` says of a stack that collides with everything."""
    company.stack("collides", COLLIDING)
    company.checkout.init("collides")
    up = company.checkout.pulumi("up", "--stack=collides", "--yes", "--skip-preview")
    assert up.returncode != 0
    return up.stdout


@pytest.mark.proves("a stack that would collide with its cluster is refused before anything is applied", Proof.REAL)
@pytest.mark.parametrize(
    "said",
    [
        "platform.metricsServer: would be a second owner of metrics.k8s.io, which is served by Service company/nobody",
        "platform.prometheusAdapter: would be a second owner of custom.metrics.k8s.io",
        "platform.keda: would be a second owner of external.metrics.k8s.io",
        "platform.traefik: would be a second default ingress class beside company",
        "platform.gpuOperator: would bring a second device plugin to nodes that have one "
        "(DaemonSet kube-system/nvidia-device-plugin-daemonset)",
        "platform.prometheusAdapter: looks for Prometheus at http://prometheus-operated.observability.svc:9090",
    ],
)
def test_every_collision_is_named(refused: str, said: str) -> None:
    assert said in refused


@pytest.mark.parametrize(
    "remedy",
    ["write platform.keda: existing", "platform.traefik.defaultIngressClass: false", "write platform.gpuOperator: existing"],
)
def test_the_fix_is_in_the_message(refused: str, remedy: str) -> None:
    assert remedy in refused


def test_there_is_no_traceback(refused: str) -> None:
    assert "Traceback" not in refused


def test_nothing_was_applied(company: Company, refused: str) -> None:
    assert '"type": "kubernetes:' not in company.checkout.pulumi("stack", "export", "--stack=collides").stdout
    assert company.kubectl("get", "nodes", "--selector=headroom.dev/pool=l4", "--output=name") == ""
    assert "traefik" not in company.kubectl("get", "namespaces", "--output=name")


def test_a_preview_is_refused_too(company: Company, refused: str) -> None:
    preview = company.checkout.pulumi("preview", "--stack=collides")
    assert preview.returncode != 0
    assert "platform.keda: would be a second owner" in preview.stdout


def test_headroom_up_is_refused_too(company: Company, refused: str) -> None:
    up = company.checkout.headroom("up", "collides")
    assert up.returncode != 0
    assert "platform.keda: would be a second owner" in up.stdout


def test_a_cluster_that_does_not_answer_is_a_warning(company: Company, refused: str, tmp_path: Path) -> None:
    config = yaml.safe_load(company.sandbox.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    way = {"HEADROOM_KUBECONFIG": str(tmp_path / "kubeconfig")}
    preview = Checkout(company.checkout.clone, {**company.checkout.environment, **way}).pulumi("preview", "--stack=collides")
    assert "the cluster was not looked at for what this stack would collide with" in preview.stdout
    assert "second owner" not in preview.stdout


@pytest.mark.proves("the doctor's platform fits the cluster that it was written for", Proof.REAL)
def test_what_the_doctor_advises_is_applied(company: Company) -> None:
    company.stack("mended", COLLIDING)
    status, told = company.doctor("mended")
    assert (status, len(told["conflicts"])) == (1, 6)
    company.stack("mended", told["platform"])
    company.checkout.init("mended")
    up = company.checkout.pulumi("up", "--stack=mended", "--yes", "--skip-preview")
    assert up.returncode == 0, up.stdout
    assert company.kubectl("get", "nodes", "--selector=headroom.dev/pool=l4", "--output=name") != ""
