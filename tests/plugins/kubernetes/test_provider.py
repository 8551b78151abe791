"""What a program sees of the Kubernetes plugin: Pulumi's own and ours show the same.

Through the real CLI and engine against a real API server, with programs given as functions.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from headroom.plugins.kubernetes.client import GVK, Client
from tests.evidence import Proof
from tests.plugins.kubernetes.objects import Object, config_map, deployment, with_container
from tests.plugins.kubernetes.stack import Program, Stack, objects, provider, resource

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

CONFIG_MAP, SECRET = GVK("v1", "ConfigMap"), GVK("v1", "Secret")
DEPLOYMENT, NAMESPACE = GVK("apps/v1", "Deployment"), GVK("v1", "Namespace")
SKIP = {"pulumi.com/skipAwait": "true"}
NOWHERE = (
    "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n"
)


@pytest.fixture
def client(kubeconfig: Path) -> Client:
    return Client.from_kubeconfig(str(kubeconfig))


@pytest.fixture
def ns(client: Client) -> Iterator[str]:
    name = f"suite-{uuid.uuid4().hex[:8]}"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, field_manager="test")
    yield name
    client.delete(NAMESPACE, "", name, propagation="Background")


@pytest.fixture
def stack(tmp_path: Path, pulumi_environment: dict[str, str]) -> Stack:
    return Stack(tmp_path, pulumi_environment)


def exists(client: Client, gvk: GVK, ns: str, name: str) -> bool:
    return any(each["metadata"]["name"] == name for each in client.list(gvk, ns))


def workload(ns: str, **spec: Any) -> Object:
    """A Deployment that nothing waits for."""
    return deployment("d", ns, annotations=SKIP, **spec)


def with_label(obj: Object, **labels: str) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "labels": labels}}


def scale(client: Client, ns: str, replicas: int) -> None:
    """As `kubectl scale` and autoscalers do: by the subresource."""
    path = client.path(DEPLOYMENT, ns, "d") + "/scale"
    body = {"spec": {"replicas": replicas}}
    client._transport.request("PATCH", path, query={"fieldManager": "kubectl"}, body=body, content_type="application/merge-patch+json")


def other_applies(client: Client, obj: Object) -> None:
    client.apply(obj, field_manager="other", force=True)


class TestCreate:
    @pytest.mark.proves("a preview touches nothing, an unchanged program changes nothing", Proof.REAL)
    def test_a_preview_touches_nothing_and_an_unchanged_program_changes_nothing(self, stack: Stack, client: Client, ns: str) -> None:
        program = objects(c=config_map("c", namespace=ns), d=workload(ns))
        assert stack.preview(program).ok
        assert not exists(client, CONFIG_MAP, ns, "c")
        assert stack.up(program).ok
        assert {step.operation for step in stack.up(program).steps.values()} == {"same"}

    def test_an_object_without_a_name_gets_one_and_keeps_it(self, stack: Stack, ns: str) -> None:
        program = objects(thing=config_map(None, namespace=ns))
        stack.up(program)
        made = stack.state()["thing"]
        assert re.fullmatch(rf"{ns}/thing-[0-9a-f]{{8}}", made["id"])
        assert made["inputs"]["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
        stack.up(program)
        assert stack.state()["thing"]["id"] == made["id"]

    def test_a_preview_finds_what_the_server_will_refuse(self, stack: Stack, ns: str) -> None:
        outcome = stack.preview(objects(bad=config_map("Bad_Name", namespace=ns)))
        assert 'was not successfully created by the Kubernetes API server: ConfigMap "Bad_Name" is invalid' in outcome.error

    def test_an_unknown_field_is_dropped_without_a_word(self, stack: Stack, client: Client, ns: str) -> None:
        assert stack.up(objects(d=workload(ns, templte={"a": 1}))).ok
        assert "templte" not in client.get(DEPLOYMENT, ns, "d")["spec"]

    def test_an_object_that_exists_already_is_not_adopted(self, stack: Stack, client: Client, ns: str) -> None:
        client.create(config_map("c", namespace=ns), field_manager="other")
        program = objects(c=config_map("c", namespace=ns))
        assert stack.preview(program).ok
        outcome = stack.up(program)
        assert 'configmaps "c" already exists' in outcome.error
        assert "c" not in stack.state()

    def test_an_object_without_a_namespace_goes_to_the_providers(self, stack: Stack, client: Client, ns: str, kubeconfig: Path) -> None:
        def program() -> None:
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
            resource("c", body, provider=provider(kubeconfig=kubeconfig.read_text(), namespace=ns))

        assert stack.up(program).ok
        assert exists(client, CONFIG_MAP, ns, "c")


class TestCustomResources:
    def test_a_definition_and_its_object_come_in_one_program(self, stack: Stack, client: Client, ns: str) -> None:
        program = _definition_and_object(ns)
        assert stack.preview(program).ok
        assert stack.up(program).ok
        assert {step.operation for step in stack.up(program).steps.values()} == {"same"}

    def test_a_preview_passes_without_the_definition(self, stack: Stack, ns: str) -> None:
        assert stack.preview(objects(w=_widget(ns))).ok


class TestReplace:
    def test_new_data_replaces_a_named_config_map_deleting_first(self, stack: Stack, ns: str) -> None:
        stack.up(objects(c=config_map("c", namespace=ns)))
        outcome = stack.up(objects(c=config_map("c", {"a": "2"}, namespace=ns)))
        assert outcome.steps["c"].paths == {"data.a": "update-replace"}
        assert outcome.operations("c") == ["delete-replaced", "replace", "create-replacement"]

    def test_new_data_replaces_an_auto_named_config_map_creating_first(self, stack: Stack, ns: str) -> None:
        stack.up(objects(c=config_map(None, namespace=ns)))
        outcome = stack.up(objects(c=config_map(None, {"a": "2"}, namespace=ns)))
        assert outcome.operations("c") == ["create-replacement", "replace", "delete-replaced"]

    def test_a_new_selector_replaces_a_deployment(self, stack: Stack, ns: str) -> None:
        stack.up(objects(d=workload(ns)))
        labels = {"app": "other"}
        changed = workload(ns, selector={"matchLabels": labels})
        changed["spec"]["template"] = {**changed["spec"]["template"], "metadata": {"labels": labels}}
        assert stack.preview(objects(d=changed)).steps["d"].operation == "replace"

    def test_losing_an_explicit_name_replaces(self, stack: Stack, ns: str) -> None:
        stack.up(objects(c=config_map("c", namespace=ns)))
        outcome = stack.preview(objects(c=config_map(None, namespace=ns)))
        assert outcome.steps["c"].paths == {"metadata.name": "delete-replace"}


class TestUpdate:
    def test_labels_change_in_place_and_are_told_by_path(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(c=with_label(config_map("c", namespace=ns), l="1")))
        before = client.get(CONFIG_MAP, ns, "c")["metadata"]["uid"]
        outcome = stack.up(objects(c=with_label(config_map("c", namespace=ns), l="2")))
        assert outcome.steps["c"].paths == {"metadata.labels.l": "update"}
        assert client.get(CONFIG_MAP, ns, "c")["metadata"]["uid"] == before

    def test_a_field_that_leaves_the_program_leaves_the_object(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(c=with_label(config_map("c", namespace=ns), l="1")))
        stack.up(objects(c=config_map("c", namespace=ns)))
        assert "labels" not in client.get(CONFIG_MAP, ns, "c")["metadata"]

    def test_an_object_that_is_gone_cannot_be_updated_without_a_refresh(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(c=config_map("c", namespace=ns)))
        client.delete(CONFIG_MAP, ns, "c", propagation="Background")
        changed = objects(c=with_label(config_map("c", namespace=ns), l="1"))
        assert 'failed: configmaps "c" not found' in stack.up(changed).error
        stack.refresh()
        assert stack.up(changed).steps["c"].operation == "create"


class TestOwnership:
    @pytest.mark.proves("an update leaves the replicas to the autoscaler", Proof.REAL)
    def test_replicas_that_nobody_declares_belong_to_the_autoscaler(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(d=workload(ns)))
        scale(client, ns, 3)
        assert stack.up(objects(d=workload(ns))).steps["d"].operation == "same"
        stack.refresh()
        assert stack.up(objects(d=with_container(workload(ns), image="img:2"))).ok
        assert client.get(DEPLOYMENT, ns, "d")["spec"]["replicas"] == 3

    def test_declared_replicas_conflict_with_the_autoscaler(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(d=workload(ns, replicas=1)))
        scale(client, ns, 3)
        outcome = stack.up(objects(d=with_container(workload(ns, replicas=1), image="img:2")))
        assert 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' in outcome.error

    def test_ignored_replicas_stay_as_they_are_scaled(self, stack: Stack, client: Client, ns: str) -> None:
        def program(image: str) -> Program:
            body = with_container(workload(ns, replicas=1), image=image)
            return lambda: (resource("d", body, ignore_changes=["spec.replicas"]), None)[1]

        stack.up(program("img:1"))
        scale(client, ns, 3)
        assert stack.up(program("img:2")).ok
        assert client.get(DEPLOYMENT, ns, "d")["spec"]["replicas"] == 3

    def test_an_ignored_map_that_others_write_into_keeps_what_is_ours(self, stack: Stack, client: Client, ns: str) -> None:
        def program(**annotations: str) -> Program:
            body = with_label(config_map("c", namespace=ns, annotations=annotations), ours="1")
            return lambda: (resource("c", body, ignore_changes=["metadata.labels"]), None)[1]

        stack.up(program(v="1"))
        other_applies(client, with_label({**config_map("c", namespace=ns), "data": {}}, theirs="1"))
        assert stack.up(program(v="2")).ok
        assert client.get(CONFIG_MAP, ns, "c")["metadata"]["labels"] == {"ours": "1", "theirs": "1"}

    def test_a_field_of_another_manager_conflicts_until_it_is_forced(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(c=config_map("c", namespace=ns)))
        other_applies(client, with_label({**config_map("c", namespace=ns), "data": {}}, x="theirs"))
        ours = with_label(config_map("c", namespace=ns), x="ours")
        outcome = stack.up(objects(c=ours))
        assert 'conflict with "other": .metadata.labels.x' in outcome.error
        assert stack.state()["c"]["initErrors"]
        ours["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
        assert stack.up(objects(c=ours)).ok
        assert client.get(CONFIG_MAP, ns, "c")["metadata"]["labels"] == {"x": "ours"}


class TestRefresh:
    @pytest.mark.proves("drift is seen by a refresh", Proof.REAL)
    def test_drift_is_seen_and_undone(self, stack: Stack, client: Client, ns: str) -> None:
        program = objects(c=with_label(config_map("c", namespace=ns), l="1"))
        stack.up(program)
        client.apply(with_label({**config_map("c", namespace=ns), "data": {}}, l="drifted"), field_manager="pulumi-kubernetes", force=True)
        assert stack.up(program).steps["c"].operation == "same"
        stack.refresh()
        assert stack.state()["c"]["inputs"]["metadata"]["labels"] == {"l": "drifted"}
        assert stack.preview(program).steps["c"].paths == {"metadata.labels.l": "update"}

    def test_what_others_added_is_no_drift(self, stack: Stack, client: Client, ns: str) -> None:
        program = objects(c=config_map("c", namespace=ns))
        stack.up(program)
        other_applies(client, with_label({**config_map("c", namespace=ns), "data": {"z": "9"}}, o="1"))
        stack.refresh()
        assert stack.preview(program).steps["c"].operation == "same"


class TestDelete:
    def test_retained_objects_stay_in_the_cluster(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(lambda: (resource("c", config_map("c", namespace=ns), retain_on_delete=True), None)[1])
        assert stack.destroy().ok
        assert exists(client, CONFIG_MAP, ns, "c")

    def test_an_object_that_is_gone_already_is_no_error(self, stack: Stack, client: Client, ns: str) -> None:
        stack.up(objects(c=config_map("c", namespace=ns)))
        client.delete(CONFIG_MAP, ns, "c", propagation="Background")
        assert stack.destroy().ok


class TestSecrets:
    @pytest.mark.proves("secrets never stand in a state file", Proof.REAL)
    def test_the_text_of_a_secret_never_stands_in_the_state(self, stack: Stack, client: Client, ns: str) -> None:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": ns}, "stringData": {"a": "hunter2"}}
        stack.up(objects(s=body))
        assert client.get(SECRET, ns, "s")["data"] == {"a": base64.b64encode(b"hunter2").decode()}
        text = stack.state_text()
        assert "hunter2" not in text
        assert base64.b64encode(b"hunter2").decode() not in text

    def test_a_secret_value_stays_secret_after_a_refresh(self, stack: Stack, ns: str) -> None:
        def program() -> None:
            resource("c", config_map("c", {"k": pulumi.Output.secret("hunter2"), "plain": "seen"}, namespace=ns))

        stack.up(program)
        stack.refresh()
        text = stack.state_text()
        assert "hunter2" not in text
        assert "seen" in text


class TestPreviewWithUnknowns:
    def test_a_create_that_cannot_be_tried_passes(self, stack: Stack, ns: str) -> None:
        assert stack.preview(lambda: _refers_to_an_id(ns)).ok
        assert stack.up(lambda: _refers_to_an_id(ns)).ok


class TestUnreachable:
    def test_a_preview_passes_and_an_update_says_why_it_cannot(self, stack: Stack, ns: str) -> None:
        def program() -> None:
            resource("c", config_map("c", namespace=ns), provider=provider(kubeconfig=NOWHERE))

        assert stack.preview(program).ok
        error = stack.up(program).error
        assert "configured Kubernetes cluster is unreachable: unable to load schema information from the API server" in error
        assert "connection refused" in error


class TestConfiguration:
    def test_another_server_replaces_everything_unless_the_cluster_is_identified(self, stack: Stack, ns: str, kubeconfig: Path) -> None:
        def program(text: str, **options: str) -> Program:
            return lambda: (resource("c", config_map(None, namespace=ns), provider=provider(kubeconfig=text, **options)), None)[1]

        here = kubeconfig.read_text()
        elsewhere = here.replace("127.0.0.1", "localhost")
        stack.up(program(here))
        assert stack.preview(program(elsewhere)).steps["c"].operation == "replace"
        stack.up(program(here, clusterIdentifier="one"))
        assert stack.preview(program(elsewhere, clusterIdentifier="one")).steps["c"].operation == "same"


def _refers_to_an_id(ns: str) -> None:
    first = resource("first", config_map("first", namespace=ns))
    resource("second", config_map("second", {"id": first.id}, namespace=ns))


def _widget(ns: str) -> Object:
    return {"apiVersion": "suite.example.org/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": ns}, "spec": {"size": 1}}


def _definition_and_object(ns: str) -> Program:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": "Gadget", "plural": "gadgets", "singular": "gadget"}
    group = f"{ns}.example.org"
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }
    gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g", "namespace": ns}, "spec": {"size": 1}}
    return objects(definition=definition, gadget=gadget)
