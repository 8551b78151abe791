"""However a command ends, no process of the program's is left behind."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.plugins.python_host.conftest import Project

pytestmark = pytest.mark.tools

_PATIENCE_SECONDS = 40

_SLEEPER = """
    import os, pathlib, subprocess, time
    helper = subprocess.Popen(["sleep", "600"])
    pathlib.Path("pids.new").write_text(f"{os.getpid()} {helper.pid}")
    os.rename("pids.new", "pids")
    time.sleep(600)
"""


@pytest.fixture
def sleeping(project: Project) -> Project:
    project.program(_SLEEPER)
    return project


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_leaves_no_process(sleeping: Project, sign: signal.Signals) -> None:
    command = sleeping.start("preview")
    try:
        program = _started(sleeping.directory / "pids")

        command.send_signal(sign)

        assert _gone(program), [process for process in program if process.is_running()]
    finally:
        command.kill()
        command.wait()


def _started(pids: Path) -> list[psutil.Process]:
    """The program, what it started, and the language host that started it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if pids.exists():
            program, helper = (psutil.Process(int(pid)) for pid in pids.read_text().split())
            host = program.parent()
            assert host is not None
            return [program, helper, host]
        time.sleep(0.1)
    raise AssertionError("the program did not start")


def _gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=_PATIENCE_SECONDS)[1]
