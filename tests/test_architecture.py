"""The house stays as it is drawn: import arrows, sizes of files, the style of the components."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for part in ("headroom", "components", "policy") for path in (ROOT / part).rglob("*.py"))
LONGEST_FILE = 400


def _lint(config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter in a process of its own: it keeps what it has read of the modules of this one."""
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))"
    return subprocess.run([sys.executable, "-c", code, config], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_imports_follow_the_arrows() -> None:
    linted = _lint(ROOT / ".importlinter")
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_an_import_against_an_arrow_is_seen(tmp_path: Path) -> None:
    reversed_arrow = tmp_path / "importlinter.ini"
    reversed_arrow.write_text(
        "[importlinter]\nroot_package = headroom\n[importlinter:contract:a]\nname = a\ntype = layers\n"
        "layers =\n    headroom.catalog\n    headroom.settings\n"
    )
    assert "headroom.settings is not allowed to import headroom.catalog" in _lint(reversed_arrow).stdout


def test_files_are_short_enough_to_be_read() -> None:
    assert [path for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_components_keep_their_annotations() -> None:
    """Pulumi reads them at run time to tell inputs from outputs."""
    postponed = [path for path in (ROOT / "components").rglob("*.py") if "from __future__ import annotations" in path.read_text()]
    assert postponed == []
