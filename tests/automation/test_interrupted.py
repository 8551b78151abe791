"""What a run that was cut off leaves behind, and what is made of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headroom.automation import interrupted

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "models", "namespace": "inference"}}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "l4-0"}}


def lock(backend: Path, pid: int, host: str = "") -> Path:
    path = backend / ".pulumi" / "locks" / "organization" / "headroom" / "local" / f"{pid}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": pid, "hostname": host or socket.gethostname()}))
    return path


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_whose_process_is_gone_is_stale(tmp_path: Path) -> None:
    path = lock(tmp_path, ended_process())
    assert [found.path for found in interrupted.stale_locks(tmp_path, "local")] == [path]


def test_a_lock_of_another_host_is_never_stale_from_here(tmp_path: Path) -> None:
    lock(tmp_path, ended_process(), host="elsewhere")
    assert interrupted.stale_locks(tmp_path, "local") == []


def test_a_process_id_that_something_else_has_now_does_not_hold_a_lock(tmp_path: Path) -> None:
    path = lock(tmp_path, os.getpid())
    assert [found.path for found in interrupted.stale_locks(tmp_path, "local")] == [path]


def test_another_stacks_lock_is_left_alone(tmp_path: Path) -> None:
    lock(tmp_path, ended_process())
    assert interrupted.stale_locks(tmp_path, "prod") == []


def test_a_lock_that_was_cut_off_while_it_was_written_is_stale(tmp_path: Path) -> None:
    path = lock(tmp_path, os.getpid())
    path.write_text("")
    assert [found.path for found in interrupted.stale_locks(tmp_path, "local")] == [path]


def of_this_host(**more: Any) -> str:
    return json.dumps({"hostname": socket.gethostname(), **more})


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", of_this_host(), of_this_host(pid="12"), of_this_host(pid=-1)],
    ids=["a list", "no host", "no process", "a word for a process", "a number that no process has"],
)
def test_a_lock_of_another_form_is_told_and_never_stale(tmp_path: Path, content: str) -> None:
    path = lock(tmp_path, os.getpid())
    path.write_text(content)
    assert (interrupted.stale_locks(tmp_path, "local"), interrupted.strange_locks(tmp_path, "local")) == ([], [path])


def test_a_lock_that_may_not_be_read_is_never_stale(tmp_path: Path) -> None:
    path = lock(tmp_path, ended_process())
    path.unlink()
    path.mkdir()
    assert (interrupted.stale_locks(tmp_path, "local"), interrupted.strange_locks(tmp_path, "local")) == ([], [path])


@pytest.mark.parametrize("content", ["", of_this_host(pid=12), json.dumps({"pid": 12, "hostname": "elsewhere"})])
def test_a_lock_of_pulumis_form_is_not_strange(tmp_path: Path, content: str) -> None:
    lock(tmp_path, 12).write_text(content)
    assert interrupted.strange_locks(tmp_path, "local") == []


def gone(path: Path) -> Path:
    """A name whose file is gone when it is read."""
    path.unlink(missing_ok=True)
    path.symlink_to(path.with_name("gone"))
    return path


def test_a_lock_that_is_released_meanwhile_is_not_stale(tmp_path: Path) -> None:
    gone(lock(tmp_path, ended_process()))
    assert interrupted.stale_locks(tmp_path, "local") == []


def checkpoint(backend: Path, content: str, former: str | None = None) -> Path:
    path = backend / ".pulumi" / "stacks" / "headroom" / "local.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    if former is not None:
        path.with_name("local.json.bak").write_text(former)
    return path


def test_a_state_that_was_cut_off_is_what_it_was_before(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, '{"version": 3, "check', former='{"version": 3}')
    assert (interrupted.mend_checkpoint(tmp_path, "local"), path.read_text()) == (True, '{"version": 3}')


def test_a_state_that_was_cut_off_at_its_first_write_is_gone(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, "", former="")
    assert (interrupted.mend_checkpoint(tmp_path, "local"), path.exists()) == (True, False)


def test_a_whole_state_is_left_alone(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, '{"version": 3}', former='{"version": 2}')
    assert (interrupted.mend_checkpoint(tmp_path, "local"), path.read_text()) == (False, '{"version": 3}')


def attributes(file: Path, content: str) -> Path:
    path = file.with_name(f"{file.name}.attrs")
    path.write_text(content)
    return path


def test_attributes_that_were_cut_off_are_gone_and_their_file_stays(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, '{"version": 3}')
    beside = attributes(path, "")
    assert (interrupted.mend_attributes(tmp_path, "local"), beside.exists(), path.exists()) == (True, False, True)


def test_whole_attributes_are_left_alone(tmp_path: Path) -> None:
    beside = attributes(checkpoint(tmp_path, '{"version": 3}'), '{"user.content_type": "text/plain"}')
    assert (interrupted.mend_attributes(tmp_path, "local"), beside.exists()) == (False, True)


def test_another_stacks_attributes_are_left_alone(tmp_path: Path) -> None:
    """It may be in the middle of a write."""
    beside = attributes(checkpoint(tmp_path, "{}").with_name("local-2.json"), "")
    assert (interrupted.mend_attributes(tmp_path, "local"), beside.exists()) == (False, True)


def test_attributes_that_go_meanwhile_were_not_cut_off(tmp_path: Path) -> None:
    gone(attributes(checkpoint(tmp_path, "{}"), ""))
    assert not interrupted.mend_attributes(tmp_path, "local")


def pending(kind: str, inputs: dict[str, Any], token: str = "kubernetes:core/v1:ConfigMap") -> dict[str, Any]:
    return {"type": kind, "resource": {"urn": "u", "type": token, "inputs": inputs}}


def state(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [], "pending_operations": list(operations)}}


def test_a_settled_state_has_no_operation_under_way() -> None:
    assert interrupted.settled(state(pending("creating", CONFIG_MAP), pending("updating", NODE))) == state()


def test_a_state_without_operations_under_way_needs_nothing() -> None:
    assert interrupted.settled({"deployment": {"resources": []}}) is None


def test_an_empty_state_needs_nothing() -> None:
    assert interrupted.settled({"deployment": None}) is None


def test_what_was_being_made_or_deleted_may_be_there_or_not() -> None:
    assert interrupted.half_done(state(pending("creating", CONFIG_MAP), pending("deleting", NODE))) == [CONFIG_MAP, NODE]


def test_what_was_being_updated_is_there() -> None:
    assert interrupted.half_done(state(pending("updating", CONFIG_MAP))) == []


def test_what_is_no_object_of_a_cluster_is_not_looked_for_in_one() -> None:
    release = pending("creating", {"chart": "keda", "name": "keda"}, "kubernetes:helm.sh/v3:Release")
    assert interrupted.half_done(state(release, pending("creating", CONFIG_MAP, "headroom:index:ModelServer"))) == []
