"""What the Google Cloud provider asks Google for when it is given our arguments: the request that Google's own client is to accept.

Source: GoogleCloudPlatform/magic-modules mmv1/third_party/terraform/services/container (node_config.go.tmpl, its `expandNodeConfig`;
resource_container_node_pool.go.tmpl, its `expandNodePool`; resource_container_cluster.go.tmpl, its create). The two languages differ in the
few names that are here; a name that is in neither is refused by the client's model.
"""

from __future__ import annotations

from typing import Any

_OF_A_POOL = {"node_config": "config", "node_locations": "locations", "node_drain_configs": "node_drain_config"}
_OF_NODES = {"guest_accelerators": "accelerators"}
_OF_ACCELERATORS = {"type": "accelerator_type", "count": "accelerator_count"}
_OF_A_CLUSTER = {"node_locations": "locations", "cluster_autoscaling": "autoscaling", "min_master_version": "initial_cluster_version"}
_OF_LOGS = {"enable_components": "component_config"}
_OF_METRICS = {"managed_prometheus": "managed_prometheus_config", **_OF_LOGS}
_WHERE = ("cluster", "project", "location")
_OF_THE_PROVIDER = ("remove_default_node_pool", "deletion_protection", "networking_mode")
"""What the provider itself acts on."""


def node_pool(arguments: dict[str, Any]) -> dict[str, Any]:
    """The `NodePool` of a request to create one."""
    pool = _renamed(_without(arguments, _WHERE), _OF_A_POOL)
    nodes = _renamed(pool["config"], _OF_NODES)
    if "accelerators" in nodes:
        nodes["accelerators"] = [_renamed(accelerator, _OF_ACCELERATORS) for accelerator in nodes["accelerators"]]
    (drain,) = pool["node_drain_config"]
    return {**pool, "config": nodes, "node_drain_config": drain, "autoscaling": {"enabled": True, **pool["autoscaling"]}}


def cluster(arguments: dict[str, Any]) -> dict[str, Any]:
    """The `Cluster` of a request to create one."""
    asked = _renamed(_without(arguments, ("project", *_OF_THE_PROVIDER)), _OF_A_CLUSTER)
    network = {"datapath_provider": asked.pop("datapath_provider"), "enable_multi_networking": asked.pop("enable_multi_networking", False)}
    logs, metrics = asked["logging_config"], asked["monitoring_config"]
    return {
        **asked,
        "network_config": network,
        "ip_allocation_policy": {"use_ip_aliases": True, **asked["ip_allocation_policy"]},
        "master_authorized_networks_config": {"enabled": True, **asked["master_authorized_networks_config"]},
        "logging_config": _renamed({**logs, "enable_components": {"enable_components": logs["enable_components"]}}, _OF_LOGS),
        "monitoring_config": _renamed({**metrics, "enable_components": {"enable_components": metrics["enable_components"]}}, _OF_METRICS),
    }


def _without(arguments: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if key not in names}


def _renamed(arguments: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in arguments.items()}
