"""Monitoring: where the Prometheus is, how often it looks."""

from __future__ import annotations

from pydantic import Field, model_validator

from headroom.settings.base import Duration, LabelKey, LabelValue, Name
from headroom.settings.platform.addon import AddOn

WINDOW_SCRAPES = 4
"""A rate needs two samples; four scrapes in its window survive a missed one and a restart (docs/decisions)."""


class Monitoring(AddOn):
    """The Prometheus Operator and the Prometheus that it runs."""

    namespace: Name = Field(default="monitoring", description="namespace of the Prometheus")
    release: Name = Field(default="monitoring", description="name of its Helm release; its objects are named after it")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="labels that its Prometheus selects monitors and rules by, such as release: prometheus"
    )
    scrape_interval: Duration = Field(default=15, ge=1, description="how often a server's metrics are read, and its rules evaluated")
    # In a longer window a single request would be a rate below the floors that keep idle servers at 0.
    window: Duration = Field(default=60, ge=4, le=600, description="range over which rates are taken; at least four scrape intervals")

    @property
    def freshness(self) -> float:
        """Seconds after which a recorded sample no longer counts: as many missed scrapes as a window survives."""
        return WINDOW_SCRAPES * self.scrape_interval

    @model_validator(mode="after")
    def _window_holds_four_scrapes(self) -> Monitoring:
        if self.window < WINDOW_SCRAPES * self.scrape_interval:
            shortest, longest = WINDOW_SCRAPES * self.scrape_interval, self.window / WINDOW_SCRAPES
            raise ValueError(
                f"window is shorter than {WINDOW_SCRAPES} scrape intervals: one missed scrape would blind the autoscaler; "
                f"set window to {shortest:g}s or more, or scrapeInterval to {longest:g}s or less"
            )
        return self
