"""A machine that cannot hold a sandbox is told what it lacks and what works without it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from headroom.sandbox import support
from headroom.sandbox.errors import Unsupported


def refuse(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(argv, 1, "", "unshare failed: Operation not permitted")


def test_another_system_than_linux_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Unsupported, match="darwin"):
        support.privilege()


def test_each_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support.shutil, "which", lambda _: None)
    with pytest.raises(Unsupported) as refusal:
        support.privilege()
    assert len(refusal.value.missing) == len(support.PROGRAMS)
    assert "the program `ip` (package iproute2)" in refusal.value.missing


def test_a_kernel_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support.subprocess, "run", refuse)
    with pytest.raises(Unsupported, match=r"unshare --user .*: unshare failed: Operation not permitted"):
        support.privilege()


def test_the_refusal_says_what_still_works() -> None:
    assert "make look" in str(Unsupported(["a kernel"]))
