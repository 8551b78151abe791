"""What a run would change, or has changed, as data: the driver fills it, the comment, the page and the JSON are made of it."""

from headroom.report.changes.model import (
    Level,
    Op,
    PropertyChange,
    PropertyOp,
    Report,
    StackChanges,
    Step,
    Violation,
)

__all__ = ["Level", "Op", "PropertyChange", "PropertyOp", "Report", "StackChanges", "Step", "Violation"]
