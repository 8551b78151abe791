"""Changes in a pool's terms: its machines and their number, and what it takes to replace it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headroom.report.changes.details import changed
from headroom.report.changes.former_pools import is_group, pool_of
from headroom.report.changes.model import Op, Step
from headroom.report.changes.servers import Term
from headroom.report.price import PoolPrice


@dataclass(frozen=True)
class PoolChange:
    """What becomes of one pool."""

    pool: str
    op: Op
    """CREATE, UPDATE, REPLACE or DELETE."""
    terms: tuple[Term, ...] = ()
    effects: tuple[str, ...] = ()


def pool_changes(steps: Iterable[Step], before: Sequence[PoolPrice] | None, after: Sequence[PoolPrice]) -> tuple[PoolChange, ...]:
    """Every pool of which anything changes; `before` is None where it is not known what there was."""
    groups: dict[str, list[Step]] = {}
    for step in steps:
        if step.op not in (Op.SAME, Op.READ) and is_group(step) and (pool := pool_of(step.after or step.before or {})):
            groups.setdefault(pool, []).append(step)
    olds, news = {row.pool: row for row in before or ()}, {row.pool: row for row in after}
    if before is None:
        olds = {name: row for name, row in news.items() if name not in groups or groups[name][0].op is not Op.CREATE}
    changes: list[PoolChange] = []
    for pool in dict.fromkeys((*news, *olds, *groups)):
        old, new, moved = olds.get(pool), news.get(pool), groups.get(pool, [])
        terms = _terms(old, new)
        if terms or moved:
            replaced = [step for step in moved if step.op is Op.REPLACE]
            op = Op.CREATE if old is None and new else Op.DELETE if new is None else Op.REPLACE if replaced else Op.UPDATE
            changes.append(PoolChange(pool, op, terms, _effects(moved, replaced, old, new)))
    return tuple(changes)


def _terms(old: PoolPrice | None, new: PoolPrice | None) -> tuple[Term, ...]:
    before, after = (_told(row) if row else {} for row in (old, new))
    labels = dict.fromkeys((*after, *before))
    return tuple(Term(label, before.get(label), after.get(label)) for label in labels if before.get(label) != after.get(label))


def _told(row: PoolPrice) -> dict[str, str]:
    return {
        "machine": row.machine,
        "capacity": f"{row.capacity.value}{', on-demand where there is none' if row.falls_back else ''}",
        "min": str(row.min_nodes),
        "max": str(row.max_nodes),
        **({"held warm": f"{row.warm_nodes} nodes"} if row.warm_nodes else {}),
    }


def _effects(moved: Sequence[Step], replaced: Sequence[Step], old: PoolPrice | None, new: PoolPrice | None) -> tuple[str, ...]:
    if not replaced:
        paths = dict.fromkeys(entry.path for step in moved for entry in changed(step))
        return (f"in place: {', '.join(list(paths)[:4])}{' and more' if len(paths) > 4 else ''}",) if paths else ()
    if any(step.delete_first for step in replaced):
        return (
            "its nodes go before the new ones come: servers that only run on it do not answer meanwhile. "
            "The cloud has no second set of reserved machines",
        )
    return (
        "the new nodes come before the old ones go: for that time the account needs quota for both, "
        f"up to {_both(old, new)}, and the old nodes are emptied as slowly as the servers' disruption budgets ask",
    )


def _both(old: PoolPrice | None, new: PoolPrice | None) -> str:
    sets: dict[str, int] = {}
    for row in (old or new, new or old):
        if row:
            sets[row.machine] = sets.get(row.machine, 0) + row.max_nodes
    return " and ".join(f"{nodes} x {machine}" for machine, nodes in sets.items()) or "twice its nodes"
