"""The roles that are printed: of the stack's own namespaces, and of one Service elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from headroom.doctor.loop import Watched
from headroom.doctor.loop.rights import roles

Server = Callable[..., Watched]


def test_the_servers_namespace_and_that_of_prometheus_get_a_role_each(server: Server) -> None:
    assert [role["metadata"]["namespace"] for role in roles([server(), server(keda=True)])] == ["inference", "monitoring"]


def test_of_all_services_only_prometheus_may_be_asked(server: Server) -> None:
    (*_, role) = roles([server()])
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["services/proxy"], "resourceNames": ["prometheus-operated:9090"], "verbs": ["get"]}
    ]


def test_a_service_that_speaks_tls_is_named_as_the_proxy_spells_it(server: Server) -> None:
    (*_, role) = roles([server(url="https://thanos.watch.svc.cluster.local")])
    assert (role["metadata"]["namespace"], role["rules"][0]["resourceNames"]) == ("watch", ["https:thanos:443"])


def test_what_is_outside_of_the_cluster_needs_no_role(server: Server) -> None:
    assert [role["metadata"]["namespace"] for role in roles([server(url="https://thanos.example.com")])] == ["inference"]


def test_nothing_may_be_changed(server: Server) -> None:
    assert {verb for role in roles([server()]) for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list"}
