"""The plugin over its protocol, without a cluster: what the engine asks and hears."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2

from headroom.plugins.kubernetes import configuration, operations
from headroom.plugins.kubernetes.engine import Engine
from headroom.plugins.kubernetes.failures import PartlyDone
from headroom.plugins.kubernetes.properties import UNKNOWN, Secret, decode, encode
from headroom.plugins.kubernetes.server import VERSION, Service
from headroom.plugins.protocol import provider_pb2, provider_pb2_grpc, status_pb2
from tests.plugins.kubernetes.objects import Object, config_map

URN = "urn:pulumi:test::suite::kubernetes:core/v1:ConfigMap::thing"
ABOUT: dict[str, Any] = {"urn": URN, "name": "thing", "type": "kubernetes:core/v1:ConfigMap"}
NOWHERE = (
    "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n"
)


@pytest.fixture
def plugin() -> Iterator[Any]:
    """A stub for a plugin configured for a cluster that is not there."""
    server = grpc.server(ThreadPoolExecutor(2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Service(Engine("127.0.0.1:1")), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(variables={"kubernetes:config:kubeconfig": NOWHERE}))
        yield stub
    server.stop(None)


def checked(plugin: Any, new: Object, old: Object | None = None) -> Object:
    return decode(plugin.Check(provider_pb2.CheckRequest(**ABOUT, olds=encode(old or {}), news=encode(new))).inputs)


def differs(plugin: Any, old: Object, new: Object, **more: Any) -> Any:
    outputs = {**old, "__inputs": old}
    return plugin.Diff(provider_pb2.DiffRequest(**ABOUT, id="ns/c", olds=encode(outputs), news=encode(new), **more))


def test_it_calls_itself_the_version_that_the_sdk_asks_for(plugin: Any) -> None:
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == VERSION


def test_checked_inputs_are_named_and_in_a_namespace(plugin: Any) -> None:
    metadata = checked(plugin, {"apiVersion": "v1", "kind": "ConfigMap"})["metadata"]
    assert metadata["name"].startswith("thing-")
    assert metadata["namespace"] == "default"


def test_secrets_stay_secret_through_a_check(plugin: Any) -> None:
    assert checked(plugin, config_map(data={"k": Secret("v")}))["data"] == {"k": Secret("v")}


def test_a_namespace_that_is_not_known_yet_is_taken_for_the_default_one(plugin: Any) -> None:
    unknown = config_map()
    unknown["metadata"]["namespace"] = UNKNOWN
    assert checked(plugin, unknown)["metadata"]["namespace"] == "default"


def test_a_refused_resource_is_an_error_with_its_reason(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError, match="not supported in Server-Side Apply mode"):
        checked(plugin, config_map(None, generateName="x-"))


def test_a_difference_is_told_in_detail(plugin: Any) -> None:
    answer = differs(plugin, config_map(data={"a": "1"}), config_map(data={"a": "2"}))
    assert list(answer.replaces) == ["data.a"]
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["data.a"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE


def test_losing_an_explicit_name_with_all_metadata_replaces(plugin: Any) -> None:
    old = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    new = checked(plugin, {"apiVersion": "v1", "kind": "Namespace"}, old)
    assert list(differs(plugin, old, new).replaces) == ["metadata.name"]


def test_metadata_that_are_not_known_yet_replace(plugin: Any) -> None:
    answer = differs(plugin, config_map(), config_map() | {"metadata": UNKNOWN})
    assert list(answer.replaces) == ["metadata.name", "metadata.namespace"]
    assert not answer.deleteBeforeReplace


def test_no_difference_is_told_as_none(plugin: Any) -> None:
    assert differs(plugin, config_map(), config_map()).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_ignored_changes_are_none(plugin: Any) -> None:
    answer = differs(plugin, config_map(data={"a": "1"}), config_map(data={"a": "2"}), ignoreChanges=["data"])
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_preview_passes_without_a_cluster(plugin: Any) -> None:
    answer = plugin.Create(provider_pb2.CreateRequest(**ABOUT, properties=encode(config_map()), preview=True))
    assert decode(answer.properties) == config_map()


def test_an_update_that_is_to_be_skipped_keeps_the_old_inputs(plugin: Any) -> None:
    skipping = {"kubernetes:config:kubeconfig": NOWHERE, "kubernetes:config:skipUpdateUnreachable": "true"}
    plugin.Configure(provider_pb2.ConfigureRequest(variables=skipping))
    assert checked(plugin, config_map(data={"a": "2"}), config_map(data={"a": "1"})) == config_map(data={"a": "1"})


def test_an_update_of_the_cluster_says_that_it_is_not_there(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError, match="configured Kubernetes cluster is unreachable"):
        plugin.Create(provider_pb2.CreateRequest(**ABOUT, properties=encode(config_map())))


def test_another_server_replaces_the_provider(plugin: Any) -> None:
    old, new = {"kubeconfig": NOWHERE}, {"kubeconfig": NOWHERE.replace("127.0.0.1", "127.0.0.2")}
    answer = plugin.DiffConfig(provider_pb2.DiffRequest(old_inputs=encode(old), news=encode(new)))
    assert list(answer.replaces) == ["kubeconfig"]


def test_a_defect_says_where_it_is(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "differences", None)
    with pytest.raises(grpc.RpcError, match=r"defect in headroom's stand-in(.|\n)*in DiffConfig"):
        plugin.DiffConfig(provider_pb2.DiffRequest())


def test_a_patch_resource_is_not_read(plugin: Any) -> None:
    about: dict[str, Any] = ABOUT | {"type": "kubernetes:core/v1:ConfigMapPatch"}
    with pytest.raises(grpc.RpcError, match="Patch resources"):
        plugin.Read(provider_pb2.ReadRequest(**about, id="ns/c"))


def test_functions_are_refused_by_name(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError, match="kubernetes:yaml:decode"):
        plugin.Invoke(provider_pb2.InvokeRequest(tok="kubernetes:yaml:decode"))


def test_what_an_operation_left_behind_travels_with_its_error(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(*_: Any, **__: Any) -> None:
        raise PartlyDone("ns/c", config_map(), ["not ready", "because"])

    monkeypatch.setattr(operations, "create", half)
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Create(provider_pb2.CreateRequest(**ABOUT, properties=encode(config_map())))
    trailing: Any = caught.value.trailing_metadata()
    failed = provider_pb2.ErrorResourceInitFailed()
    status_pb2.Status.FromString(dict(trailing)["grpc-status-details-bin"]).details[0].Unpack(failed)
    assert (failed.id, list(failed.reasons), decode(failed.properties)) == ("ns/c", ["not ready", "because"], config_map())
