"""Which tests stay together where the suite runs in several processes (`--dist loadscope`), and which begin."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

_BY_FILE = ("tests/plugins/kubernetes/", "tests/sandbox/test_lifecycle.py", "tests/desired/", "tests/scenarios/test_every_engine.py")
"""Each of these files brings what it needs, or shares what is made in a moment."""
_BY_TEST = ("tests/scenarios/test_published_systems.py",)
_LONGEST = (
    "tests/scenarios/",
    "tests/sandbox/addons/",
    "tests/clouds/",
    "tests/sandbox/scenarios/",
    "tests/stacks/",
    "tests/outages/",
    "tests/sandbox/ingress/",
    "tests/plugins/kubernetes/",
    "tests/sandbox/kubelet/",
    "tests/sandbox/helm/",
    "tests/sandbox/test_",
    "tests/sandbox/doctor/",
)
"""What begins, so that no process is left with a long one when the others are done."""


def of(nodeid: str) -> str:
    """What a test shares a process with: its folder, whose sandbox it shares, if it is none of the exceptions."""
    file = nodeid.partition("::")[0]
    if file.startswith(_BY_TEST):
        return nodeid
    return file if file.startswith(_BY_FILE) else file.rpartition("/")[0]


def turn(nodeid: str) -> int:
    return next((place for place, start in enumerate(_LONGEST) if nodeid.startswith(start)), len(_LONGEST))


class Scheduling(LoadScopeScheduling):
    """The scheduling of pytest-xdist by what `of` says."""

    def _split_scope(self, nodeid: str) -> str:
        return of(nodeid)
