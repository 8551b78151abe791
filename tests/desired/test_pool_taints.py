"""Labels and taints of a pool's own: its nodes have them, and what belongs on them puts up with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.desired import Desired, render
from tests.settings.stack_files import accepted, changed

TAINT = {"key": "team", "value": "speech", "effect": "NoExecute"}
TOLERATED = {"key": "team", "operator": "Exists", "effect": "NoExecute"}
CHANGES = (
    ("headroom:pools/l4/taints", [TAINT]),
    ("headroom:pools/l4/labels", {"team": "speech"}),
    ("headroom:platform/gpuOperator", "helm"),
)


@pytest.fixture
def tainted(tmp_path: Path) -> Desired:
    return render(accepted(tmp_path, changed(*CHANGES)))


def test_nodes_have_them(tainted: Desired) -> None:
    for node in tainted.pools["l4"]:
        assert TAINT in node["spec"]["taints"]
        assert node["metadata"]["labels"]["team"] == "speech"


def test_servers_of_the_pool_tolerate_them(tainted: Desired) -> None:
    (server,) = tainted.servers
    assert TOLERATED in server.objects["workload"]["spec"]["template"]["spec"]["tolerations"]


def test_the_operator_reaches_the_nodes(tainted: Desired) -> None:
    (release,) = tainted.platform["gpuOperator"].releases
    assert TOLERATED in release.values["daemonsets"]["tolerations"]
    assert TOLERATED in release.values["node-feature-discovery"]["worker"]["tolerations"]


def test_servers_of_other_pools_stay_off(tmp_path: Path) -> None:
    other = {"machine": "g6.2xlarge", "max": 1, "taints": [TAINT]}
    (server,) = render(accepted(tmp_path, changed(("headroom:pools/other", other)))).servers
    assert TOLERATED not in server.objects["workload"]["spec"]["template"]["spec"]["tolerations"]
