"""`python -m headroom.tools.align`: raises what the Go wrappers share to the newest version that one of them needs.

Go compiles a package once for all programs that have it, and everything below it, at the same versions. Kubernetes' libraries alone would
be compiled eleven times otherwise: half of all that a machine builds from nothing.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import semver

from headroom.tools.get import require
from headroom.tools.golang import GO_MOD
from headroom.tools.pins import toolchain

APART = frozenset({"actionlint", "prometheus-adapter"})
"""What does not compile with the others' versions: one wants a YAML library before its release, the other Kubernetes 0.30."""

_REQUIREMENT = re.compile(r"^(?P<before>\t|require )(?P<module>\S+) (?P<version>v\S+)(?P<after>( // indirect)?)$", re.MULTILINE)


def requirements(text: str) -> dict[str, str]:
    """Versions by module, of a go.mod's `require` lines."""
    return {found["module"]: found["version"] for found in _REQUIREMENT.finditer(text)}


def disagreements(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By module that wrappers have at several versions: the version by wrapper. `texts`: the wrappers' go.mod files."""
    versions: dict[str, dict[str, str]] = defaultdict(dict)
    for wrapper, text in texts.items():
        for module, version in requirements(text).items():
            versions[module][wrapper] = version
    return {module: found for module, found in versions.items() if len(set(found.values())) > 1}


def newest(versions: Iterable[str]) -> str:
    """By Go's order, which for versions before a release and those of single commits is that of semver.org."""
    return max(versions, key=lambda version: semver.Version.parse(version.removeprefix("v")))


def raised(text: str, versions: Mapping[str, str]) -> str:
    """A go.mod whose requirements have the `versions` by module."""
    return _REQUIREMENT.sub(
        lambda found: f"{found['before']}{found['module']} {versions.get(found['module'], found['version'])}{found['after']}", text
    )


def wrappers(directory: Path) -> list[Path]:
    """The go.mod files that agree with each other."""
    return sorted(file for file in directory.glob(f"*/{GO_MOD}") if file.parent.name not in APART)


def main() -> None:
    go = require("go")["go"]
    while differing := disagreements({str(file): file.read_text() for file in wrappers(toolchain())}):
        print(f"{len(differing)} modules at several versions", flush=True)
        agreed = {module: newest(found.values()) for module, found in differing.items()}
        for file in wrappers(toolchain()):
            file.write_text(raised(file.read_text(), agreed))
            _complete([go, "list", "-mod=mod", "-deps", "tool"], file.parent)


def _complete(command: Sequence[str | Path], wrapper: Path) -> None:
    """Has Go write what the newer versions need in their turn."""
    ran = subprocess.run(command, cwd=wrapper, capture_output=True, text=True, check=False)
    # What is embedded and generated is missing until the build puts something in its place.
    if ran.returncode and "no matching files found" not in ran.stderr:
        raise SystemExit(f"{wrapper}: {ran.stderr}")


if __name__ == "__main__":
    main()
