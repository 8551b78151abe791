"""`headroom verify` where nothing of this repository is: a wheel in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = Path(__file__).parent / "recipes"
SECONDS = 2.0


@pytest.mark.thorough
def test_the_wheel_alone_verifies_manifests_within_two_seconds(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "headroom", source / "headroom", ignore=shutil.ignore_patterns("__pycache__"))
    installed = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(source)]
    subprocess.run(pip, check=True, cwd=tmp_path)
    shutil.copytree(RECIPES / "defective", tmp_path / "manifests")

    # The dependencies are this environment's; the package and the working directory are not this repository's.
    environment = {**os.environ, "PYTHONPATH": str(installed), "HOME": str(tmp_path)}
    where = [sys.executable, "-P", "-c", "import headroom; print(headroom.__file__)"]
    assert subprocess.check_output(where, cwd=tmp_path, env=environment, text=True).startswith(str(installed))
    command = [sys.executable, "-P", "-m", "headroom", "verify", "--json", "manifests"]
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)  # the first run writes byte code
    before = os.times().children_user + os.times().children_system
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    taken = os.times().children_user + os.times().children_system - before

    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert "counter-differenced" in {finding["check"] for finding in findings}
    assert {finding["location"]["file"].partition("/")[0] for finding in findings} == {"manifests"}
    assert taken < SECONDS, f"{taken:.1f} s of CPU"
