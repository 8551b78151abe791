"""helm.v3.Release without a Helm: its options, its charts, what is kept of it and what is hidden."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from headroom.plugins.kubernetes.client import Client
from headroom.plugins.kubernetes.failures import Failed, InputRefused
from headroom.plugins.kubernetes.helm import chart, checkpoint, options, program, storage
from headroom.plugins.kubernetes.helm.checking import check
from headroom.plugins.kubernetes.helm.comparing import compare
from headroom.plugins.kubernetes.operations import Operation
from headroom.plugins.kubernetes.properties import UNKNOWN, Secret
from headroom.plugins.kubernetes.refusals import NotCovered
from tests import helm_charts

SEED = b"seed"


class Plugin:
    """Enough of an operation for what asks no cluster."""

    name = "r"

    @property
    def cluster(self) -> Any:
        return type("Cluster", (), {"default_namespace": "default"})


OPERATION = cast(Operation, Plugin())


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
        flags = options.install_flags({**options.DEFAULTS, "skipAwait": True, "waitForJobs": True})
        assert flags == ["--timeout=300s"]

    def test_a_chart_in_a_repository_is_named_with_it(self) -> None:
        inputs = {"chart": "keda", "version": "1.0.0", "repositoryOpts": {"repo": "https://charts.example.com", "caFile": "/ca"}}
        assert options.place(inputs) == ["keda", "--version=1.0.0", "--repo=https://charts.example.com", "--ca-file=/ca"]


class TestDiff:
    def test_values_are_told_by_path_and_another_name_replaces(self) -> None:
        old = {"name": "one", "namespace": "ns", "values": {"a": 1, "b": 1}}
        revision = storage.Revision(1, "deployed", "plain", "1.2.3", "1", {}, "")
        recorded = checkpoint.record(old, "ns", "one", revision)
        updated = compare(OPERATION, recorded, {**old, "values": {"a": 2, "b": 1}}, ignored=[])
        replaced = compare(OPERATION, recorded, {**old, "name": "two"}, ignored=[])
        assert ([str(change) for change in updated.changes], updated.replace_keys) == (["values.a"], [])
        assert (replaced.replace_keys, replaced.deletes_first) == (["name"], False)


class TestStorage:
    def test_the_newest_revision_is_the_release(self) -> None:
        class Server:
            def list(self, *_: Any, label_selector: str) -> list[dict[str, Any]]:
                assert label_selector == "owner=helm,name=one"
                return [_secret(10, "pending-upgrade"), _secret(9, "deployed")]

        newest = storage.latest(cast(Client, Server()), "ns", "one")
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


class TestProgram:
    @pytest.fixture
    def helm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A program in Helm's place that shows what it is given, and fails."""
        path = tmp_path / "helm"
        lines = (
            "#!/bin/sh",
            'values="${2#--values=}"',
            'echo "$@" > "$SEEN/arguments"',
            'env > "$SEEN/environment"',
            'stat -c %a "$values" > "$SEEN/mode"',
            'echo "Error: INSTALLATION FAILED: it is $(cat "$values")" >&2',
            "exit 1",
        )
        path.write_text("\n".join(lines))
        path.chmod(0o755)
        monkeypatch.setenv("SEEN", str(tmp_path))
        monkeypatch.setenv("HELM_DEBUG", "true")
        monkeypatch.setattr(program, "path", lambda: path)
        return tmp_path

    def test_a_secret_stands_in_a_private_file_alone(self, helm: Path) -> None:
        with pytest.raises(program.HelmFailed) as failure:
            program.run(["install"], values={"password": Secret("hunter2"), "plain": "seen"})
        assert str(failure.value) == 'it is {"password": "[secret]", "plain": "seen"}'
        assert "hunter2" not in (helm / "arguments").read_text() + (helm / "environment").read_text()
        assert (helm / "mode").read_text().strip() == "600"

    def test_nothing_of_it_stays_behind(self, helm: Path) -> None:
        with pytest.raises(program.HelmFailed):
            program.run(["install"], values={"password": Secret("hunter2")})
        (values,) = [word for word in (helm / "arguments").read_text().split() if word.startswith("--values=")]
        assert not Path(values.removeprefix("--values=")).parent.exists()

    def test_the_users_own_debugging_is_not_heard(self, helm: Path) -> None:
        with pytest.raises(program.HelmFailed):
            program.run(["install"], values={})
        assert "HELM_DEBUG" not in (helm / "environment").read_text()

    def test_a_cancelled_run_asks_helm_to_stop_and_hears_what_it_says(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = tmp_path / "slow"
        stops = "trap 'echo \"Error: UPGRADE FAILED: context canceled\" >&2; exit 1' TERM"
        slow.write_text(f"#!/bin/sh\n{stops}\nwhile :; do sleep 0.05; done\n")
        slow.chmod(0o755)
        monkeypatch.setattr(program, "path", lambda: slow)
        monkeypatch.setattr(program, "_POLL_SECONDS", 0.1)
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(program.HelmFailed, match=r"^context canceled$"):
            program.run(["upgrade"], cancelled=cancelled)

    def test_a_secret_is_hidden_as_a_secrets_data_shows_it(self) -> None:
        assert program.hidden(base64.b64encode(b"hunter2").decode(), {"hunter2"}) == program.HIDDEN


def _secret(number: int, status: str) -> dict[str, Any]:
    release = {
        "version": number,
        "info": {"status": status},
        "chart": {"metadata": {"name": "plain", "version": "1.2.3"}},
        "config": {"a": 1},
        "manifest": "",
    }
    return {"data": {"release": base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()}}
