"""Stacks as the last version left them: `tests/last/STACK.yaml` is the stack file, `STACK.json.gz` the state.

With every version that is published they are written anew: `RECORD_LAST_VERSION=1 pytest tests/clouds tests/stacks/test_local.py`.
"""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from headroom.paths import Clone
from tests import engine_steps
from tests.engine_steps import Step

LAST = Path(__file__).parent / "last"
_NAMED_BY_CONTENT = {"kubernetes:core/v1:ConfigMap", "kubernetes:batch/v1:Job"}
"""Another content is another object of these, and nobody misses the one before."""
_LONGEST_RUN = 300


def upgrade(stack: str, clone: Clone, environment: Mapping[str, str], kubeconfig: Path) -> list[Step]:
    """What today's program would do with the last version's stack. The stack of the clone is there, and is as before when this ends."""

    def pulumi(*arguments: str) -> str:
        run = subprocess.run(
            ["pulumi", *arguments, f"--stack={stack}", "--non-interactive", "--color=never"],
            cwd=clone.root,
            env={**environment, **engine_steps.ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LONGEST_RUN,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    here = _of_its_own(kubeconfig)
    file, log = clone.root / "state.json", clone.root / "events.jsonl"
    present, written = pulumi("stack", "export", "--show-secrets"), clone.stack_file(stack).read_text()
    if os.environ.get("RECORD_LAST_VERSION"):
        _record(stack, written, present, here)
    try:
        clone.stack_file(stack).write_text((LAST / f"{stack}.yaml").read_text())
        last = gzip.decompress((LAST / f"{stack}.json.gz").read_bytes()).decode()
        file.write_text(_with(last, {name: text for text, name in here.items()}))
        pulumi("stack", "import", f"--file={file}")
        pulumi("preview", f"--event-log={log}")
        return list(engine_steps.read(log))
    finally:
        clone.stack_file(stack).write_text(written)
        file.write_text(present)
        pulumi("stack", "import", f"--file={file}")


def taken_away(steps: Iterable[Step]) -> list[Step]:
    """What an upgrade would delete or replace."""
    gone = [step for step in steps if "delete" in step.operation or "replace" in step.operation]
    return [step for step in gone if step.type not in _NAMED_BY_CONTENT]


def _record(stack: str, stack_file: str, state: str, here: Mapping[str, str]) -> None:
    LAST.mkdir(exist_ok=True)
    (LAST / f"{stack}.yaml").write_text(stack_file)
    (LAST / f"{stack}.json.gz").write_bytes(gzip.compress(_with(state, here).encode(), mtime=0))


def _of_its_own(kubeconfig: Path) -> dict[str, str]:
    """What every sandbox has its own of, and the names that stand for it in a record."""
    way = yaml.safe_load(kubeconfig.read_text())
    values = way["clusters"][0]["cluster"] | way["users"][0]["user"]
    return {text: f"<{name}>" for name, text in values.items()}


def _with(text: str, others: Mapping[str, str]) -> str:
    for old, new in others.items():
        text = text.replace(old, new)
    return text
