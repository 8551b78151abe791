"""The comment in a pull request: one for all stacks, its summary whole, the rest as far as there is room.

A comment on GitHub has at most 65,536 characters. Sections stand in the order of their weight, so what is left out for want of room is
what weighs least, and each section says how much of it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from headroom.report.changes.model import Level, Op, Report, Violation
from headroom.report.changes.pools import PoolChange
from headroom.report.changes.servers import ServerChange
from headroom.report.changes.view import Detail, StackView, view
from headroom.report.changes.words import (
    OPS,
    SIGNS,
    counted,
    difference_lines,
    headline,
    money,
    more_or_less,
    pool_costs,
    priced,
    sources,
    verdict,
    violated,
)
from headroom.report.findings import where
from headroom.wiring.finding import Finding, Severity
from headroom.wiring.secrets import hidden

MARKER = "<!-- headroom: the comment on all stacks -->"
"""Its first line, by which the comment is found again."""
LIMIT = 64_000
"""Characters: 65,536 less some room, for GitHub may count a character above U+FFFF as two, and a redacted secret may be longer."""

_OF_THE_HEAD = 2
"""The part of the room that the table of stacks may take at most: one half."""
_LONGEST_BLOCK = 6_000
_NOTE = 120
"""Room that is kept for the line that says what is missing."""
_ROWS_OF_A_STACK = 60
_HEAD_OF_FINDINGS = "| | check | where | what, and what mends it |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class _Section:
    """A part that may be cut between its blocks. `folded` is the line that is seen while it is closed."""

    title: str
    blocks: tuple[str, ...]
    noun: str
    folded: str = ""
    head: str = ""
    """Before the first block: the head of a table."""


def markdown(report: Report, limit: int = LIMIT) -> str:
    """The comment, of at most `limit` characters."""
    stacks = view(report)
    head, foot = _head(report, stacks, limit // _OF_THE_HEAD), _foot(report, stacks)
    room = limit - len(head) - len(foot) - 2
    parts = [head]
    for section in _sections(stacks):
        written = _fitted(section, room)
        parts.append(written)
        room -= len(written)
    return hidden("".join(parts) + foot, ())


def _fitted(section: _Section, room: int) -> str:
    """The section with as many of its blocks as there is room for; nothing where there is none even for its title."""
    opening = f"\n### {section.title}\n\n" if section.title else "\n"
    closing = ""
    if section.folded:
        opening += f"<details><summary>{section.folded}</summary>\n\n"
        closing = "\n</details>\n"
    opening += section.head
    left = room - len(opening) - len(closing) - _NOTE
    taken: list[str] = []
    for block in section.blocks:
        if len(block) > left:
            break
        taken.append(block)
        left -= len(block)
    missing = len(section.blocks) - len(taken)
    note = f"\n_{counted(missing, section.noun)} more: no room here, see the full report._\n" if missing else ""
    return f"{opening}{''.join(taken)}{note}{closing}" if left >= 0 else ""


def _head(report: Report, stacks: Sequence[StackView], room: int) -> str:
    at = f" at `{report.revision[:10]}`" if report.revision else ""
    against = f", against `{report.base[:10]}`" if report.base else ""
    lines = [
        MARKER,
        f"## {_escaped(headline(report))}{at}{against}",
        "",
        f"**{_escaped(' '.join(verdict(stacks, report.operation)))}**",
        "",
    ]
    lines += [f"> {_escaped(note)}" for note in report.notes]
    told, calm = [stack for stack in stacks if not stack.calm], [stack for stack in stacks if stack.calm]
    if told:
        lines += ["" if report.notes else None, *_table(told, room)]
    if calm:
        names = ", ".join(f"{stack.stack} ({found})" if (found := _found(stack)) else stack.stack for stack in calm)
        shown = names if len(names) < room // 4 else f"{len(calm)} of them"
        lines += ["", f"No change in {_escaped(shown)}."]
    return "\n".join(line for line in lines if line is not None) + "\n"


def _table(stacks: Sequence[StackView], room: int) -> Iterator[str]:
    now = any(stack.cost.now is not None for stack in stacks)
    yield f"| stack | new | changed | replaced | deleted | same | findings | USD a month, min to max |{' now |' if now else ''}"
    yield f"|---|--:|--:|--:|--:|--:|---|---|{'--:|' if now else ''}"
    left = room
    for index, stack in enumerate(stacks):
        row = _row(stack, now)
        if len(row) > left:
            yield f"\n_and {counted(len(stacks) - index, 'stack')} more_"
            return
        left -= len(row) + 1
        yield row


def _row(stack: StackView, now: bool) -> str:
    if stack.problem:
        counts = ["?"] * 5
    else:
        ops = ("new", "changed", "replaced", "deleted", "same")
        by_word = {OPS[op]: count for op, count in stack.counts.items()}
        counts = [_number(by_word[word], bold=word in ("replaced", "deleted")) for word in ops]
    cells = [f"**{_escaped(stack.stack)}**", *counts, _found(stack), _cost(stack) if stack.cost.known else ""]
    return f"| {' | '.join([*cells, *([_now(stack)] if now else [])])} |"


def _cost(stack: StackView) -> str:
    return _escaped(priced(stack.cost)) + (" (played)" if stack.cost.played else "")


def _now(stack: StackView) -> str:
    return "?" if stack.cost.now is None else money(stack.cost.now)


def _kept_cost(stack: StackView) -> str:
    return _cells(_escaped(stack.stack), _cost(stack), _now(stack))


def _number(count: int, bold: bool) -> str:
    return "" if not count else f"**{count}**" if bold else str(count)


def _found(stack: StackView) -> str:
    parts = [counted(stack.refused, "error")] if stack.refused else []
    parts += [counted(stack.warned, "warning")] if stack.warned else []
    parts += [f"{len(stack.unknown)} not known"] if stack.unknown else []
    return ", ".join(parts)


def _sections(stacks: Sequence[StackView]) -> Iterator[_Section]:
    problems = tuple(_problem(stack) for stack in stacks if stack.problem or stack.incomplete)
    if problems:
        yield _Section("Not looked into", problems, "stack")
    losses = tuple(f"- {line}\n" for stack in stacks for line in _losses(stack))
    if losses:
        yield _Section("Replaced or deleted, with what it holds", losses, "resource")
    terms = tuple(_terms(stack) for stack in stacks if stack.servers or stack.pools or stack.releases)
    if terms:
        yield _Section("What changes", terms, "stack")
    if findings := tuple(row for stack in stacks if not stack.calm for row in _findings(stack)):
        yield _Section("Findings of wiring and policy", findings, "finding", head=_HEAD_OF_FINDINGS)
    yield from _costs(stacks)
    for stack in stacks:
        if stack.details:
            summary = f"<b>{_escaped(stack.stack)}</b>: {counted(len(stack.details), 'resource')} property by property"
            yield _Section("", tuple(_detail(detail) for detail in stack.details), "resource", folded=summary)
    if warnings := tuple(row for stack in stacks if stack.calm for row in _findings(stack)):
        summary = f"{counted(len(warnings), 'warning')} of stacks that stay as they are"
        yield _Section("", warnings, "finding", folded=summary, head=_HEAD_OF_FINDINGS)
    if kept := tuple(_kept_cost(stack) for stack in stacks if stack.calm and stack.cost.known):
        head = "| stack | USD a month, min to max | now |\n|---|---|--:|\n"
        yield _Section("", kept, "stack", folded="Cost of stacks that stay as they are", head=head)
    unknown = tuple(_unknown(stack.stack, finding) for stack in stacks for finding in stack.unknown)
    if unknown:
        yield _Section("", unknown, "question", folded=f"{counted(len(unknown), 'question')} that the manifests do not answer")


def _problem(stack: StackView) -> str:
    text = stack.problem or stack.incomplete or ""
    return f"**{_escaped(stack.stack)}**{'' if stack.problem else ', in part'}\n{_fenced(text.strip()[-_LONGEST_BLOCK:])}\n"


def _losses(stack: StackView) -> Iterator[str]:
    for loss in stack.losses:
        why = f", because of {_listed(map(_code, loss.because))}" if loss.because else ""
        kept = ". It is protected: the run will refuse" if loss.protected else ""
        yield f"**{_escaped(stack.stack)}** · **{OPS[loss.op]}** {_code(loss.title)}{why}{kept}"


def _terms(stack: StackView) -> str:
    lines = [line for server in stack.servers for line in _server(server)]
    lines += [line for pool in stack.pools for line in _pool(pool)]
    lines += [_release(release) for release in stack.releases]
    shown, rest = lines[:_ROWS_OF_A_STACK], len(lines) - _ROWS_OF_A_STACK
    more = [f"- _{counted(rest, 'line')} more_"] if rest > 0 else []
    delta = more_or_less(stack.cost)
    money_line = f", {_escaped(delta)} a month" if delta else ""
    return "\n".join([f"**{_escaped(stack.stack)}**{money_line}", "", *shown, *more]) + "\n\n"


def _server(change: ServerChange) -> Iterator[str]:
    new = {"create": "new: ", "delete": "goes"}.get(change.op, "")
    terms = _listed(
        f"{_escaped(term.label)} {_code(term.after or term.before or '')}"
        if change.op != "update"
        else f"{_escaped(term.label)} {_arrow(term.before, term.after)}"
        for term in change.terms
    )
    others = f"also {_listed(map(_code, change.others))}" if change.others else ""
    said = new if change.op == "delete" else "; ".join(filter(None, (f"{new}{terms}" if terms else "", others)))
    yield f"- **{_escaped(change.server)}**{': ' if said else ''}{said}"
    yield from (f"  - {'⚠️ ' if change.outage else ''}{_escaped(effect)}" for effect in change.effects)


def _pool(change: PoolChange) -> Iterator[str]:
    word = {"create": "new: ", "delete": "goes: ", "replace": "replaced: "}.get(change.op, "")
    one_sided = change.op in ("create", "delete")
    terms = _listed(
        f"{_escaped(term.label)} {_code(term.after or term.before or '') if one_sided else _arrow(term.before, term.after)}"
        for term in change.terms
    )
    yield f"- pool **{_escaped(change.pool)}**: {word}{terms}".removesuffix(": ")
    yield from (f"  - {'⚠️ ' if change.op == 'replace' else ''}{_escaped(effect)}" for effect in change.effects)


def _release(release: Detail) -> str:
    version = next((entry for entry in release.differences if entry.path == "version"), None)
    bumped = f", chart {_arrow(str(version.before), str(version.after))}" if version else ""
    rest = len(release.differences) - bool(version)
    values = f", {counted(rest, 'value')}" if rest > 0 else ""
    return f"- add-on {_code(release.title)} {OPS[release.op]}{bumped}{values}"


def _arrow(before: str | None, after: str | None) -> str:
    sides = ("none" if side is None else _code(side) for side in (before, after))
    return " → ".join(sides)


def _findings(stack: StackView) -> Iterator[str]:
    yield from (_finding(stack.stack, finding) for finding in stack.findings)
    yield from (_violation(stack.stack, violation) for violation in stack.violations)


def _finding(stack: str, finding: Finding) -> str:
    icon = "🛑 error" if finding.severity is Severity.ERROR else "⚠️ warning"
    return _cells(
        icon,
        _check(finding),
        f"{_escaped(stack)}: {_escaped(where(finding.place))}",
        f"{_escaped(finding.message)}. → {_escaped(finding.fix)}",
    )


def _violation(stack: str, violation: Violation) -> str:
    icon = "🛑 policy" if violation.level is Level.MANDATORY else "⚠️ policy"
    of = violated(violation)
    return _cells(icon, _code(violation.policy), _escaped(f"{stack}: {of}" if of else stack), _escaped(violation.message))


def _check(finding: Finding) -> str:
    return f"[{finding.check}]({finding.docs})" if finding.docs.startswith("https://") else _code(finding.check)


def _unknown(stack: str, finding: Finding) -> str:
    return f"- {_check(finding)} {_escaped(stack)}: {_escaped(where(finding.place))}: {_escaped(finding.message)}\n"


def _costs(stacks: Sequence[StackView]) -> Iterator[_Section]:
    rows = tuple(_cells(*map(_escaped, cells)) for cells in pool_costs(stacks))
    if rows:
        head = "| stack | pool | nodes | an hour of one | a month at min | at max |\n|---|---|---|---|---|---|\n"
        yield _Section("Cost of GPU nodes, USD", rows, "pool", head=head)


def _detail(detail: Detail) -> str:
    head = f"**{SIGNS[detail.op]} {OPS[detail.op]}** {_code(detail.title)}\n"
    lines = [line for entry in detail.differences for line in difference_lines(entry)]
    ends = accumulate(len(line) + 1 for line in lines)
    shown = [line for line, end in zip(lines, ends, strict=True) if end <= _LONGEST_BLOCK]
    rest = len(lines) - len(shown)
    if rest:
        shown.append(f"@@ {counted(rest, 'line')} more @@")
    silent = "What changes is secret.\n" if detail.op is Op.UPDATE else ""
    return head + (_fenced("\n".join(shown), "diff") if shown else silent) + "\n"


def _foot(report: Report, stacks: Sequence[StackView]) -> str:
    link = f" [The full report]({report.link})." if report.link else ""
    prices = f"Prices are of GPU nodes alone, from {_escaped(told)}. " if (told := sources(stacks)) else ""
    return f"\n<sub>{prices}Secrets are shown nowhere.{link}</sub>\n"


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("\n", " ") for cell in cells) + " |\n"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


_SPECIAL = re.compile(r"[\\`*_\[\]<>|~]")


def _escaped(text: str) -> str:
    """Text of others inside a line: as it is, nobody is notified, no table or tag begins."""
    marked = _SPECIAL.sub(lambda found: f"\\{found[0]}" if found[0] != "<" else "&lt;", text)
    return re.sub(r"[@#](?=\w)", lambda found: f"{found[0]}\u2060", marked).replace("\n", " ")


def _code(text: str) -> str:
    """A value of others; plain words and numbers need no frame."""
    line = " ".join(text.split())
    line = line if len(line) <= 160 else f"{line[:159]}…"
    if re.fullmatch(r"[\w.,:%/+ -]*", line) and "_" not in line:
        return line or '""'
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line.replace('|', chr(92) + '|')}{pad}{ticks}"


def _fenced(text: str, language: str = "") -> str:
    """A block of code that nothing in it can end."""
    ticks = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}\n"
