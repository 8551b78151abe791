"""helm.v3.Release without a Helm: its options, its charts, what is kept of it and what is hidden."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.failures import Failed, InputRefused
from headroom.plugins.kubernetes.helm import chart, checkpoint, options, program, storage
from headroom.plugins.kubernetes.helm.checking import check
from headroom.plugins.kubernetes.helm.comparing import compare
from headroom.plugins.kubernetes.helm.creating import create
from headroom.plugins.kubernetes.helm.reading import read
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.properties import UNKNOWN, Secret, plain
from headroom.plugins.kubernetes.refusals import NotCovered
from tests import helm_charts
from tests.plugins.kubernetes.objects import Object
from tests.plugins.kubernetes.revisions import Server, revision

SEED = b"seed"


class Plugin:
    """Enough of an operation for what asks no cluster."""

    name = "r"

    @property
    def cluster(self) -> Any:
        return type("Cluster", (), {"default_namespace": "default"})


OPERATION = cast(Operation, Plugin())


class Running:
    """An operation on the release `one` of a cluster with these revisions of it."""

    urn = "urn:pulumi:test::suite::kubernetes:helm.sh/v3:Release::r"
    plugin = SimpleNamespace(cancelled=None)

    def __init__(self, *revisions: Object) -> None:
        self._client = SimpleNamespace(list=lambda *_, **__: list(revisions), target=None)

    def unreachable(self) -> None:
        return None

    def client(self) -> Any:
        return self._client

    def log(self, *_: str) -> None:
        pass


def running(*revisions: Object) -> Operation:
    return cast(Operation, Running(*revisions))


@pytest.fixture
def packed(tmp_path: Path) -> str:
    return str(helm_charts.chart(tmp_path, "plain", "1.2.3"))


@pytest.fixture(autouse=True)
def there_is_a_helm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here runs it but what brings one of its own."""
    monkeypatch.setattr(program, "path", lambda: Path("helm"))


def checked(**inputs: Any) -> dict[str, Any]:
    return check(OPERATION, {}, inputs, seed=SEED, autonaming=None)


class TestCheck:
    def test_every_option_gets_its_default_and_the_charts_version(self, packed: str) -> None:
        found = checked(chart=packed, name="one", compat="true")
        assert found == {**options.DEFAULTS, "chart": packed, "name": "one", "namespace": "default", "timeout": 300, "version": "1.2.3"}

    def test_a_release_that_is_not_awaited_has_no_timeout_of_its_own(self, packed: str) -> None:
        assert "timeout" not in checked(chart=packed, skipAwait=True)

    def test_a_missing_chart_is_refused_under_its_name(self) -> None:
        with pytest.raises(InputRefused, match=r'chart: path "./none.tgz" not found; check the chart name') as refusal:
            checked(chart="./none.tgz")
        assert refusal.value.key == "chart"

    def test_a_chart_is_not_looked_for_while_something_is_unknown(self) -> None:
        assert checked(chart="./none.tgz", values={"a": UNKNOWN})["values"] == {"a": UNKNOWN}

    def test_a_preview_says_that_there_is_no_helm(self, packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> Path:
            raise Failed(program.NO_HELM)

        monkeypatch.setattr(program, "path", none)
        with pytest.raises(Failed, match="`headroom tools build helm` builds it"):
            checked(chart=packed)

    def test_secret_values_stay_secret(self, packed: str) -> None:
        assert checked(chart=packed, values={"a": Secret("hunter2"), "b": 1})["values"] == {"a": Secret("hunter2"), "b": 1}

    def test_nulls_are_dropped_as_the_official_plugin_drops_them(self, packed: str) -> None:
        assert checked(chart=packed, values={"a": None, "b": [None, 1]})["values"] == {"b": [1]}

    def test_nulls_are_kept_where_the_program_allows_them(self, packed: str) -> None:
        assert checked(chart=packed, values={"a": None}, allowNullValues=True)["values"] == {"a": None}

    def test_the_name_is_that_of_the_preview(self, packed: str) -> None:
        assert checked(chart=packed)["name"] == checked(chart=packed)["name"]

    @pytest.mark.parametrize("option", sorted(options.NOT_COVERED))
    def test_what_is_not_covered_is_refused_by_name(self, packed: str, option: str) -> None:
        with pytest.raises(NotCovered, match=rf"the option `{option}` of helm\.v3\.Release: "):
            checked(chart=packed, **{option: "x" if isinstance(options.DEFAULTS.get(option, ""), str) else True})

    def test_a_password_of_a_repository_is_refused_without_being_shown(self, packed: str) -> None:
        with pytest.raises(NotCovered, match=r"repositoryOpts\.password") as refusal:
            checked(chart=packed, repositoryOpts={"repo": "https://charts.example.com", "password": Secret("hunter2")})
        assert "hunter2" not in str(refusal.value)

    @pytest.mark.parametrize("option", ["chart", "repositoryOpts.repo"])
    def test_a_login_in_a_url_is_refused_without_being_shown(self, packed: str, option: str) -> None:
        url = "https://me:hunter2@charts.example.com/x.tgz"
        inputs = {"chart": url} if option == "chart" else {"chart": packed, "repositoryOpts": {"repo": Secret(url)}}
        with pytest.raises(NotCovered, match=f"a login in the option `{option}`") as refusal:
            checked(**inputs)
        assert "hunter2" not in str(refusal.value)

    def test_a_repository_may_be_unknown(self) -> None:
        assert checked(chart="keda", repositoryOpts=UNKNOWN)["repositoryOpts"] is UNKNOWN


class TestChart:
    def test_a_directory_is_a_chart_where_it_has_a_chart_yaml(self, tmp_path: Path) -> None:
        (tmp_path / "Chart.yaml").write_text("name: here\nversion: 0.1.0\n")
        assert chart.find({"chart": str(tmp_path)}) == ("here", "0.1.0")

    def test_a_library_cannot_be_installed(self, tmp_path: Path) -> None:
        library = helm_charts.chart(tmp_path, "shared", "1.0.0", type="library")
        with pytest.raises(chart.ChartNotFound, match="library charts are not installable"):
            chart.find({"chart": str(library)})

    def test_what_is_no_archive_is_said_so(self, tmp_path: Path) -> None:
        (tmp_path / "x.tgz").write_text("<html>")
        with pytest.raises(chart.ChartNotFound, match="is no packaged chart"):
            chart.find({"chart": str(tmp_path / "x.tgz")})


class TestFlags:
    def test_an_upgrade_is_told_what_the_program_says(self) -> None:
        inputs = {**options.DEFAULTS, "atomic": True, "skipCrds": True, "resetValues": True, "waitForJobs": True, "timeout": 9}
        assert options.upgrade_flags(inputs) == [
            "--atomic",
            "--skip-crds",
            "--timeout=9s",
            "--wait",
            "--wait-for-jobs",
            "--reset-values",
            "--history-max=0",
        ]

    def test_what_is_not_awaited_is_not_waited_for(self) -> None:
        flags = options.upgrade_flags({**options.DEFAULTS, "skipAwait": True, "waitForJobs": True})
        assert flags == ["--timeout=300s", "--history-max=0"]

    def test_an_install_carries_the_mark_of_its_resource(self) -> None:
        label, value = options.mark("urn")
        assert f"--labels={label}={value}" in options.install_flags(options.DEFAULTS, "urn")

    def test_a_chart_in_a_repository_is_named_with_it(self) -> None:
        inputs = {"chart": "keda", "version": "1.0.0", "repositoryOpts": {"repo": "https://charts.example.com", "caFile": "/ca"}}
        assert options.place(inputs) == ["keda", "--version=1.0.0", "--repo=https://charts.example.com", "--ca-file=/ca"]


class TestDiff:
    def test_values_are_told_by_path_and_another_name_replaces(self) -> None:
        old = {"name": "one", "namespace": "ns", "values": {"a": 1, "b": 1}}
        revision = storage.Revision(1, "deployed", "plain", "1.2.3", "1", {}, "", {})
        recorded = checkpoint.record(old, "ns", "one", revision)
        updated = compare(OPERATION, recorded, {**old, "values": {"a": 2, "b": 1}}, ignored=[])
        replaced = compare(OPERATION, recorded, {**old, "name": "two"}, ignored=[])
        assert ([str(change) for change in updated.changes], updated.replace_keys) == (["values.a"], [])
        assert (replaced.replace_keys, replaced.deletes_first) == (["name"], False)


class TestRefresh:
    SAID: ClassVar[Object] = {**options.DEFAULTS, "name": "one", "namespace": "ns", "values": {"a": 1, "password": Secret("hunter2")}}

    def refreshed(self, values: Object, times: int = 1) -> tuple[Object, Object]:
        """Inputs and outputs once somebody else has given the release these values."""
        operation = running(revision(2, "deployed", config=values))
        inputs = self.SAID
        outputs = checkpoint.record(inputs, "ns", "one", storage.Revision(1, "deployed", "plain", "1.2.3", "1", {}, "", {}))
        for _ in range(times):
            _, inputs, outputs = read(operation, "ns/one", inputs, outputs)
        return inputs, outputs

    def test_what_the_program_is_compared_with_stays_what_it_said(self) -> None:
        inputs, outputs = self.refreshed({"a": 2, "password": "hunter2"}, times=2)
        assert (inputs, outputs["__inputs"]) == (self.SAID, Secret(plain(self.SAID)))

    def test_a_value_that_the_program_did_not_say_is_secret(self) -> None:
        _, outputs = self.refreshed({"a": 2, "password": "hunter2", "token": "hunter3"})
        assert outputs["values"] == {"a": Secret(2), "password": Secret("hunter2"), "token": Secret("hunter3")}

    def test_values_that_nobody_changed_are_as_secret_as_the_program_made_them(self) -> None:
        _, outputs = self.refreshed({"a": 1, "password": "hunter2"})
        assert outputs["values"] == self.SAID["values"]


class TestCutOffInstall:
    @pytest.fixture
    def ran(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What Helm is told to do."""
        told: list[str] = []
        monkeypatch.setattr(program, "run", lambda arguments, **_: told.append(arguments[0]))
        return told

    def installed(self, **labels: str) -> None:
        inputs = {**options.DEFAULTS, "chart": "./x.tgz", "name": "one", "namespace": "ns"}
        create(running(revision(1, "pending-install", labels=labels)), inputs, timeout=0, preview=False)

    def test_one_of_the_same_resource_is_undone(self, ran: list[str]) -> None:
        label, value = options.mark(Running.urn)
        self.installed(**{label: value})
        assert ran == ["uninstall", "install"]

    @pytest.mark.parametrize("labels", [{}, {options.mark("other")[0]: options.mark("other")[1]}], ids=["a person's", "another stack's"])
    def test_one_of_somebody_else_is_left_alone(self, ran: list[str], labels: dict[str, str]) -> None:
        with pytest.raises(Failed, match=r'"ns/one" is being installed .* `helm uninstall one --namespace=ns`'):
            self.installed(**labels)
        assert not ran


class TestStorage:
    def test_the_newest_revision_is_the_release(self) -> None:
        server = Server(revision(10, "pending-upgrade"), revision(9, "deployed"))
        newest = storage.latest(cast(Client, server), "ns", "one")
        assert newest is not None
        assert (newest.number, newest.is_pending, newest.chart, newest.values) == (10, True, "plain", {"a": 1})

    def test_objects_are_named_by_kind_with_their_namespace(self) -> None:
        manifest = "\n---\n".join(
            [
                "# Source: x\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {operator: =}",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}",
                "# nothing",
            ]
        )
        assert storage.resource_names(manifest) == {"ConfigMap/v1": ["b", "other/a"], "Deployment.apps/apps/v1": ["d"]}
