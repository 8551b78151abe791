"""What a change asks for, told without any state, cluster or cloud: two renders compared, that of the base by the base's own code.

For pull requests of forks, which get no credential. What only a preview tells is said to be missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from headroom import yaml_text
from headroom.desired import render
from headroom.paths import Clone
from headroom.report.asked import Asked, asked, steps
from headroom.report.changes.model import Report, StackChanges
from headroom.report.price import PoolPrice, from_json
from headroom.report.stack_places import findings_in_file
from headroom.settings import InvalidStack, load
from headroom.wiring.finding import Finding
from headroom.wiring.secrets import hidden

NOTE = (
    "No credential was used: compared is what is asked for here with what the base asks for, not with what is there. "
    "Networks, roles and clusters of a cloud are not in it, nor what was changed by hand."
)
_PARTIAL = "the base is too old to tell more than objects: releases, node groups and prices are not compared"
_LONGEST = 120
"""Seconds that one render of the base may take."""


class NoBase(Exception):
    """There is no such commit to compare with."""


@dataclass(frozen=True)
class _Side:
    """What one of two commits asks for in a stack: nothing where it has no such stack."""

    asked: Asked | None = None
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    """Why it cannot be told."""
    partial: bool = False
    """Whether its code tells objects alone."""


def compare(clone: Clone, base: str, stacks: Sequence[str]) -> Report:
    """What becomes of `stacks` from the commit `base` to the working tree; those that the base has and the tree not are among them.

    Raises `NoBase` where git knows no such commit.
    """
    commit = _commit(clone, base)
    hands = os.cpu_count() or 1
    shares = [tuple(stacks[hand::hands]) for hand in range(hands)]
    with _worktree(clone, commit) as tree, ThreadPoolExecutor(hands) as pool:
        by_share = {share: pool.submit(_rendered, Clone(tree), share) for share in shares}
        ours = {stack: _ours(clone, stack) for stack in stacks}
        theirs = {stack: base for done in by_share.values() for stack, base in done.result().items()}
    changes = [_compared(stack, theirs[stack], ours[stack]) for stack in stacks]
    return Report("render", tuple(changes), revision=_commit(clone, "HEAD"), base=commit, notes=(NOTE,))


def names(clone: Clone, base: str) -> tuple[str, ...]:
    """The stacks of the working tree and of the base."""
    listed = _git(clone, "ls-tree", "--name-only", _commit(clone, base), "stacks/").splitlines()
    files = (Path(path).name for path in listed)
    there = {name[len("Pulumi.") : -len(".yaml")] for name in files if name.startswith("Pulumi.") and name.endswith(".yaml")}
    return tuple(sorted(there.union(clone.stacks)))


def _ours(clone: Clone, stack: str) -> _Side:
    """What the working tree asks for, and what is found in it."""
    file = clone.stack_file(stack)
    if not file.is_file():
        return _Side()
    try:
        settings = load(file)
    except InvalidStack as problems:
        return _Side(problem=str(problems))
    desired = render(settings)
    return _Side(asked(settings, desired), findings=tuple(findings_in_file(settings, desired, file, security=True)))


def _compared(stack: str, base: _Side, ours: _Side) -> StackChanges:
    problem = ours.problem or base.problem
    if problem:
        return StackChanges(stack, findings=ours.findings, prices=_prices(ours), problem=problem)
    after = ours.asked and {**ours.asked, **({"releases": [], "nodeGroups": []} if base.partial else {})}
    return StackChanges(
        stack,
        steps(base.asked, after),
        findings=ours.findings,
        prices=_prices(ours),
        prices_before=None if base.partial else _prices(base),
        incomplete=_PARTIAL if base.partial else None,
    )


def _prices(side: _Side) -> tuple[PoolPrice, ...]:
    return from_json(side.asked["prices"]) if side.asked else ()


def _rendered(tree: Clone, stacks: Sequence[str]) -> dict[str, _Side]:
    """What the base asks for, as its own code says: all at once, or one by one where that fails for one of them."""
    there = [stack for stack in stacks if tree.stack_file(stack).is_file()]
    done = _headroom(tree, "render", *there, "--json") if there else None
    told = [json.loads(line) for line in done.stdout.splitlines()] if done and done.returncode == 0 else []
    sides = {entry["stack"]: _Side(entry) for entry in told}
    return {stack: sides.get(stack) or (_alone(tree, stack) if stack in there else _Side()) for stack in stacks}


def _alone(tree: Clone, stack: str) -> _Side:
    done = _headroom(tree, "render", stack, "--json")
    if done.returncode == 0:
        return _Side(json.loads(done.stdout))
    # A base from before `--json` refuses the option and tells objects alone.
    older = _headroom(tree, "render", stack) if done.returncode == 2 else done
    if older.returncode:
        return _Side(problem=f"the base cannot render it:\n{hidden(older.stderr.strip(), ())}")
    try:
        return _Side({"objects": list(yaml_text.load_all(older.stdout))}, partial=True)
    except yaml.YAMLError as error:
        return _Side(problem=f"what the base renders cannot be read: {error}")


def _headroom(tree: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the code in another directory, which stands before that which is installed."""
    environment = {**os.environ, "HEADROOM_ROOT": str(tree.root), "PYTHONPATH": str(tree.root), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "headroom", *arguments]
    return subprocess.run(command, cwd=tree.root, env=environment, capture_output=True, text=True, timeout=_LONGEST)


@contextmanager
def _worktree(clone: Clone, commit: str) -> Iterator[Path]:
    """The files of a commit in a directory of their own."""
    directory = Path(tempfile.mkdtemp(prefix="headroom-base-"))
    tree = directory / "tree"
    try:
        _git(clone, "worktree", "add", "--detach", str(tree), commit)
        yield tree
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=clone.root, capture_output=True)
        shutil.rmtree(directory, ignore_errors=True)


def _commit(clone: Clone, name: str) -> str:
    try:
        return _git(clone, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").strip()
    except NoBase:
        raise NoBase(f"{name} is no commit, branch or tag of this repository; a shallow clone may lack it: git fetch --unshallow") from None


def _git(clone: Clone, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=clone.root, capture_output=True, text=True)
    if done.returncode:
        raise NoBase(f"git {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout
