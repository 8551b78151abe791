"""An address for each fake node."""

from __future__ import annotations

from typing import Any

from headroom.sandbox.kubelet import nodes
from headroom.sandbox.layout import NODE_ADDRESSES, POD_GATEWAY


def node(status: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "gpu-0", "annotations": {"kwok.x-k8s.io/node": "fake"}}, "status": status}


def test_a_node_gets_the_first_address_that_no_other_has() -> None:
    given = nodes.registration("gpu-0", taken={NODE_ADDRESSES[0], None})
    assert given["status"]["addresses"][0]["address"] == NODE_ADDRESSES[1]


def test_a_node_with_its_address_and_port_is_registered() -> None:
    assert nodes.is_registered(node(nodes.registration("gpu-0", ())["status"]))


def test_a_node_at_the_gateways_address_is_not() -> None:
    assert not nodes.is_registered(node({"addresses": [{"type": "InternalIP", "address": POD_GATEWAY}]}))
