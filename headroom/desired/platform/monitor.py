"""The monitor that a chart brings of what it installs."""

from __future__ import annotations

from headroom.desired.objects import Object, duration
from headroom.settings.platform import Monitoring


def service_monitor(monitoring: Monitoring) -> Object:
    """The keys that charts have in common: seen by the stack's Prometheus, and read as often as everything else."""
    return {"enabled": True, "interval": duration(monitoring.scrape_interval), "additionalLabels": dict(monitoring.labels)}
