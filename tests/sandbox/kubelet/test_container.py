"""A container's root file system, processes and network are its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headroom.sandbox.support import ROOT, ROOTLESS, privilege

pytestmark = pytest.mark.tools

Run = Callable[..., dict[str, Any]]


both = pytest.mark.parametrize("run", [ROOT, ROOTLESS], ids=["root", "rootless"], indirect=True)
"""As root and in a namespace of one user; the other tests take the first way that works here."""


@pytest.fixture
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    way = getattr(request, "param", None) or privilege()
    if subprocess.run([*way.unshare, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let us")

    def run(*argv: str, **asked: Any) -> dict[str, Any]:
        content = json.dumps({"argv": argv, **asked})
        command = [*way.unshare, sys.executable, "-m", "tests.sandbox.kubelet.run_container", str(tmp_path), content]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def shell(run: Run, script: str, **asked: Any) -> list[str]:
    return run("sh", "-c", script, **asked)["log"].splitlines()


@both
def test_it_sees_its_volumes_and_nothing_else_of_the_machine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "model").write_text("here")
    said = shell(run, "cat /volume/model; echo; ls /; ls /root /home /work /var/lib 2>&1 | wc -l", volume=str(tmp_path / "content"))
    assert said[0] == "here"
    assert set(said[1:-1]) <= {
        "bin",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "opt",
        "proc",
        "root",
        "run",
        "sbin",
        "tmp",
        "usr",
        "var",
        "volume",
    }


def test_the_systems_directories_and_read_only_volumes_cannot_be_written(run: Run, tmp_path: Path) -> None:
    script = "for path in /usr/x /volume/x /etc/ssl/x; do touch $path 2>/dev/null && echo wrote $path; done; touch /tmp/x && echo /tmp"
    assert shell(run, script, volume=str(tmp_path)) == ["/tmp"]


@both
def test_a_read_only_root_leaves_only_what_is_mounted_writable(run: Run) -> None:
    said = shell(run, "touch /x /tmp/x 2>/dev/null || echo no; touch /dev/shm/x && echo yes", readOnlyRoot=True)
    assert said == ["no", "yes"]


@both
def test_it_is_process_one_of_its_own_and_has_its_pods_name_and_address(run: Run) -> None:
    assert shell(run, "echo $$; hostname; ip -brief -4 address show eth0 | tr -s ' ' | cut -d' ' -f3") == ["1", "demo-0", "10.244.1.1/16"]


@both
def test_it_has_no_rights_left_when_all_are_dropped(run: Run) -> None:
    said = dict(line.split(":\t") for line in shell(run, "grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status"))
    assert (int(said["CapEff"], 16), int(said["CapBnd"], 16), said["NoNewPrivs"]) == (0, 0, "1")


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$; sleep 9 & kill -9 $!; wait $!; exit $?", 137)])
def test_its_exit_status_is_told(run: Run, script: str, code: int) -> None:
    assert run("sh", "-c", script)["exitCode"] == code


def test_a_program_that_is_not_there_is_told(run: Run) -> None:
    assert run("no-such-program")["error"] == 'exec: "no-such-program": executable file not found in $PATH'


def test_a_command_in_it_does_not_need_the_machines_own_in_its_path(run: Run) -> None:
    asked = run("/bin/sleep", "600", env={"PATH": "/opt/venv/bin"}, execute=["/bin/cat", "/proc/1/comm"])
    assert asked["executed"] == [0, "sleep"]


@both
def test_it_ends_with_its_launcher_and_so_does_what_it_started(run: Run) -> None:
    ended = run("sh", "-c", "sleep 600 & sleep 600", killLauncher=0.5)
    assert (ended["exitCode"], ended["alive"]) == (137, False)


def test_it_leaves_no_mount_behind(run: Run, tmp_path: Path) -> None:
    run("true", volume=str(tmp_path))
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
