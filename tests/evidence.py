"""What proof each feature really has: gathered from tests that say what they prove, written to docs/evidence.md.

A test says so with `@pytest.mark.proves("feature", Proof.REAL)`. `make test` runs them all and notes what passed;
`python -m tests.evidence` writes the page from those notes. A feature has the highest proof of the tests that passed; one that
nothing proves has no line.
"""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTES = ROOT / ".headroom" / "evidence.json"
PAGE = ROOT / "docs" / "evidence.md"


class Proof(Enum):
    """From the weakest to the strongest."""

    SCHEMA = "schema"
    SIMULATOR = "simulator"
    RECORDED = "recorded from the real thing"
    REAL = "real parts"


_MEANING = {
    Proof.REAL: "the real programs did it: API server, controllers, Prometheus, adapter, Pulumi CLI, Triton",
    Proof.RECORDED: "compared with what the real thing was recorded to do",
    Proof.SIMULATOR: "the real control plane did it, with a server that speaks the engine's protocol in the engine's place, "
    "or a provider that records in the cloud's",
    Proof.SCHEMA: "a pure function or a schema says so",
}

_CANNOT_BE_SEEN = """## What cannot be seen on a laptop

| | why | how far it goes |
|---|---|---|
| GPUs | KWOK nodes have the capacity and no device | scheduling, counts and taints are real; nothing computes on a GPU |
| network policy | there is no CNI plugin | the policies as accepted are evaluated over the pods that are there, not enforced |
| Service addresses | there is no kube-proxy | names lead to the pods of the real EndpointSlices |
| memory and CPU limits | containers are processes without cgroups of their own | recorded in the status, not enforced |
| images | nothing is pulled: a table says which program stands for which image | the manifest's command and files are run as written |
| clouds | no account | Pulumi's engine runs whole against [providers that record](clouds/recording.md) |
"""


def note(results: Mapping[str, tuple[str, str, bool]]) -> None:
    """Adds what a run saw, by test: feature, proof, whether it passed. Runs side by side add to the same notes."""
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    with NOTES.open("a+") as notes:
        fcntl.flock(notes, fcntl.LOCK_EX)
        notes.seek(0)
        known = json.loads(notes.read() or "{}")
        notes.truncate(0)
        notes.write(json.dumps(known | {test: list(seen) for test, seen in results.items()}, indent=1, sort_keys=True))


def page(notes: Mapping[str, tuple[str, str, bool]]) -> str:
    """docs/evidence.md for what was noted."""
    order = [proof.value for proof in Proof]
    best: dict[str, tuple[str, str]] = {}
    for test, (feature, proof, passed) in sorted(notes.items()):
        if passed and (feature not in best or order.index(proof) > order.index(best[feature][0])):
            best[feature] = (proof, test)
    lines = [
        "# Evidence",
        "",
        "Generated from the results of `make test` by `python -m tests.evidence`; a feature has the highest proof that passed.",
        "",
    ]
    lines += ["| proof | means |", "|---|---|"]
    lines += [f"| {proof.value} | {meaning} |" for proof, meaning in _MEANING.items()]
    lines += ["", "| feature | proof | seen in |", "|---|---|---|"]
    lines += [
        f"| {feature} | {proof} | `{test}` |"
        for feature, (proof, test) in sorted(best.items(), key=lambda row: (-order.index(row[1][0]), row[0]))
    ]
    return "\n".join([*lines, "", _CANNOT_BE_SEEN])


if __name__ == "__main__":
    if not NOTES.is_file():
        sys.exit("there are no results yet: run `make test` first")
    PAGE.write_text(page(json.loads(NOTES.read_text())))
    print(f"written: {PAGE.relative_to(ROOT)}")
