"""What a program sees of helm.v3.Release, with a real Helm: Pulumi's own plugin and ours show the same."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.helm.v3 import Release

from headroom import tools
from headroom.plugins.kubernetes.client import GVK, Client
from headroom.plugins.kubernetes.helm.options import mark as mark_of
from tests.evidence import Proof
from tests.helm_charts import CONFIG_MAP, DEPLOYMENT, RUNS, chart, definition
from tests.plugins.kubernetes.stack import Program, Stack

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

NOT_RUN = "example.com/no/such:1"
HELD = """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-held, finalizers: [example.com/outside]}
"""
MAP, WORKLOAD = GVK("v1", "ConfigMap"), GVK("apps/v1", "Deployment")
NAMESPACE = GVK("v1", "Namespace")


@pytest.fixture(scope="package", autouse=True)
def helm() -> Path:
    return tools.require("helm")["helm"]


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
    directory = tmp_path / "stack"
    directory.mkdir()
    return Stack(directory, pulumi_environment)


@pytest.fixture
def plain(tmp_path: Path) -> str:
    """A chart of one ConfigMap with the values that the release was given."""
    return str(chart(tmp_path, "plain", "1.2.3"))


@pytest.fixture
def server(tmp_path: Path) -> str:
    """A chart of a Deployment that becomes ready when its image is one that runs."""
    return str(chart(tmp_path, "server", "1.0.0", {"templates/server.yaml": DEPLOYMENT, "templates/values.yaml": CONFIG_MAP}))


def release(logical: str = "r", **arguments: Any) -> Program:
    return lambda: void(Release(logical, **arguments))


def void(_: object) -> None:
    """Programs return nothing."""


def names(client: Client, gvk: GVK, ns: str) -> set[str]:
    return {each["metadata"]["name"] for each in client.list(gvk, ns)}


def given(client: Client, ns: str, name: str) -> Any:
    return json.loads(client.get(MAP, ns, f"{name}-values")["data"]["values"])


class TestInstall:
    @pytest.mark.proves("Helm releases: installed, upgraded and removed by Helm itself", Proof.REAL)
    def test_a_release_is_installed_and_an_unchanged_program_changes_nothing(
        self, stack: Stack, client: Client, ns: str, plain: str
    ) -> None:
        program = release(name="one", namespace=ns, chart=plain, values={"a": 1})
        assert stack.preview(program).ok
        assert not client.list(MAP, ns, label_selector="app.kubernetes.io/managed-by=Helm")
        outcome = stack.up(program)
        assert outcome.ok, outcome.error
        assert given(client, ns, "one") == {"a": 1}
        assert stack.up(program).steps["r"].operation == "same"
        assert stack.destroy().ok
        assert "one-values" not in names(client, MAP, ns)

    def test_outputs_name_the_objects_and_the_status(self, stack: Stack, ns: str, server: str) -> None:
        stack.up(release(name="one", namespace=ns, chart=server))
        outputs = stack.state()["r"]["outputs"]
        assert outputs["resourceNames"] == {"ConfigMap/v1": ["one-values"], "Deployment.apps/apps/v1": ["one"]}
        assert outputs["status"] == {
            "appVersion": "1",
            "chart": "server",
            "name": "one",
            "namespace": ns,
            "revision": 1,
            "status": "deployed",
            "version": "1.0.0",
        }
        assert stack.state()["r"]["id"] == f"{ns}/one"

    def test_a_release_without_a_name_gets_one_and_keeps_it(self, stack: Stack, ns: str, plain: str) -> None:
        program = release(namespace=ns, chart=plain)
        stack.up(program)
        made = stack.state()["r"]["id"]
        assert made.startswith(f"{ns}/r-")
        stack.up(program)
        assert stack.state()["r"]["id"] == made

    def test_a_missing_chart_is_found_by_the_preview(self, stack: Stack, ns: str) -> None:
        outcome = stack.preview(release(name="one", namespace=ns, chart="./none.tgz"))
        assert 'path "./none.tgz" not found; check the chart name and repository configuration.' in outcome.error

    def test_an_option_that_is_not_covered_is_refused_by_name(self, stack: Stack, ns: str, plain: str) -> None:
        outcome = stack.preview(release(name="one", namespace=ns, chart=plain, postrender="/bin/cat"))
        assert "does not cover the option `postrender` of helm.v3.Release" in outcome.error

    def test_what_helm_refuses_leaves_nothing_behind(self, stack: Stack, ns: str, tmp_path: Path) -> None:
        broken = chart(tmp_path, "broken", "1.0.0", {"templates/a.yaml": '{{ fail "no such luck" }}'})
        outcome = stack.up(release(name="one", namespace=ns, chart=str(broken)))
        assert "no such luck" in outcome.error
        assert "r" not in stack.state()


class TestSecrets:
    @pytest.mark.proves("Helm releases: secret values stand in no state file and no error", Proof.REAL)
    def test_a_secret_value_reaches_the_chart_and_not_the_state(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        assert stack.up(_with_password(name="one", namespace=ns, chart=plain)).ok
        assert given(client, ns, "one") == {"password": "hunter2-hunter2"}
        assert "hunter2" not in stack.state_text()

    def test_values_may_be_secret_as_a_whole(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        def program() -> None:
            Release("r", name="one", namespace=ns, chart=plain, values=pulumi.Output.secret({"password": "hunter2-hunter2"}))

        assert stack.up(program).ok
        assert given(client, ns, "one") == {"password": "hunter2-hunter2"}
        assert "hunter2" not in stack.state_text()

    def test_an_error_that_quotes_a_secret_value_does_not_show_it(self, stack: Stack, ns: str, tmp_path: Path) -> None:
        tells = chart(tmp_path, "tells", "1.0.0", {"templates/a.yaml": '{{ fail (printf "password is %s" .Values.password) }}'})
        outcome = stack.up(_with_password(name="one", namespace=ns, chart=str(tells)))
        assert "password is [secret]" in outcome.error
        assert "hunter2" not in outcome.error


class TestChange:
    def test_other_values_upgrade_the_release(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        stack.up(release(name="one", namespace=ns, chart=plain, values={"v": 1}))
        outcome = stack.up(release(name="one", namespace=ns, chart=plain, values={"v": 2}))
        assert outcome.steps["r"].paths == {"values.v": "update"}
        assert given(client, ns, "one") == {"v": 2}
        assert stack.state()["r"]["outputs"]["status"]["revision"] == 2

    def test_another_name_makes_the_new_release_before_the_old_one_goes(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        stack.up(release(name="one", namespace=ns, chart=plain))
        outcome = stack.up(release(name="two", namespace=ns, chart=plain))
        assert outcome.operations("r") == ["create-replacement", "replace", "delete-replaced"]
        assert names(client, MAP, ns) & {"one-values", "two-values"} == {"two-values"}

    def test_a_release_that_is_gone_is_found_by_a_refresh_and_made_again(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        program = release(name="one", namespace=ns, chart=plain)
        stack.up(program)
        client.delete(GVK("v1", "Secret"), ns, "sh.helm.release.v1.one.v1", propagation="Background")
        client.delete(MAP, ns, "one-values", propagation="Background")
        stack.refresh()
        assert stack.up(program).steps["r"].operation == "create"


class TestFailure:
    def test_an_install_that_never_gets_ready_is_kept_and_repeated(self, stack: Stack, ns: str, server: str) -> None:
        outcome = stack.up(release(name="one", namespace=ns, chart=server, timeout=3, values={"image": NOT_RUN}))
        assert f'Helm release "{ns}/one" was created, but failed to initialize completely' in outcome.error
        assert stack.state()["r"]["outputs"]["status"]["status"] == "failed"
        # Without any values Helm would take over those of the failed revision.
        mended = release(name="one", namespace=ns, chart=server, timeout=60, values={"image": RUNS})
        assert stack.up(mended).steps["r"].operation == "update"
        assert stack.state()["r"]["outputs"]["status"]["status"] == "deployed"

    def test_an_atomic_install_that_never_gets_ready_is_taken_away(self, stack: Stack, client: Client, ns: str, server: str) -> None:
        outcome = stack.up(release(name="one", namespace=ns, chart=server, timeout=3, atomic=True, values={"image": NOT_RUN}))
        assert "release one failed, and has been uninstalled due to atomic being set" in outcome.error
        assert "r" not in stack.state()
        assert not names(client, WORKLOAD, ns)

    def test_without_awaiting_nothing_is_waited_for(self, stack: Stack, ns: str, server: str) -> None:
        assert stack.up(release(name="one", namespace=ns, chart=server, skip_await=True, values={"image": NOT_RUN})).ok

    @pytest.mark.proves("Helm releases: a failed upgrade leaves the old one serving", Proof.REAL)
    def test_an_atomic_upgrade_that_fails_is_rolled_back_and_repeated(self, stack: Stack, client: Client, ns: str, server: str) -> None:
        def wanted(**values: str) -> Program:
            return release(name="one", namespace=ns, chart=server, timeout=45, atomic=True, values=values)

        assert stack.up(wanted()).ok
        outcome = stack.up(wanted(image=NOT_RUN))
        assert "release one failed, and has been rolled back due to atomic being set" in outcome.error
        assert given(client, ns, "one") == {}
        assert client.get(WORKLOAD, ns, "one")["status"]["readyReplicas"] == 1
        assert stack.up(wanted()).steps["r"].operation == "update"
        assert stack.up(wanted()).steps["r"].operation == "same"


class TestCutOff:
    def test_an_upgrade_that_was_cut_off_is_rolled_back_and_made_again(self, stack: Stack, client: Client, ns: str, plain: str) -> None:
        stack.up(release(name="one", namespace=ns, chart=plain, values={"v": 1}))
        stack.up(release(name="one", namespace=ns, chart=plain, values={"v": 2}))
        _mark(client, ns, "sh.helm.release.v1.one.v2", "pending-upgrade")
        assert stack.up(release(name="one", namespace=ns, chart=plain, values={"v": 3})).ok
        assert given(client, ns, "one") == {"v": 3}

    def test_an_install_that_was_cut_off_is_taken_away_and_made_again(
        self, stack: Stack, client: Client, ns: str, helm: Path, kubeconfig: Path, server: str, plain: str
    ) -> None:
        mark = "=".join(mark_of("urn:pulumi:test::suite::kubernetes:helm.sh/v3:Release::r"))
        never_ready = [f"--set=image={NOT_RUN}", "--wait", f"--labels={mark}", f"--namespace={ns}", f"--kubeconfig={kubeconfig}"]
        with subprocess.Popen([helm, "install", "one", server, *never_ready], stdout=subprocess.DEVNULL) as cut_off:
            while "one" not in names(client, WORKLOAD, ns):
                time.sleep(0.1)
            cut_off.kill()
        assert stack.up(release(name="one", namespace=ns, chart=plain)).ok
        assert given(client, ns, "one") == {}


def test_definitions_of_a_chart_stay_at_destroy(stack: Stack, client: Client, ns: str, tmp_path: Path) -> None:
    widgets = definition("widgets", "Widget", group=f"{ns}.example.com")
    defines = chart(tmp_path, "defines", "1.0.0", {"crds/widgets.yaml": json.dumps(widgets), "templates/values.yaml": CONFIG_MAP})
    assert stack.up(release(name="one", namespace=ns, chart=str(defines))).ok
    assert stack.destroy().ok
    kind = GVK("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert client.get(kind, "", widgets["metadata"]["name"])
    client.delete(kind, "", widgets["metadata"]["name"], propagation="Background")


@pytest.mark.proves("Helm releases: a destroy waits for what a controller has still to take away", Proof.REAL)
def test_a_release_is_gone_when_the_last_of_its_objects_is(stack: Stack, client: Client, ns: str, tmp_path: Path) -> None:
    """Such as a Service with a load balancer: who made that takes it away, and then its own finalizer."""
    held = chart(tmp_path, "held", "1.0.0", {"templates/held.yaml": HELD})
    assert stack.up(release(name="one", namespace=ns, chart=str(held))).ok
    controller = Thread(target=_take_away, args=(client, ns, "one-held"))
    controller.start()
    assert stack.destroy().ok
    assert not controller.is_alive()
    assert "one-held" not in names(client, MAP, ns)


def _take_away(client: Client, ns: str, name: str) -> None:
    """Lets go of what is being deleted, longer after than the CLI takes to end."""
    while "deletionTimestamp" not in client.get(MAP, ns, name)["metadata"]:
        time.sleep(0.1)
    time.sleep(3)
    client.json_patch(MAP, ns, name, [{"op": "remove", "path": "/metadata/finalizers"}])


def _with_password(**arguments: Any) -> Program:
    return lambda: void(Release("r", values={"password": pulumi.Output.secret("hunter2-hunter2")}, **arguments))


def _mark(client: Client, ns: str, secret: str, status: str) -> None:
    """The revision as a Helm that was killed in the middle leaves it."""

    kind = GVK("v1", "Secret")
    found = client.get(kind, ns, secret)
    said = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(found["data"]["release"]))))
    said["info"]["status"] = status
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(said).encode()))).decode()
    found["data"]["release"] = packed
    found["metadata"]["labels"]["status"] = status
    client.put(found, field_manager="test")
