"""Volumes hold what the manifest says, at the paths that it says."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.kubelet import volumes
from headroom.sandbox.kubelet.downward import Place
from headroom.sandbox.kubelet.filesystem import Mount
from headroom.sandbox.kubelet.sources import Missing, Sources
from headroom.sandbox.kubelet.volumes import File

SOURCES = Sources(
    {
        ("ConfigMap", "models"): {"data": {"a": "1", "b": "2"}, "binaryData": {"c": base64.b64encode(b"\xff").decode()}},
        ("Secret", "key"): {"data": {"k": base64.b64encode(b"s").decode()}},
        ("ConfigMap", "gone"): None,
    },
    {"": "token"},
)
POD: dict[str, Any] = {"metadata": {"name": "p", "namespace": "n", "uid": "u", "labels": {"x": "y"}}, "spec": {"containers": []}}


def files(volume: dict[str, Any]) -> list[File]:
    return volumes.files(volume, POD, SOURCES, Place("10.244.1.1", "10.244.0.1", {}))


def test_without_items_every_key_is_a_file() -> None:
    assert files({"configMap": {"name": "models"}}) == [File("a", b"1", 0o644), File("b", b"2", 0o644), File("c", b"\xff", 0o644)]


def test_items_choose_keys_paths_and_modes() -> None:
    items = [{"key": "b", "path": "sleeper/1/model.py"}, {"key": "a", "path": "x", "mode": 0o400}]
    found = files({"configMap": {"name": "models", "items": items, "defaultMode": 0o440}})
    assert found == [File("sleeper/1/model.py", b"2", 0o440), File("x", b"1", 0o400)]


@pytest.mark.parametrize(
    "source",
    [{"name": "gone"}, {"name": "models", "items": [{"key": "nope", "path": "x"}]}],
)
def test_what_is_missing_stops_the_pod_unless_it_is_optional(source: dict[str, Any]) -> None:
    with pytest.raises(Missing):
        files({"configMap": source})
    assert files({"configMap": {**source, "optional": True}}) == []


def test_a_secret_is_decoded() -> None:
    assert files({"secret": {"secretName": "key"}}) == [File("k", b"s", 0o644)]


def test_a_projected_volume_joins_its_sources() -> None:
    sources = [
        {"serviceAccountToken": {"path": "token"}},
        {"configMap": {"name": "models", "items": [{"key": "a", "path": "ca.crt"}]}},
        {"secret": {"name": "key"}},
        {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
    ]
    found = {file.path: file.content for file in files({"projected": {"sources": sources}})}
    assert found == {"token": b"token", "ca.crt": b"1", "k": b"s", "labels": b'x="y"'}


def test_the_objects_and_tokens_that_are_needed_are_known_beforehand() -> None:
    declared = [
        {"configMap": {"name": "models"}},
        {"projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3607}}, {"secret": {"name": "key"}}]}},
    ]
    assert volumes.references(declared) == {("ConfigMap", "models"), ("Secret", "key")}
    assert volumes.audiences(declared) == {"": 3607}


def test_files_are_written_below_the_volume(tmp_path: Path) -> None:
    volumes.write(tmp_path / "v", [File("sleeper/1/model.py", b"x", 0o444)], None)
    assert (tmp_path / "v" / "sleeper/1/model.py").read_bytes() == b"x"


def test_an_empty_dir_may_be_written_by_everybody(tmp_path: Path) -> None:
    volumes.write(tmp_path / "v", [], None)
    assert (tmp_path / "v").stat().st_mode & 0o777 == 0o777


def with_mounts(volume: dict[str, Any], *mounts: list[dict[str, Any]]) -> dict[str, Any]:
    containers = [{"name": str(index), "volumeMounts": entry} for index, entry in enumerate(mounts)]
    return {**POD, "spec": {"volumes": [volume], "containers": containers}}


def mounted(pod: dict[str, Any]) -> list[Mount]:
    return volumes.mounts(pod["spec"]["containers"][0], pod, Path("/volumes"))


def test_a_config_map_is_read_only_whatever_the_mount_says() -> None:
    pod = with_mounts({"name": "v", "configMap": {"name": "models"}}, [{"name": "v", "mountPath": "/models"}])
    assert mounted(pod) == [Mount("/models", "/volumes/v", readonly=True)]


def test_memory_of_one_container_is_mounted_with_its_limit() -> None:
    volume = {"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}
    pod = with_mounts(volume, [{"name": "v", "mountPath": "/dev/shm"}])
    assert mounted(pod) == [Mount("/dev/shm", None, size=1 << 30)]


def test_memory_that_two_containers_share_is_a_directory() -> None:
    volume = {"name": "v", "emptyDir": {"medium": "Memory"}}
    pod = with_mounts(volume, [{"name": "v", "mountPath": "/a"}], [{"name": "v", "mountPath": "/b"}])
    assert mounted(pod) == [Mount("/a", "/volumes/v")]


def test_a_sub_path_must_stay_inside_its_volume() -> None:
    pod = with_mounts({"name": "v", "emptyDir": {}}, [{"name": "v", "mountPath": "/a", "subPath": "../x"}])
    with pytest.raises(Missing, match="must stay inside"):
        mounted(pod)
