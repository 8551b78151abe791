"""What proof each feature really has: gathered from tests that say what they prove, written to docs/evidence.md.

A test says so with `@pytest.mark.proves("feature", Proof.REAL)`. `make test` runs them all and notes what passed;
`python -m tests.evidence` writes the page from those notes. A feature has the highest proof of which every test passed; one that
nothing proves has no line.
"""

from __future__ import annotations

import fcntl
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

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


class Seen(NamedTuple):
    """What became of a test that proves something."""

    feature: str
    proof: str
    passed: bool
    needs: str = ""
    """What it cannot run without and `make test` does not bring."""


def note(results: Mapping[str, Seen]) -> None:
    """Adds what a run saw, by test. Runs side by side add to the same notes."""
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    with NOTES.open("a+") as notes:
        fcntl.flock(notes, fcntl.LOCK_EX)
        notes.seek(0)
        known = json.loads(notes.read() or "{}")
        notes.truncate(0)
        notes.write(json.dumps(known | results, indent=1, sort_keys=True))


def page(notes: Mapping[str, Seen]) -> str:
    """docs/evidence.md for what was noted."""
    proven = _proven(notes)
    lines = [
        "# Evidence",
        "",
        "Generated from the results of `make test` by `python -m tests.evidence`. A feature has the highest proof of which every test",
        "passed; what needs more than `make test` brings was run with it.",
        "",
    ]
    lines += ["| proof | means |", "|---|---|"]
    lines += [f"| {proof.value} | {meaning} |" for proof, meaning in _MEANING.items()]
    lines += ["", "| feature | proof | seen in |", "|---|---|---|"]
    lines += [
        f"| {feature} | {proof.value}{f', with {needs}' if needs else ''} | {_places(tests)} |"
        for feature, (proof, needs, tests) in sorted(proven.items(), key=lambda row: (-_RANK[row[1][0]], row[0]))
    ]
    return "\n".join([*lines, "", _CANNOT_BE_SEEN])


_RANK = {proof: rank for rank, proof in enumerate(Proof)}


def _proven(notes: Mapping[str, Seen]) -> dict[str, tuple[Proof, str, list[str]]]:
    """By feature: its highest proof of which no test failed, what that needs, and its tests."""
    found: defaultdict[tuple[str, Proof], dict[str, Seen]] = defaultdict(dict)
    for test, seen in sorted(notes.items()):
        found[seen.feature, Proof(seen.proof)][test] = seen
    proven: dict[str, tuple[Proof, str, list[str]]] = {}
    for (feature, proof), seen in sorted(found.items(), key=lambda item: _RANK[item[0][1]]):
        if all(one.passed for one in seen.values()):
            proven[feature] = (proof, next((one.needs for one in seen.values() if one.needs), ""), list(seen))
    return proven


def _places(tests: Iterable[str]) -> str:
    """The test, with the number of its cases; where there are several, their files, with the number of tests."""
    cases = Counter(function(test) for test in tests)
    if len(cases) == 1:
        ((only, count),) = cases.items()
        return f"`{only}`" + (f", {count} cases" if count > 1 else "")
    files = Counter(name.partition("::")[0] for name in cases.elements())
    return ", ".join(f"`{file}`: {count} tests" for file, count in files.items())


def function(test: str) -> str:
    """The name of a test without the case."""
    return test.partition("[")[0]


def is_there(test: str) -> bool:
    """Whether the file, and the function in it where one is named, are in the repository."""
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.is_file() and (not name or f"def {function(name).rpartition('::')[2]}(" in file.read_text())


if __name__ == "__main__":
    if not NOTES.is_file():
        sys.exit("there are no results yet: run `make test` first")
    noted = {test: Seen(*seen) for test, seen in json.loads(NOTES.read_text()).items()}
    PAGE.write_text(page({test: seen for test, seen in noted.items() if is_there(test)}))
    print(f"written: {PAGE.relative_to(ROOT)}")
