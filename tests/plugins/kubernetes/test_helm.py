"""How Helm is run: what it is told, and what is heard of it."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from headroom.plugins.kubernetes.helm import program
from headroom.plugins.kubernetes.kubeconfig import Target
from headroom.plugins.kubernetes.properties import Secret

HERE = Target({"server": "https://here"}, {"token": "hunter2"})


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Helm's place that shows what it is given, and fails."""
    path = tmp_path / "helm"
    lines = (
        "#!/bin/sh",
        'echo "$@" > "$SEEN/arguments"',
        'env > "$SEEN/environment"',
        'stat -c %a "${3#--kubeconfig=}" > "$SEEN/mode"',
        "sleep 0.5",
        'echo "Error: INSTALLATION FAILED: it is $(cat)" >&2',
        "exit 1",
    )
    path.write_text("\n".join(lines))
    path.chmod(0o755)
    monkeypatch.setenv("SEEN", str(tmp_path))
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setattr(program, "path", lambda: path)
    return tmp_path


def failure(values: Any, secrets: Any = None, cancelled: threading.Event | None = None) -> str:
    with pytest.raises(program.HelmFailed) as failed:
        program.run(["install"], target=HERE, values=values, secrets=secrets, cancelled=cancelled)
    return str(failed.value)


@pytest.mark.usefixtures("helm")
def test_a_secret_value_is_shown_in_no_error() -> None:
    assert failure({"password": Secret("hunter2"), "plain": "seen"}) == 'it is {"password": "[secret]", "plain": "seen"}'


@pytest.mark.usefixtures("helm")
def test_values_may_be_secret_as_a_whole() -> None:
    assert failure(Secret({"password": "hunter2"})) == 'it is {"password": "[secret]"}'


@pytest.mark.usefixtures("helm")
def test_what_is_secret_elsewhere_in_a_release_is_shown_in_no_error() -> None:
    assert failure({"a": "hunter2"}, secrets={"description": Secret("hunter2")}) == 'it is {"a": "[secret]"}'


def test_a_secret_value_is_no_argument_and_in_no_environment(helm: Path) -> None:
    failure({"password": Secret("hunter2")})
    assert "hunter2" not in (helm / "arguments").read_text() + (helm / "environment").read_text()


def test_credentials_stand_in_a_private_file(helm: Path) -> None:
    failure({})
    assert (helm / "mode").read_text().strip() == "600"


def test_nothing_of_a_run_stays_behind(helm: Path) -> None:
    failure({})
    (file,) = [word for word in (helm / "arguments").read_text().split() if word.startswith("--kubeconfig=")]
    assert not Path(file.removeprefix("--kubeconfig=")).parent.exists()


@pytest.mark.usefixtures("helm")
def test_values_may_be_longer_than_a_pipe_holds_and_read_late() -> None:
    long = {"a": "x" * 200_000}
    assert failure(long, cancelled=threading.Event()) == f"it is {json.dumps(long)}"


def test_the_users_own_debugging_is_not_heard(helm: Path) -> None:
    failure({})
    assert "HELM_DEBUG" not in (helm / "environment").read_text()


def test_a_cancelled_run_asks_helm_to_stop_and_hears_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    stops = "trap 'echo \"Error: UPGRADE FAILED: context canceled\" >&2; exit 1' TERM"
    slow.write_text(f"#!/bin/sh\n{stops}\nwhile :; do sleep 0.05; done\n")
    slow.chmod(0o755)
    monkeypatch.setattr(program, "path", lambda: slow)
    monkeypatch.setattr(program, "_POLL_SECONDS", 0.1)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(program.HelmFailed, match=r"^context canceled$"):
        program.run(["upgrade"], values={"a": 1}, cancelled=cancelled)


def test_a_secret_is_hidden_as_a_secrets_data_shows_it() -> None:
    assert program.hidden(base64.b64encode(b"hunter2").decode(), {"hunter2"}) == program.HIDDEN
