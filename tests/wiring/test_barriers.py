"""What NetworkPolicies let through, direction by direction."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.wiring import Document
from headroom.wiring.barriers import Door, Party, Pod, lets_in, lets_out
from headroom.wiring.gather import gather
from headroom.wiring.values import Unknown

NAME = "kubernetes.io/metadata.name"
SERVER = Pod("speech", {NAME: "speech"}, {"app": "parrot"})
PROMETHEUS = Pod("monitoring", {NAME: "monitoring", "team": "platform"}, {"app": "prometheus"})
STRANGER = Pod("speech", {NAME: "speech"}, {"app": "shell"})
METRICS = Door(8002, "metrics")

Rule = dict[str, Any]


def policy(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "parrot", "namespace": "speech"},
        "spec": {"podSelector": {"matchLabels": {"app": "parrot"}}, **spec},
    }


def comes_in(*policies: dict[str, Any], who: Party = PROMETHEUS, door: Door = METRICS, pod: Pod = SERVER) -> bool | Unknown:
    return lets_in(gather(Document(each) for each in policies).barriers, pod, who, door)


def goes_out(*policies: dict[str, Any], who: Party = PROMETHEUS, door: Door = METRICS) -> bool | Unknown:
    return lets_out(gather(Document(each) for each in policies).barriers, SERVER, who, door)


def space(**labels: str) -> Rule:
    return {"namespaceSelector": {"matchLabels": labels}}


PODS = {"podSelector": {"matchLabels": {"app": "prometheus"}}}
METRICS_ONLY = [{"ports": [{"port": 8002}]}]


def test_without_a_policy_everybody_comes_in_and_goes_out() -> None:
    assert (comes_in(), goes_out()) == (True, True)


def test_a_policy_over_other_pods_changes_nothing() -> None:
    assert comes_in({**policy(), "spec": {"podSelector": {"matchLabels": {"app": "other"}}}}) is True


def test_a_policy_of_another_namespace_changes_nothing() -> None:
    elsewhere = policy()
    elsewhere["metadata"]["namespace"] = "chat"
    assert comes_in(elsewhere) is True


def test_a_policy_without_rules_closes_what_it_judges() -> None:
    assert (comes_in(policy()), goes_out(policy())) == (False, True)
    assert (comes_in(policy(policyTypes=["Egress"])), goes_out(policy(policyTypes=["Egress"]))) == (True, False)


def test_a_policy_that_says_where_to_go_judges_that_too() -> None:
    assert goes_out(policy(egress=METRICS_ONLY), door=Door(443)) is False


def test_policies_add_up() -> None:
    assert comes_in(policy(), policy(ingress=METRICS_ONLY)) is True


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (space(**{NAME: "monitoring"}), True),
        (space(**{NAME: "chat"}), False),
        (space(), True),
        (PODS, False),
        ({**space(team="platform"), **PODS}, True),
        ({**space(team="platform"), "podSelector": {"matchLabels": {"app": "shell"}}}, False),
        ({"ipBlock": {"cidr": "0.0.0.0/0"}}, True),
    ],
    ids=str,
)
def test_who_comes_in(peer: Rule, expected: bool) -> None:
    assert comes_in(policy(ingress=[{"from": [peer]}])) is expected


def test_pods_alone_are_those_of_the_policys_own_namespace() -> None:
    assert comes_in(policy(ingress=[{"from": [{"podSelector": {}}]}]), who=STRANGER) is True


def test_whether_a_pod_has_an_address_of_a_range_cannot_be_told() -> None:
    assert isinstance(comes_in(policy(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}])), Unknown)


@pytest.mark.parametrize(("address", "expected"), [("10.1.2.3", True), ("10.2.0.1", False), ("192.0.2.1", False)])
def test_an_address_comes_in_by_ranges_and_their_exceptions(address: str, expected: bool) -> None:
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.2.0.0/16"]}}
    assert comes_in(policy(ingress=[{"from": [block]}]), who=address) is expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ({"port": 8002}, True),
        ({"port": 8000}, False),
        ({"port": 8000, "endPort": 8010}, True),
        ({"port": "metrics"}, True),
        ({"port": "http"}, False),
        ({"protocol": "TCP"}, True),
        ({"port": 8002, "protocol": "UDP"}, False),
    ],
    ids=str,
)
def test_at_which_ports(ports: Rule, expected: bool) -> None:
    assert comes_in(policy(ingress=[{"ports": [ports]}])) is expected


def test_an_address_goes_by_no_selector() -> None:
    assert goes_out(policy(egress=[{"to": [space()]}]), who="192.0.2.1") is False
