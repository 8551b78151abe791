"""What a run that was cut off leaves behind, and what is made of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

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


def test_unfinished_creates_are_taken_out_and_other_operations_stay() -> None:
    export = {"version": 3, "deployment": {"pending_operations": [{"type": "creating"}, {"type": "deleting"}]}}
    settled = interrupted.without_pending_creates(export)
    assert settled == {"version": 3, "deployment": {"pending_operations": [{"type": "deleting"}]}}


def test_a_state_without_unfinished_creates_needs_nothing() -> None:
    assert interrupted.without_pending_creates({"deployment": {"pending_operations": [{"type": "updating"}]}}) is None


def test_what_exists_and_no_state_knows_was_left_behind() -> None:
    export = {"deployment": {"resources": [{"type": "kubernetes:core/v1:Node", "outputs": NODE}]}}
    assert interrupted.unknown_to(export, [NODE, CONFIG_MAP]) == [CONFIG_MAP]


def test_an_empty_state_knows_nothing() -> None:
    assert interrupted.unknown_to({"deployment": None}, [NODE]) == [NODE]
