from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.plugins.environment import environment, script

OURS = ("PATH", "KUBECONFIG", "PULUMI_BACKEND_URL", "PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_SKIP_UPDATE_CHECK", "HEADROOM_ROOT")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "a clone")


def sourced(clone: Clone, tmp_path: Path, base: dict[str, str], *, official: bool = False) -> dict[str, str]:
    """What a shell has after it sourced env.sh."""
    file = tmp_path / "env.sh"
    file.write_text(script(clone, official=official))
    printed = subprocess.run(
        ["/bin/sh", "-eu", "-c", f". '{file}'; env -0"], env=base, capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout
    found = dict(entry.split("=", 1) for entry in printed.split("\0") if entry)
    return {name: value for name, value in found.items() if name not in ("PWD", "_", "SHLVL")}


BASES = {
    "a plain shell": {"PATH": "/usr/bin:/bin"},
    "an own backend": {"PATH": "/usr/bin:/bin", "PULUMI_BACKEND_URL": "s3://states"},
    "another clone's environment": {"PATH": "/usr/bin:/bin", "PULUMI_BACKEND_URL": "file:///other/.headroom/state"},
    "an own passphrase": {"PATH": "/usr/bin:/bin", "PULUMI_CONFIG_PASSPHRASE": "mine"},
    "a passphrase file": {"PATH": "/usr/bin:/bin", "PULUMI_CONFIG_PASSPHRASE_FILE": "/secret"},
}


@pytest.mark.parametrize("official", [False, True])
@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_the_file_gives_a_shell_what_subprocesses_get(clone: Clone, tmp_path: Path, base: dict[str, str], official: bool) -> None:
    assert sourced(clone, tmp_path, base, official=official) == environment(clone, base, official=official)


def test_the_clones_own_programs_come_first(clone: Clone) -> None:
    assert environment(clone, {"PATH": "/usr/bin"})["PATH"] == f"{clone.bin}{os.pathsep}/usr/bin"


def test_the_state_is_in_the_clone_unless_the_user_chose_another_backend(clone: Clone) -> None:
    assert environment(clone, {})["PULUMI_BACKEND_URL"] == clone.backend.as_uri()
    assert environment(clone, {"PULUMI_BACKEND_URL": "s3://states"})["PULUMI_BACKEND_URL"] == "s3://states"


def test_a_backend_inherited_from_another_clone_is_not_the_users_choice(clone: Clone) -> None:
    inherited = {"PULUMI_BACKEND_URL": "file:///other/.headroom/state"}

    assert environment(clone, inherited)["PULUMI_BACKEND_URL"] == clone.backend.as_uri()


def test_what_kubectl_remembers_stays_in_the_clone(clone: Clone) -> None:
    assert Path(environment(clone, {})["KUBECACHEDIR"]).is_relative_to(clone.state)


def test_an_own_passphrase_stays(clone: Clone) -> None:
    assert environment(clone, {"PULUMI_CONFIG_PASSPHRASE": "mine"})["PULUMI_CONFIG_PASSPHRASE"] == "mine"
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment(clone, {"PULUMI_CONFIG_PASSPHRASE_FILE": "/secret"})


def test_pulumis_own_cli_keeps_its_home_and_its_way_of_getting_plugins(clone: Clone) -> None:
    ours = environment(clone, {}, official=True)

    assert {"PULUMI_HOME", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_CREDENTIAL_STORE"}.isdisjoint(ours)
