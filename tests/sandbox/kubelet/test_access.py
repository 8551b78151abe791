"""Who asks a kubelet, and what they need a right to."""

from __future__ import annotations

import pytest

from headroom.sandbox.kubelet.access import User, subresource


def test_a_user_is_the_common_name_and_the_organizations_of_its_certificate() -> None:
    certificate = {"subject": ((("organizationName", "ops"),), (("commonName", "ada"),))}
    assert User.of(certificate) == User("ada", ("ops", "system:authenticated"))


@pytest.mark.parametrize(("path", "right"), [("/metrics/resource", "metrics"), ("/containerLogs/a/b/c", "proxy"), ("/healthz", "proxy")])
def test_the_right_to_a_path_is_the_right_to_a_nodes_subresource(path: str, right: str) -> None:
    assert subresource(path) == right
