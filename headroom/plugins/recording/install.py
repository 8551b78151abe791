"""Puts recording providers where a test's Pulumi CLI looks for its plugins."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from headroom.plugins.recording import sdk
from headroom.plugins.recording.clouds import CLOUDS


def install(pulumi_home: Path) -> None:
    """Every cloud's, in the exact version that the installed SDK asks for."""
    for package in CLOUDS:
        plugin = pulumi_home / "plugins" / f"resource-{package}-v{sdk.version(package)}" / f"pulumi-resource-{package}"
        plugin.parent.mkdir(parents=True, exist_ok=True)
        # -P: a program's directory must not shadow our modules.
        command = shlex.join((sys.executable, "-P", "-m", "headroom.plugins.recording", package))
        plugin.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        plugin.chmod(0o755)
