"""The pull request's comment. `UPDATE_GOLDEN=1 pytest tests/report/test_comment.py` writes its goldens anew."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from headroom.report.changes import Level, Op, Report, StackChanges, Step, Violation
from headroom.report.comment import LIMIT, MARKER, markdown
from headroom.wiring import Severity
from tests.evidence import Proof
from tests.report.sample import BROKEN, PROD, QUIET, SECRET, WHOLE, claim, finding, hpa, meta, release, row, step, workload

GOLDEN = Path(__file__).parent / "golden"

SCALING = replace(
    QUIET, steps=(step(workload(), workload()), step(hpa(), hpa(most=10))), prices=(row(most=10),), findings=(), violations=()
)
SHAPES = {
    "whole": WHOLE,
    "nothing-changes": Report("preview", (QUIET, replace(QUIET, stack="test"))),
    "blocked": Report("preview", (replace(QUIET, findings=(finding(),)),)),
    "failed": Report("preview", (BROKEN,)),
    "scaling": Report("preview", (SCALING,)),
    "drift": Report("drift", (StackChanges("prod", (step(hpa(most=6), hpa(most=60)),)),)),
    "destroy": Report("destroy", (StackChanges("prod", (step(workload(), None), step(hpa(), None)), prices_before=(row(),)),)),
    "render": Report("render", (SCALING,), revision="b" * 40, base="a" * 40, notes=("No credential was used.",)),
    "first": Report("preview", (StackChanges("prod", (step(None, workload()), step(None, hpa())), prices=(row(),), prices_before=()),)),
}


@pytest.mark.proves("the one comment of a pull request: changes in the terms of servers and pools, losses, findings, cost", Proof.SCHEMA)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_comment_is_its_golden(shape: str) -> None:
    golden = GOLDEN / f"{shape}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(markdown(SHAPES[shape]))
    assert markdown(SHAPES[shape]) == golden.read_text()


def test_every_golden_is_of_a_shape() -> None:
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(SHAPES)


def long(stack: str, resources: int) -> StackChanges:
    text = "\n".join(f"line {number} of a dashboard" for number in range(45))
    maps = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(f"{stack}-{n}"), "data": {"a": text}} for n in range(resources)]
    return replace(PROD, stack=stack, steps=(*PROD.steps, *(step({**item, "data": {}}, item) for item in maps)))


LONG = Report("preview", tuple(long(f"stack-{number}", 18) for number in range(3)))


def test_github_takes_the_longest_comment() -> None:
    """With room for what is counted twice or redacted afterwards."""
    assert LIMIT < 65_536


@pytest.mark.parametrize("limit", [LIMIT, 20_000, 6_000])
def test_a_comment_is_never_longer_than_its_limit(limit: int) -> None:
    assert limit // 2 < len(markdown(LONG, limit)) <= limit


def test_the_summary_of_every_stack_is_there_whatever_is_cut() -> None:
    told = markdown(LONG)
    assert all(f"| **stack-{number}** |" in told for number in range(3))
    assert "3 resources that hold state are replaced" in told
    assert "no room here, see the full report" in told


def test_more_stacks_than_a_table_has_room_for_are_counted() -> None:
    told = markdown(Report("preview", tuple(replace(BROKEN, stack=f"stack-{number}") for number in range(1000))), 20_000)
    assert len(told) <= 20_000
    assert re.search(r"_and \d+ stacks more_", told)


def test_what_is_cut_leaves_no_fold_and_no_block_of_code_open() -> None:
    for limit in range(4_000, 10_000, 1_000):
        told = markdown(Report("preview", (long("prod", 2),)), limit)
        assert told.count("<details>") == told.count("</details>")
        assert told.count("```diff\n") == len(re.findall(r"^```$", told, re.MULTILINE))


def test_its_first_line_is_the_marker_by_which_it_is_found_again() -> None:
    assert markdown(WHOLE).splitlines()[0] == MARKER


def test_no_secret_is_in_it() -> None:
    leaky = StackChanges("prod", (step(workload(), workload(args=[f"--api-key={SECRET}"])),), problem=f"login with {SECRET} failed")
    told = markdown(Report("preview", (leaky, PROD)))
    assert SECRET not in told
    assert "[redacted]" in told


def test_a_change_of_a_secret_alone_is_told_as_one() -> None:
    secrets = [{"apiVersion": "v1", "kind": "Secret", "metadata": meta("s"), "stringData": {"a": value}} for value in ("one-1", "two-2")]
    assert "What changes is secret." in markdown(Report("preview", (StackChanges("prod", (step(*secrets),)),)))


def test_text_of_others_calls_nobody_and_opens_nothing() -> None:
    hostile = "@everyone </details> | `x` <img src=x> #12"
    told = markdown(Report("preview", (replace(QUIET, findings=(finding(message=hostile),)),)))
    row_ = next(line for line in told.splitlines() if "everyone" in line)
    assert "@everyone" not in row_
    assert "<img" not in row_
    assert "</details" not in row_
    assert "#12" not in row_
    assert len(re.findall(r"(?<!\\)\|", row_)) == 5


def test_a_block_of_code_outlasts_the_code_in_it() -> None:
    told = markdown(Report("preview", (BROKEN,)))
    assert "````\nerror: the kubeconfig names no cluster\n```\nsee above\n````" in told


def test_a_chart_that_is_bumped_is_told_by_its_versions() -> None:
    moved = step(release(), release("78.0.0"), token="kubernetes:helm.sh/v3:Release", name="m", op=Op.UPDATE)
    assert "chart 77.1.0 → 78.0.0" in markdown(Report("preview", (StackChanges("prod", (moved,)),)))


def test_what_the_policy_pack_and_the_verifier_both_found_is_told_once() -> None:
    found = finding()
    same = Violation(found.check, Level.MANDATORY, f"{found.message}\n→ {found.fix} ({found.docs})", "urn::x")
    told = markdown(Report("preview", (replace(QUIET, findings=(found,), violations=(same,)),)))
    assert told.count("nobody serves") == 1
    assert "1 error to mend first" in told


def test_warnings_of_stacks_that_stay_as_they_are_are_folded_below_the_rest() -> None:
    warned = replace(QUIET, stack="warned", findings=(finding(Severity.WARNING, "an old warning"),))
    told = markdown(Report("preview", (warned, SCALING)))
    assert "No change in warned (1 warning)." in told
    assert "| **warned** |" not in told
    assert told.index("property by property") < told.index("1 warning of stacks that stay as they are") < told.index("an old warning")


def test_what_stays_as_it_is_has_its_cost_too() -> None:
    told = markdown(Report("preview", (replace(QUIET, stack="kept", nodes_now={"l4": 1}), SCALING)))
    assert "| kept | $0 to $730 | $730 |" in told


def test_providers_and_the_stack_itself_are_not_counted() -> None:
    steps = (
        Step(Op.CREATE, "u1", "pulumi:pulumi:Stack", "headroom-prod", None, {}),
        Step(Op.CREATE, "u2", "pulumi:providers:kubernetes", "k", None, {}),
        step(None, hpa()),
    )
    assert "| **prod** | 1 |" in markdown(Report("preview", (StackChanges("prod", steps),)))


def test_what_holds_something_and_is_new_or_changes_in_place_is_no_loss() -> None:
    steps = (step(None, claim()), step(claim(), claim("300Gi")))
    assert "with what it holds" not in markdown(Report("preview", (StackChanges("prod", steps),)))
