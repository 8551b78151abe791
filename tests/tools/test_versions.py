from __future__ import annotations

import pytest

from headroom.tools.versions import Fit, Version, fits, parse, prometheus_release


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("etcd Version: 3.6.14\nGit SHA: Not provided", Version(3, 6, 14)),
        ("Kubernetes v1.36.4", Version(1, 36, 4)),
        ('Client Version: version.Info{Major:"1", Minor:"20", GitVersion:"v1.20.2"', Version(1, 20, 2)),
        ("Client Version: v1.32.4-dispatcher", Version(1, 32, 4)),
        ("prometheus, version 3.13.2 (branch: , revision: unknown)", Version(3, 13, 2)),
        ("go version go1.27 linux/amd64", Version(1, 27, 0)),
        ("command not found", None),
    ],
)
def test_a_version_is_read_from_what_programs_print(output: str, version: Version | None) -> None:
    assert parse(output) == version


@pytest.mark.parametrize(
    ("fit", "found", "answer"),
    [
        (Fit.PATCH, Version(1, 36, 9), True),
        (Fit.PATCH, Version(1, 36, 3), False),
        (Fit.PATCH, Version(1, 37, 4), False),
        (Fit.MINOR, Version(1, 40, 0), True),
        (Fit.MINOR, Version(1, 35, 9), False),
        (Fit.MINOR, Version(2, 36, 4), False),
        (Fit.SKEW, Version(1, 35, 0), True),
        (Fit.SKEW, Version(1, 37, 0), True),
        (Fit.SKEW, Version(1, 34, 9), False),
        (Fit.NEVER, Version(1, 36, 4), False),
    ],
)
def test_which_versions_stand_in_for_the_pinned_1_36_4(fit: Fit, found: Version, answer: bool) -> None:
    assert fits(found, Version(1, 36, 4), fit) is answer


def test_the_module_version_of_prometheus_is_its_release() -> None:
    assert prometheus_release(Version(0, 313, 2)) == Version(3, 13, 2)
