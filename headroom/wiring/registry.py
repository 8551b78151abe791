"""The checks, found in the package: a module is a check, its name the check's name, its docstring the check's page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from headroom.wiring import checks
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict


@dataclass(frozen=True)
class Check:
    name: str
    page: str
    """Markdown: what is wrong in one line, then why it matters, then how to mend it."""
    run: Callable[[Facts], Iterator[Verdict]]

    @property
    def title(self) -> str:
        return self.page.partition("\n")[0].rstrip(".")

    @property
    def docs(self) -> str:
        return f"docs/checks/{self.name}.md"

    def as_page(self) -> str:
        """The page of the check in docs/checks."""
        return f"# {self.name}\n\n{self.page}\n"


@cache
def all_checks() -> dict[str, Check]:
    """Every check by name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    return {check.name: check for check in map(_load, names)}


def _load(module_name: str) -> Check:
    module = importlib.import_module(f"{checks.__name__}.{module_name}")
    return Check(module_name.replace("_", "-"), inspect.cleandoc(module.__doc__ or ""), module.check)
