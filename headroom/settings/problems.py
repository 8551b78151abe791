"""What is wrong with a stack file, said all at once: where, what, and what would be right. No value of the file is ever repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from headroom.settings.base import FORMS, is_encrypted

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
            lines.append("  " + _printable(f"{place}{problem.dotted}: {problem.message}" if problem.path else f"{place}{problem.message}"))
        super().__init__("\n".join(lines))


def _printable(text: str) -> str:
    """A key may hold what moves a terminal's cursor or colours what follows: it is shown as YAML would escape it."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


EMPTY = "is empty: it needs a value"

_SAID_BETTER = {
    "missing": "is required",
    "string_type": "must be text: put it in quotes where YAML reads something else",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a duration such as 500ms, 15s or 10m",
    "finite_number": "must be a duration such as 500ms, 15s or 10m",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
}
_COMPARISONS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most"), "greater_than": ("gt", "more than")}


def from_validation(error: ValidationError, prefix: Path, model: Any) -> list[Problem]:
    """Pydantic's findings about `model` as problems below `prefix`."""
    problems = []
    for detail in error.errors(include_url=False):
        # What pydantic adds to a path is in brackets: `[key]`, and the tags of a choice.
        place = tuple(part for part in detail["loc"] if not str(part).startswith("["))
        if is_encrypted(detail["input"]):
            message = "holds an encrypted value: secrets belong below credentials, where they stay encrypted"
        elif detail["input"] is None:
            message = EMPTY
        elif detail["type"] == "extra_forbidden":
            message = f"is not a setting here; allowed: {', '.join(_allowed_keys(model, place[:-1]))}"
        else:
            message = _SAID_BETTER.get(detail["type"]) or _message(detail["type"], detail["msg"], detail.get("ctx", {}))
        problems.append(Problem((*prefix, *place), message))
    return problems


def _allowed_keys(model: Any, place: Path) -> list[str]:
    """The keys of the settings model that stands at `place` below `model`."""
    for part in place:
        annotation = next(field.annotation for field in model.model_fields.values() if field.alias == part)
        model = _mapping_in(annotation)
    return [field.alias for field in model.model_fields.values()]


def _mapping_in(annotation: Any) -> Any:
    """The settings model of a setting that may be left out, or be written shortly."""
    choices = [_mapping_in(choice) for choice in get_args(annotation)]
    return next((choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)), annotation)


def _message(kind: str, text: str, context: Mapping[str, Any]) -> str:
    if kind == "string_pattern_mismatch":
        return f"must be {FORMS.get(context['pattern'], 'of the form ' + context['pattern'])}"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    if kind in ("enum", "literal_error"):
        return f"allowed: {context['expected']}".replace("'", "").replace(" or ", ", ")
    if kind in _COMPARISONS:
        key, words = _COMPARISONS[kind]
        # Every number that need not be whole is a duration.
        return f"must be {words} {context[key]:g}{' seconds' if isinstance(context[key], float) else ''}"
    return text.removeprefix("Value error, ")
