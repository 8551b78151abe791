from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from headroom.paths import Clone
from headroom.plugins.install import install, plugins
from headroom.tools import ToolError
from tests.tools.conftest import script


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on the PATH besides the system's, and an empty cache of tools."""
    directory = tmp_path / "path"
    directory.mkdir()
    monkeypatch.setenv("HEADROOM_TOOLS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{directory}:/bin")
    return directory


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def pulumi(path: Path, *, beside: str) -> Path:
    script(path / beside, "")
    return script(path / "pulumi", "echo v3.259.0")


def test_without_a_pulumi_cli_it_says_how_to_have_one(path: Path, clone: Clone) -> None:
    with pytest.raises(ToolError, match="`headroom tools build pulumi` builds it"):
        install(clone)


def test_with_pulumis_own_cli_none_of_our_plugins_are_installed(path: Path, clone: Clone) -> None:
    own = pulumi(path, beside="pulumi-language-python")

    installation = install(clone)

    assert installation.official
    assert (clone.bin / "pulumi").readlink() == own
    assert not any(plugin.exists() for plugin in plugins(clone).values())


def test_without_it_our_plugins_are_where_the_cli_looks_for_them(path: Path, clone: Clone) -> None:
    pulumi(path, beside="pulumi-language-python-exec")

    installation = install(clone)

    assert not installation.official
    assert {plugin.name for plugin in clone.pulumi_home.rglob("*") if plugin.is_file()} == {
        "pulumi-language-python",
        "pulumi-resource-kubernetes",
    }
    assert plugins(clone)["kubernetes"].parent.name == "resource-kubernetes-v4.34.2"


def test_the_installed_language_host_starts(path: Path, clone: Clone) -> None:
    pulumi(path, beside="pulumi-language-python-exec")
    install(clone)

    help_text = subprocess.run([plugins(clone)["python"], "--help"], capture_output=True, text=True, check=True).stdout

    assert "Runs Python programs for a Pulumi engine." in help_text


def test_a_pulumi_without_its_executor_is_refused(path: Path, clone: Clone) -> None:
    script(path / "pulumi", "echo v3.259.0")

    with pytest.raises(ToolError, match="has no pulumi-language-python-exec beside it"):
        install(clone)


def test_installing_again_changes_no_file(path: Path, clone: Clone) -> None:
    pulumi(path, beside="pulumi-language-python-exec")
    install(clone)
    before = {file: file.lstat().st_mtime_ns for file in clone.state.rglob("*") if not file.is_dir()}

    install(clone)

    assert {file: file.lstat().st_mtime_ns for file in clone.state.rglob("*") if not file.is_dir()} == before


def test_the_state_directory_is_there_for_the_first_command(path: Path, clone: Clone) -> None:
    pulumi(path, beside="pulumi-language-python-exec")

    install(clone)

    assert clone.backend.is_dir()
