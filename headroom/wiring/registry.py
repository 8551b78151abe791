"""The checks, found in the package: a module is a check, its name the check's name, its docstring the check's page."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from headroom.wiring import baseline, checks
from headroom.wiring.facts import Facts
from headroom.wiring.finding import Verdict


@dataclass(frozen=True)
class Check:
    name: str
    page: str
    """Markdown: what is wrong in one line, then why it matters, then how to mend it."""
    run: Callable[[Facts], Iterator[Verdict]]
    of_baseline: bool = False
    """Whether it belongs to the security baseline, which is asked for: a correct recipe need not hold it."""

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
    found = [_load(package, module.name) for package in (checks, baseline) for module in pkgutil.iter_modules(package.__path__)]
    return {check.name: check for check in sorted(found, key=lambda check: check.name)}


def _load(package: ModuleType, module_name: str) -> Check:
    module = importlib.import_module(f"{package.__name__}.{module_name}")
    page = inspect.cleandoc(module.__doc__ or "")
    return Check(module_name.replace("_", "-"), page, module.check, of_baseline=package is baseline)
