from __future__ import annotations

from typing import Any

import pytest

from headroom.plugins.kubernetes.configuration import OptionRefused, differences, options
from headroom.plugins.kubernetes.properties import UNKNOWN


def kubeconfig(server: str = "http://127.0.0.1:1", *, context: str = "c", namespace: str = "", token: str = "t") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return f"""
clusters: [{{name: c, cluster: {{server: "{server}"}}}}]
users: [{{name: u, user: {{token: {token}}}}}]
contexts: [{{name: {context}, context: {{cluster: c, user: u{place}}}}}]
current-context: {context}
"""


OLD: dict[str, Any] = {"kubeconfig": kubeconfig()}
OTHER = kubeconfig("http://127.0.0.2:1")


@pytest.mark.parametrize(
    ("new", "changed"),
    [
        ({"kubeconfig": kubeconfig() + "# comment\n"}, ["kubeconfig"]),
        ({"kubeconfig": kubeconfig(token="other")}, ["kubeconfig"]),
        ({"kubeconfig": kubeconfig(context="renamed")}, ["kubeconfig"]),
        ({"kubeconfig": kubeconfig(namespace="ns")}, ["kubeconfig"]),
        (OLD | {"context": "c"}, ["context"]),
        (OLD | {"namespace": "ns"}, ["namespace"]),
        (OLD | {"clusterIdentifier": "one"}, ["clusterIdentifier"]),
        (OLD | {"version": "4.34.3"}, []),
    ],
)
def test_a_change_that_keeps_the_cluster_replaces_nothing(new: dict[str, Any], changed: list[str]) -> None:
    assert differences(OLD, new) == (changed, [])


def test_another_server_replaces() -> None:
    assert differences(OLD, {"kubeconfig": OTHER}) == (["kubeconfig"], ["kubeconfig"])


def test_a_context_with_another_cluster_replaces() -> None:
    two = kubeconfig().replace("clusters: [", 'clusters: [{name: o, cluster: {server: "http://127.0.0.2:1"}}, ')
    two = two.replace("contexts: [", "contexts: [{name: o, context: {cluster: o, user: u}}, ")
    assert differences({"kubeconfig": two}, {"kubeconfig": two, "context": "o"})[1] == ["context"]


def test_with_an_identifier_another_server_replaces_nothing() -> None:
    one = {"clusterIdentifier": "one"}
    assert differences(OLD | one, {"kubeconfig": OTHER} | one) == (["kubeconfig"], [])


def test_another_identifier_replaces() -> None:
    assert differences(OLD | {"clusterIdentifier": "one"}, OLD | {"clusterIdentifier": "two"})[1] == ["clusterIdentifier"]


def test_a_kubeconfig_that_is_not_known_yet_replaces() -> None:
    assert differences(OLD, {"kubeconfig": UNKNOWN})[1] == ["kubeconfig"]


def test_an_identifier_protects_from_a_kubeconfig_that_is_not_known_yet() -> None:
    one = {"clusterIdentifier": "one"}
    assert differences(OLD | one, {"kubeconfig": UNKNOWN} | one)[1] == []


def test_a_kubeconfig_never_prints() -> None:
    assert "token" not in repr(options({"kubernetes:config:kubeconfig": kubeconfig()}, {}))


def test_options_may_come_from_the_environment() -> None:
    assert options({}, {"PULUMI_K8S_DELETE_UNREACHABLE": "true"}).delete_unreachable


def test_a_given_option_wins_over_the_environment() -> None:
    given = options({"kubernetes:config:deleteUnreachable": "false"}, {"PULUMI_K8S_DELETE_UNREACHABLE": "true"})
    assert not given.delete_unreachable


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("enableServerSideApply", "false"),
        ("renderYamlToDirectory", "out"),
        ("upsertExistingObjects", "true"),
        ("kubeClientSettings", '{"qps":9}'),
    ],
)
def test_what_is_not_covered_is_refused_by_name(option: str, value: str) -> None:
    with pytest.raises(OptionRefused, match=option):
        options({f"kubernetes:config:{option}": value}, {})


def test_what_is_not_covered_is_refused_from_the_environment_too() -> None:
    with pytest.raises(OptionRefused, match="renderYamlToDirectory"):
        options({}, {"PULUMI_K8S_RENDER_YAML_TO_DIRECTORY": "out"})


def test_how_often_the_official_plugin_asks_is_nothing_to_refuse() -> None:
    assert options({}, {"PULUMI_K8S_CLIENT_QPS": "50"}) == options({}, {})
