"""Steps of stacks and what is said of them.

Values are as the engine gives them: blinded where they are secret, the engine's sentinel where they are known after the update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from headroom.report.changes.stateful import is_stateful
from headroom.report.price import PoolPrice
from headroom.wiring.document import Place
from headroom.wiring.finding import Finding


class Op(StrEnum):
    """What becomes of a resource. The engine's several steps of one replacement are one here."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    READ = "read"
    SAME = "same"


class PropertyOp(StrEnum):
    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


class Level(StrEnum):
    """How much weight a policy pack gives a violation."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


@dataclass(frozen=True)
class PropertyChange:
    """One entry of the engine's `detailedDiff`."""

    path: str
    """In the engine's notation: `spec.template.spec.containers[0].image`, `metadata.labels["a.b/c"]`."""
    op: PropertyOp
    replaces: bool = False
    """Whether the resource is replaced because of it."""


@dataclass(frozen=True)
class Step:
    """What becomes of one resource."""

    op: Op
    urn: str
    type: str
    """The token: `kubernetes:apps/v1:Deployment`."""
    name: str
    """In the program; the object's own name is in its inputs."""
    before: Mapping[str, Any] | None = None
    """Inputs in the last state; for drift the state. None where there was nothing."""
    after: Mapping[str, Any] | None = None
    """Inputs that the program asks for; for drift what is live. None where nothing will be."""
    changes: tuple[PropertyChange, ...] = ()
    """Empty where the engine does not say; then it is told from `before` and `after`."""
    replace_reasons: tuple[str, ...] = ()
    """Paths because of which it is replaced, where the engine names them apart from `changes`."""
    protected: bool = False
    """Whether the engine refuses to delete it."""
    delete_first: bool = False
    """Of a replacement: the old one goes before the new one comes."""

    @property
    def stateful(self) -> bool:
        """Whether data, or all that runs, is lost with it."""
        return is_stateful(self.type)

    @property
    def loses(self) -> bool:
        """Whether what is there goes."""
        return self.op in (Op.REPLACE, Op.DELETE)


@dataclass(frozen=True)
class Violation:
    """What a policy pack says of a resource; `urn` is empty where it speaks of the whole stack."""

    policy: str
    level: Level
    message: str
    urn: str = ""
    place: Place | None = None
    """Where in the stack file it is mended, once somebody has looked."""

    @property
    def about(self) -> str:
        """The resource's name in the program; empty for the whole stack."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class StackChanges:
    """What is known of one stack."""

    stack: str
    steps: tuple[Step, ...] = ()
    """All of them, those that stay the same too, in the engine's order; not the stack itself."""
    findings: tuple[Finding, ...] = ()
    """The verifier's, of what the stack asks for."""
    violations: tuple[Violation, ...] = ()
    """Other than those that are findings already."""
    prices: tuple[PoolPrice, ...] = ()
    """Of the pools that the stack asks for."""
    prices_before: tuple[PoolPrice, ...] | None = None
    """Of the pools that there were. None: a preview tells them by what node groups were before its steps."""
    nodes_now: Mapping[str, int] | None = None
    """How many nodes each pool has on the live cluster; None where nobody could look."""
    problem: str | None = None
    """Why nothing is known of the stack, or why the run failed."""
    incomplete: str | None = None
    """What could not be looked into and why, where the rest holds."""


@dataclass(frozen=True)
class Report:
    """One run over stacks."""

    operation: str
    """`preview`, `up`, `drift`, `destroy`, or `render` where two renders are compared and no state was read."""
    stacks: tuple[StackChanges, ...]
    revision: str = ""
    """The commit that was looked at."""
    base: str = ""
    """Of `render`: the commit that it is compared with."""
    link: str = ""
    """Where the whole report is, for a comment that has no room for it."""
    notes: tuple[str, ...] = field(default=())
    """What holds for all stacks: a mode, a part that was left out and why."""
