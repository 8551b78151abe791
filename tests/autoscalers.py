"""What an autoscaler says of itself."""

from __future__ import annotations

from headroom.desired.objects import Object
from headroom.sandbox.scenarios import looks


def blindness(hpa: Object) -> str | None:
    """The reason that it gives for not scaling, in one word; None while it scales."""
    complaint = looks.complaint(hpa)
    return complaint.partition(":")[0] if complaint else None
