"""What is wrong with a stack file, said all at once: where, what, and what would be right. No value of the file is ever repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong at one place of a stack file."""

    path: Path
    message: str
    line: int | None = None

    @property
    def dotted(self) -> str:
        """The path as a reader writes it: `servers.demo.autoscaling.signals.queue-time`, list items as `[2]`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


class InvalidStack(Exception):
    """A stack file that cannot be used; its text names every problem."""

    def __init__(self, source: str, problems: Sequence[Problem]):
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.dotted)))
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"{source}: {count}; nothing was changed"]
        for problem in self.problems:
            place = f"line {problem.line}, " if problem.line else ""
            lines.append(f"  {place}{problem.dotted}: {problem.message}" if problem.path else f"  {problem.message}")
        super().__init__("\n".join(lines))


_SAID_BETTER = {
    "extra_forbidden": "is not a setting here",
    "missing": "is required",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number or a duration such as 500ms, 15s or 10m",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
}

_PATTERNS = {
    "name": "must be lower-case letters, digits and hyphens, begin with a letter and end with a letter or digit",
    "quantity": "must be a Kubernetes quantity such as 500m, 4 or 32Gi",
}


def from_validation(error: ValidationError, prefix: Path, allowed_keys: Sequence[str] = ()) -> list[Problem]:
    """Pydantic's findings as problems below `prefix`. `allowed_keys` are what the model at `prefix` accepts."""
    problems = []
    for detail in error.errors(include_input=False, include_url=False):
        path = (*prefix, *(part for part in detail["loc"] if part != "[key]"))
        message = _SAID_BETTER.get(detail["type"]) or _message(detail["type"], detail["msg"], detail.get("ctx", {}))
        if detail["type"] == "extra_forbidden" and len(path) == len(prefix) + 1 and allowed_keys:
            message += f"; allowed: {', '.join(allowed_keys)}"
        problems.append(Problem(path, message))
    return problems


def _message(kind: str, text: str, context: dict[str, object]) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS["quantity" if "Ki" in str(context.get("pattern")) else "name"]
    if kind == "too_short":
        return f"needs at least {context['min_length']}"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    if kind in {"enum", "literal_error"}:
        return f"allowed: {context['expected']}".replace("'", "").replace(" or ", ", ")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        tags = str(context.get("expected_tags", "")).replace("'", "")
        return f"its {str(context['discriminator']).strip(chr(39))} must be one of: {tags}" if tags else f"needs {context['discriminator']}"
    comparisons = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most"), "greater_than": ("gt", "more than")}
    if kind in comparisons:
        key, words = comparisons[kind]
        return f"must be {words} {context[key]}"
    return text.removeprefix("Value error, ")
