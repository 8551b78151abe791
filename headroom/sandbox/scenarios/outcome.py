"""A scenario's outcome: what it expects judged, its reaction measured, and all of it as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from headroom.report import timeline
from headroom.report.timeline import Sample
from headroom.sandbox.scenarios.definition import Scenario
from headroom.sandbox.scenarios.expectations import Judgement, judge
from headroom.sandbox.scenarios.reaction import Wait, crossed, reaction
from headroom.sandbox.scenarios.recording import Change, Inside, Recording, Stage, Subject


@dataclass(frozen=True)
class Outcome:
    scenario: str
    passed: bool
    judgements: tuple[Judgement, ...]
    reaction_seconds: float | None
    """From the load step to more desired replicas; None where there was no step, or no answer to it."""
    crossed_seconds: float | None
    """From the load step until the signal was recorded above its target, to a second."""
    complaint: str | None
    """The autoscaler's own words for not scaling at the end."""
    waits: tuple[Wait, ...]
    """What the loop waits for by configuration."""
    warnings: tuple[str, ...] = ()
    """What the cluster warned of meanwhile, and which containers were started again."""

    @property
    def configured_seconds(self) -> float:
        return sum(wait.seconds for wait in self.waits)


def outcome(scenario: Scenario, recording: Recording, waits: Sequence[Wait]) -> Outcome:
    judgements = judge(recording, scenario.expects, scenario.peak)
    measured = reaction(recording, scenario.reaction) if scenario.reaction else None
    above = crossed(recording, scenario.reaction) if scenario.reaction else None
    met = all(judgement.met for judgement in judgements)
    return Outcome(
        recording.scenario,
        met,
        judgements,
        _hundredths(measured),
        _hundredths(above),
        recording.complaint,
        tuple(waits),
        recording.warnings,
    )


def _hundredths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def title(subject: Subject) -> str:
    return f"{subject.server} of stack {subject.stack}, held at its {subject.title.lower()}"


def text(result: Outcome) -> str:
    """The verdict for a terminal: a line per expectation, and the reaction time."""
    lines = [f"{'met' if judgement.met else 'NOT MET':<8} {judgement.expectation}: {judgement.why}" for judgement in result.judgements]
    if result.complaint:
        lines.append(f"The autoscaler says: {result.complaint}")
    if not result.passed and result.warnings:
        lines += ["Meanwhile the cluster warned:", *(f"  {warning}" for warning in result.warnings)]
    if result.reaction_seconds is not None:
        lines.append(_reacted(result))
    return "\n".join(lines)


def _reacted(result: Outcome) -> str:
    configured = " + ".join(f"{wait.name} {wait.seconds:g} s" for wait in result.waits)
    above = "" if result.crossed_seconds is None else f"; the signal was above its target after {result.crossed_seconds:.1f} s"
    return (
        f"Reaction: {result.reaction_seconds:.1f} s from the load step to more desired replicas{above}. "
        f"Configured periods on the way: {configured} = {result.configured_seconds:g} s."
    )


def markdown(recording: Recording, result: Outcome) -> str:
    """The page that is kept: verdict, phases, changes, picture."""
    subject = recording.subject
    lines = [
        f"# Scenario {recording.scenario}: {'passed' if result.passed else 'FAILED'}",
        "",
        f"{title(subject)}; {subject.min} to {subject.max} replicas; {recording.begun}.",
        "",
        "![timeline](timeline.png)",
        "",
        "| expectation | met | why |",
        "|---|---|---|",
        *(f"| {judgement.expectation} | {'yes' if judgement.met else '**no**'} | {judgement.why} |" for judgement in result.judgements),
        "",
        "| phase | requests in flight | from | to | what it waited for |",
        "|---|---|---|---|---|",
        *(f"| {stage.name} | {stage.level:g} | {stage.begun:.1f} s | {stage.ended:.1f} s | {_came(stage)} |" for stage in recording.stages),
        "",
    ]
    if recording.changes:
        lines += ["Desired replicas:", ""]
        lines += [f"* {change.seconds:.1f} s: {change.before} → {change.after}" for change in recording.changes]
        lines.append("")
    if result.complaint:
        lines += [f"The autoscaler says: {result.complaint}", ""]
    if result.warnings:
        lines += ["Meanwhile the cluster warned:", "", *(f"* {warning}" for warning in result.warnings), ""]
    if result.reaction_seconds is not None:
        lines += [_reacted(result), ""]
    return "\n".join(lines)


def write(directory: Path, recording: Recording, result: Outcome) -> None:
    """`recording.json`, `verdict.json`, `samples.json`, `timeline.png` and `report.md` in a new directory."""
    directory.mkdir(parents=True)
    verdict = {**asdict(result), "configured_seconds": result.configured_seconds}
    whole = asdict(recording)
    samples = whole.pop("samples")
    for name, content in (("recording", whole), ("verdict", verdict), ("samples", samples)):
        (directory / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    subject = recording.subject
    inside = subject.inside.title if subject.inside else None
    timeline.plot(recording.samples, directory / "timeline.png", title=title(subject), unit=subject.unit, inside=inside)
    (directory / "report.md").write_text(markdown(recording, result))


def read(directory: Path) -> Recording:
    """What `write` wrote."""
    whole = json.loads((directory / "recording.json").read_text())
    samples = json.loads((directory / "samples.json").read_text())
    subject = {**whole["subject"], "workload": tuple(whole["subject"]["workload"])}
    subject["inside"] = Inside(**subject["inside"]) if subject["inside"] else None
    return Recording(
        **{
            **whole,
            "subject": Subject(**subject),
            "stages": tuple(Stage(**stage) for stage in whole["stages"]),
            "samples": tuple(Sample(**sample) for sample in samples),
            "changes": tuple(Change(**change) for change in whole["changes"]),
            "warnings": tuple(whole["warnings"]),
        }
    )


def _came(stage: Stage) -> str:
    return f"{stage.until}: {'came' if stage.reached else 'did not come'}" if stage.until else ""
