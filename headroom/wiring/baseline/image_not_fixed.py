"""An image has no tag, or one that moves.

`latest`, and no tag at all, name whatever was pushed last.

## Why it matters

Two replicas of one server run two versions, depending on when their node pulled. What was tested is not what runs, a rollback rolls
nothing back, and the verifier cannot tell which metrics the engine exports.

## How to mend it

Name a version, better a digest: `image: repository:25.06@sha256:…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from headroom.catalog.images import repository_and_tag
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict, error

_MOVING = ("latest", "nightly", "main", "master", "edge", "head", "dev", "develop", "canary", "stable", "snapshot")
_BUILD = re.compile(r"[0-9a-f]{7,}|\d{4}[-._]?\d{2}[-._]?\d{2}|\d+\.\d+")
"""A commit, a day or a version: a tag that has one is that of one build, such as `nightly-2026-11-01`."""


def check(facts: Facts) -> Iterator[Verdict]:
    for pods in facts.pods:
        for container in pods.containers:
            if isinstance(container.image, str) and container.image and _moves(container.image):
                yield error(
                    container.place,
                    f"the image of {container.name} in {pods.ref}, {container.image}, is whatever was pushed last",
                    "name a version or a digest",
                )


def _moves(image: str) -> bool:
    tag = repository_and_tag(image)[1].lower()
    return "@" not in image and (not tag or (tag.partition("-")[0] in _MOVING and not _BUILD.search(tag)))
