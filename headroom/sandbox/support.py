"""What a machine must have to hold a sandbox, and how a network namespace is made on it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass

from headroom.sandbox.errors import Unsupported

PROGRAMS = {"unshare": "util-linux", "mount": "mount", "nsenter": "util-linux", "ip": "iproute2"}


@dataclass(frozen=True)
class Privilege:
    """The command that makes a network namespace, and what `nsenter` needs to enter it."""

    unshare: tuple[str, ...]
    enter: tuple[str, ...]


ROOT = Privilege(("unshare", "--net"), ("--net",))
ROOTLESS = Privilege(("unshare", "--user", "--map-root-user", "--net"), ("--user", "--net", "--preserve-credentials"))


def privilege() -> Privilege:
    """The first way of making a network namespace that works here. Raises `Unsupported` with all that is missing."""
    if sys.platform != "linux":
        raise Unsupported([f"it needs Linux with network namespaces; this is {sys.platform}"])
    if missing := [f"the program `{name}` (package {package})" for name, package in PROGRAMS.items() if shutil.which(name) is None]:
        raise Unsupported(missing)
    complaints = []
    for way in (ROOT, ROOTLESS):
        attempt = subprocess.run([*way.unshare, "true"], capture_output=True, text=True, timeout=10, check=False)
        if attempt.returncode == 0:
            return way
        complaints.append(f"`{' '.join(way.unshare)}`: {attempt.stderr.strip()}")
    raise Unsupported(
        [
            *complaints,
            "a network namespace needs root, or user namespaces for everybody "
            "(sysctl user.max_user_namespaces above 0; kernel.unprivileged_userns_clone=1 and "
            "kernel.apparmor_restrict_unprivileged_userns=0 where they exist)",
        ]
    )
