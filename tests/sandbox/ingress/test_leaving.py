"""What is left when a stack has Traefik no more."""

from __future__ import annotations

import pytest

from headroom.paths import Clone
from headroom.plugins.kubernetes.client import GVK
from headroom.plugins.kubernetes.errors import ApiError
from tests.sandbox.ingress.conftest import STACK, Routed

pytestmark = pytest.mark.tools

MONITOR = GVK("monitoring.coreos.com/v1", "ServiceMonitor")


def monitored(routed: Routed) -> bool:
    try:
        return bool(routed.api.get(MONITOR, "traefik", "traefik"))
    except ApiError:
        return False


def test_a_traefik_that_is_gone_is_not_scraped(routed: Routed, clone: Clone) -> None:
    file = clone.root / "stacks" / "Pulumi.local.yaml"
    there = monitored(routed)
    file.write_text(STACK.replace("traefik: existing", "traefik: none").partition("  headroom:servers:")[0])
    try:
        routed.sandbox.up(report=lambda _: None)
        assert (there, monitored(routed)) == (True, False)
    finally:
        file.write_text(STACK)
        routed.sandbox.up(report=lambda _: None)
