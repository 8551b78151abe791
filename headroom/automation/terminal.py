"""What a run came to, for a terminal: per stack what is lost, what changes in the server's terms, what is found, what it costs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from headroom.report.changes import Op, Report
from headroom.report.changes.servers import Term
from headroom.report.changes.view import Detail, StackView, view
from headroom.report.changes.words import OPS, SIGNS, difference_lines, headline, more_or_less, priced, verdict, violated
from headroom.report.findings import summary, where
from headroom.wiring.finding import Severity

COLOURS = {Op.CREATE: "green", Op.UPDATE: "yellow", Op.REPLACE: "magenta", Op.DELETE: "red", Op.IMPORT: "cyan"}
_SIDES = {"-": "red", "+": "green"}
_LONGEST_BLOCK = 12


def on_terminal(report: Report) -> Text:
    """The whole report, the stacks that change first; of those that have nothing to say their names alone."""
    stacks = view(report)
    parts = [Text.assemble((headline(report), "bold"), "\n", " ".join(verdict(stacks)))]
    parts += [_stack(stack, report.operation) for stack in stacks if not stack.quiet]
    quiet = [stack.stack for stack in stacks if stack.quiet]
    if quiet and len(stacks) > 1:
        parts.append(Text(f"nothing to say of {', '.join(quiet)}", style="dim"))
    return Text("\n\n").join(parts)


def _stack(stack: StackView, operation: str) -> Text:
    parts: list[Text] = []
    if stack.problem:
        parts.append(Text(stack.problem, style="red"))
    if stack.incomplete:
        parts.append(Text(f"not all is known: {stack.incomplete}", style="cyan"))
    parts += [*_terms(stack), *map(_detail, stack.details), *_found(stack)]
    if operation == "preview" and (stack.cost.after.largest or stack.cost.after.unpriced):
        more = more_or_less(stack.cost)
        parts.append(Text(f"GPU nodes per month: {priced(stack.cost)}{f' ({more})' if more else ''}"))
    lines = [line for part in parts for line in part.split("\n", allow_blank=True)]
    return Text("\n  ").join([Text(stack.stack, style="bold"), *lines])


def _terms(stack: StackView) -> Iterator[Text]:
    for loss in stack.losses:
        why = f" because of {', '.join(loss.because)}" if loss.because else ""
        kept = ", and it is protected: the run would fail" if loss.protected else ""
        yield Text(f"{loss.title} is {OPS[loss.op]}{why}: what it holds is lost{kept}", style="bold red")
    for change in (*stack.servers, *stack.pools):
        name = change.server if hasattr(change, "server") else f"pool {change.pool}"  # pyright: ignore[reportAttributeAccessIssue]
        said = "; ".join((*(_term(term, change.op) for term in change.terms), *change.effects)) or OPS[change.op]
        yield Text.assemble((name, "bold"), f" ({OPS[change.op]}): {said}")


def _term(term: Term, op: Op) -> str:
    """What is new, or goes, as a whole says so once."""
    if op in (Op.CREATE, Op.DELETE):
        return f"{term.label} {term.after if term.after is not None else term.before}"
    return str(term)


def _detail(detail: Detail) -> Text:
    colour = COLOURS.get(detail.op, "")
    text = Text.assemble((f"{SIGNS.get(detail.op, ' ')} {detail.title}", colour))
    for entry in detail.differences:
        for line in difference_lines(entry, _LONGEST_BLOCK):
            text.append(f"\n    {line}", style=_SIDES.get(line[0], "dim"))
    return text


def _found(stack: StackView) -> Iterator[Text]:
    for finding in stack.findings:
        style = "bold red" if finding.severity is Severity.ERROR else "bold yellow"
        yield Text.assemble(
            (f"{finding.severity} {finding.check}", style), f"  {where(finding.place)}\n  {finding.message}\n  → {finding.fix}"
        )
    for violation in stack.violations:
        yield Text.assemble((f"{violation.level} {violation.policy}", "bold yellow"), f"  {violated(violation)}\n  {violation.message}")
    if stack.unknown:
        yield Text(f"{summary(stack.unknown)}: `headroom verify -s {stack.stack}` names them", style="cyan")
