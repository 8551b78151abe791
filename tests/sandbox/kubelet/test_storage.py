"""Volumes that outlive a pod: a node's own directories, and claims that every node sees."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import pytest

from headroom.sandbox.async_api import Api, ApiError
from headroom.sandbox.kubelet import provisioning, storage, volumes
from headroom.sandbox.kubelet.sources import Missing
from tests.evidence import Proof
from tests.sandbox.kubelet.conftest import SECONDS, Pods, main
from tests.sandbox.kubelet.played import Played, lived

CLAIMS = "/api/v1/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
CLAIM: dict[str, Any] = {
    "metadata": {"namespace": "n", "name": "cache", "uid": "u"},
    "spec": {"storageClassName": "shared", "resources": {"requests": {"storage": "1Gi"}}},
}


class Objects:
    """An API server of a few objects."""

    def __init__(self, objects: dict[str, Any]) -> None:
        self._objects = objects

    async def get(self, path: str) -> Any:
        return self._objects.get(path)


def lasting(volume: dict[str, Any], directory: Path, objects: dict[str, Any] | None = None) -> Path:
    pod = {"metadata": {"namespace": "n"}, "spec": {"nodeName": "l4-0", "volumes": [{"name": "v", **volume}]}}
    return asyncio.run(storage.lasting(cast("Api", Objects(objects or {})), pod, directory))["v"]


def claimed(volume: dict[str, Any] | None) -> dict[str, Any]:
    claim = {**CLAIM, "spec": {**CLAIM["spec"], **({"volumeName": "pv"} if volume else {})}}
    return {"/api/v1/namespaces/n/persistentvolumeclaims/cache": claim, "/api/v1/persistentvolumes/pv": volume}


def test_a_host_path_is_a_directory_of_that_node_and_not_of_this_machine(tmp_path: Path) -> None:
    assert lasting({"hostPath": {"path": "/etc"}}, tmp_path) == tmp_path / "nodes" / "l4-0" / "etc"


@pytest.mark.parametrize("source", [{"path": "/a", "type": "Directory"}, {"path": "/a", "type": "Socket"}, {"path": "/../a"}])
def test_a_host_path_that_is_not_there_or_leads_elsewhere_is_refused(source: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Missing):
        lasting({"hostPath": source}, tmp_path)


def test_a_claim_leads_to_the_directory_of_its_volume(tmp_path: Path) -> None:
    made = provisioning.volume(CLAIM)
    assert lasting({"persistentVolumeClaim": {"claimName": "cache"}}, tmp_path, claimed(made)) == tmp_path / "shared" / "n-cache-u"


def test_a_claim_of_the_same_name_as_an_earlier_one_leads_elsewhere(tmp_path: Path) -> None:
    again = {**CLAIM, "metadata": {**CLAIM["metadata"], "uid": "another"}}
    found = [
        lasting({"persistentVolumeClaim": {"claimName": "cache"}}, tmp_path, claimed(provisioning.volume(each))) for each in (CLAIM, again)
    ]
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ({}, "not found"),
        (claimed(None), "not bound"),
        (claimed({"spec": {"nfs": {"server": "elsewhere", "path": "/"}}}), "nfs.server must be sandbox.headroom.dev"),
    ],
)
def test_a_claim_without_a_volume_of_the_sandbox_says_why(objects: dict[str, Any], why: str, tmp_path: Path) -> None:
    with pytest.raises(Missing, match=why):
        lasting({"persistentVolumeClaim": {"claimName": "cache"}}, tmp_path, objects)


def test_only_a_claim_of_the_sandboxs_class_that_has_no_volume_gets_one() -> None:
    bound, other = {"spec": {**CLAIM["spec"], "volumeName": "pv"}}, {"spec": {**CLAIM["spec"], "storageClassName": "fast"}}
    assert [provisioning.wants_volume(claim) for claim in (CLAIM, bound, other)] == [True, False, False]


class Refusing(Played):
    """Tells of one claim; refuses the first request for whatever there is to be. `made`: the paths of what there is."""

    def __init__(self) -> None:
        super().__init__({CLAIMS: [("LISTED", [CLAIM])]})
        self._refused: set[str] = set()
        self.made: list[str] = []

    async def create(self, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        if path not in self._refused:
            self._refused.add(path)
            raise ApiError(path, HTTPStatus.FORBIDDEN, "not yet")
        self.made.append(path.rsplit("/", 1)[1])
        return content


@pytest.mark.usefixtures("tried_again_at_once")
def test_what_was_refused_once_is_asked_for_again(tmp_path: Path) -> None:
    async def scene() -> list[str]:
        api = Refusing()
        await lived(provisioning.run(cast("Api", api), tmp_path), api.all_told[CLAIMS])
        return api.made

    assert asyncio.run(scene()) == ["storageclasses", "persistentvolumes"]


def made(phase: str = "Released", **spec: Any) -> dict[str, Any]:
    """The volume of the claim as the API server has it."""
    content = provisioning.volume(CLAIM)
    return {"metadata": {**content["metadata"], "uid": "pv"}, "spec": {**content["spec"], **spec}, "status": {"phase": phase}}


class Reclaiming(Played):
    """Tells of volumes; refuses the first request to delete one. `deleted`: the names of those that it deleted."""

    def __init__(self, *volumes: dict[str, Any]) -> None:
        super().__init__({VOLUMES: [("LISTED", list(volumes))]})
        self._refused = False
        self.deleted: list[str] = []

    async def delete_now(self, path: str, uid: str) -> None:
        if not self._refused:
            self._refused = True
            raise ApiError(path, HTTPStatus.FORBIDDEN, "not yet")
        self.deleted.append(path.removeprefix(f"{VOLUMES}/"))


def reclaimed(directory: Path, volume: dict[str, Any]) -> list[str]:
    async def scene() -> list[str]:
        api = Reclaiming(volume)
        await lived(provisioning.run(cast("Api", api), directory), api.all_told[VOLUMES])
        return api.deleted

    return asyncio.run(scene())


@pytest.mark.usefixtures("tried_again_at_once")
def test_a_volume_goes_with_its_claim_and_its_files_with_it(tmp_path: Path) -> None:
    files = tmp_path / "shared" / "n-cache-u"
    (files / "engine").mkdir(parents=True)
    assert reclaimed(tmp_path, made()) == ["pvc-u"]
    assert not files.exists()


@pytest.mark.parametrize(
    "volume",
    [
        made("Bound"),
        made(persistentVolumeReclaimPolicy="Retain"),
        {**made(), "metadata": {"name": "somebodys", "uid": "pv"}},
        {**made(), "metadata": {**made()["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}},
    ],
    ids=["bound", "to be kept", "somebody's", "going already"],
)
def test_every_other_volume_stays_and_so_do_its_files(volume: dict[str, Any], tmp_path: Path) -> None:
    files = tmp_path / "shared" / "n-cache-u"
    files.mkdir(parents=True)
    assert reclaimed(tmp_path, volume) == []
    assert files.exists()


def test_files_stay_when_the_pods_volume_goes(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (tmp_path / "pod").mkdir()
    storage.link(tmp_path / "pod" / "v", kept)
    (tmp_path / "pod" / "v" / "engine").write_text("x")
    shutil.rmtree(tmp_path / "pod")
    assert (kept / "engine").read_text() == "x"


@pytest.mark.parametrize(
    ("volume", "readonly"),
    [
        ({"hostPath": {"path": "/a"}}, False),
        ({"persistentVolumeClaim": {"claimName": "c"}}, False),
        ({"persistentVolumeClaim": {"claimName": "c", "readOnly": True}}, True),
    ],
)
def test_what_lasts_may_be_written_unless_it_says_otherwise(volume: dict[str, Any], readonly: bool) -> None:
    container = {"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    pod = {"spec": {"volumes": [{"name": "v", **volume}], "containers": [container]}}
    assert volumes.mounts(container, pod, Path("/volumes"))[0].readonly is readonly


def claim(pods: Pods) -> str:
    """Makes the claim `c`; the name of its volume."""
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": "shared", "resources": {"requests": {"storage": "1Gi"}}}
    pods.kubectl("create", "-f-", manifest={"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": spec})
    pods.kubectl("wait", "pvc/c", "--for=jsonpath={.status.phase}=Bound", f"--timeout={SECONDS}s")
    return pods.kubectl("get", "pvc/c", "-ojsonpath={.spec.volumeName}")


def said(pods: Pods, name: str, script: str) -> tuple[int, str]:
    """Exit code and output of a pod that has the claim at /cache."""
    pods.create(
        name,
        {"command": ["sh", "-c", script], "volumeMounts": [{"name": "v", "mountPath": "/cache"}]},
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
        restartPolicy="Never",
        securityContext={"runAsUser": 1000, "runAsGroup": 1000},
    )
    ended = pods.until(name, lambda status: status["phase"] in ("Succeeded", "Failed"))
    return main(ended)["state"]["terminated"]["exitCode"], pods.log(name)


@pytest.mark.tools
@pytest.mark.proves("a claim is shared by pods of several nodes", Proof.REAL)
def test_what_one_pod_writes_into_a_claim_another_reads(pods: Pods) -> None:
    claim(pods)
    assert said(pods, "one", "echo kept > /cache/engine") == (0, "")
    assert said(pods, "two", "cat /cache/engine") == (0, "kept\n")


def unclaim(pods: Pods) -> None:
    pods.kubectl("delete", "pods", "--all", f"--timeout={SECONDS}s")
    pods.kubectl("delete", "pvc/c", f"--timeout={SECONDS}s")


@pytest.mark.tools
def test_a_claim_of_the_same_name_as_an_earlier_one_is_empty(pods: Pods) -> None:
    claim(pods)
    said(pods, "one", "echo old > /cache/engine")
    unclaim(pods)
    claim(pods)
    assert said(pods, "two", "ls /cache") == (0, "")


@pytest.mark.tools
def test_a_claim_that_goes_takes_its_volume_and_its_files_along(pods: Pods) -> None:
    volume = claim(pods)
    said(pods, "one", "echo old > /cache/engine")
    directory = storage.shared(pods.layout.kubelet / "storage", pods.kubectl("get", f"pv/{volume}", "-ojsonpath={.spec.nfs.path}"))
    assert directory.exists()
    unclaim(pods)
    pods.kubectl("wait", f"pv/{volume}", "--for=delete", f"--timeout={SECONDS}s")
    assert not directory.exists()
