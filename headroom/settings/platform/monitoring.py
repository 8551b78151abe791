"""Monitoring: where the Prometheus is, how often it looks, what it keeps, and who is told of alerts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from headroom.settings.base import Count, Duration, LabelKey, LabelValue, Memory, Name, ObjectName, Settings
from headroom.settings.platform.access import Access
from headroom.settings.platform.addon import AddOn, Mode
from headroom.settings.platform.forms import form
from headroom.settings.platform.receivers import NOBODY, Receiver

WINDOW_SCRAPES = 4
"""A rate needs two samples; four scrapes in its window survive a missed one and a restart (docs/decisions)."""

LONGEST_RELEASE = 26
"""What the chart cuts its fullname to: the longest name that it makes of it has 37 characters more (its templates/_helpers.tpl)."""

Url = Annotated[
    str,
    form(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*",
        "http:// or https://, a host, and where needed a port and a path without a slash at its end, such as https://thanos.example.com/team",
    ),
]
Retention = Annotated[str, form(r"[1-9][0-9]*(h|d|w|y)", "a number and a unit: 12h, 10d, 4w or 1y")]


class Storage(Settings):
    """A volume for the samples of each Prometheus."""

    size: Memory = Field(description="how large, such as 50Gi; a fifth of it is left free")
    storage_class: ObjectName | None = Field(default=None, description="its storage class; the cluster's default when left out")


class Grafana(Settings):
    """The Grafana beside the Prometheus, with the dashboards of this project. `grafana: none` is short for `grafana: {mode: none}`."""

    mode: Literal["helm", "none"] = Field(default="helm", description="helm: it is installed with the rest; none: it is not")
    password: Name = Field(default="grafana-admin", description="credential that is the password of its user admin")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"mode": value} if isinstance(value, str) else value


class Monitoring(AddOn):
    """The Prometheus Operator and the Prometheus that it runs."""

    namespace: Name = Field(
        default="monitoring", description="namespace of the Prometheus; servers let their metrics be read from there alone"
    )
    release: Annotated[Name, Field(max_length=LONGEST_RELEASE)] = Field(
        default="monitoring", description="name of its Helm release; its objects are named after it"
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict, description="labels that its Prometheus selects monitors and rules by, such as release: prometheus"
    )
    url: Url | None = Field(
        default=None,
        description="where an existing Prometheus, or what speaks its API, answers; http://prometheus-operated.NAMESPACE.svc:9090 when "
        "left out, which is the operator's own Service",
    )
    access: Access = Field(default_factory=Access, description="what that Prometheus wants to be shown before it answers")
    scrape_interval: Duration = Field(default=15, ge=1, description="how often a server's metrics are read, and its rules evaluated")
    # In a longer window a single request would be a rate below the floors that keep idle servers at 0.
    window: Duration = Field(default=60, ge=4, le=600, description="range over which rates are taken; at least four scrape intervals")
    replicas: Count = Field(
        default=2,
        ge=1,
        le=3,
        description="Prometheuses, each of which scrapes and records everything, and Alertmanagers, which tell each other",
    )
    retention: Retention = Field(default="10d", description="how long samples are kept")
    storage: Storage | None = Field(default=None, description="a volume for the samples; kept in the pod, and lost with it, when left out")
    grafana: Grafana = Field(default_factory=Grafana, description="Grafana with the dashboards of this project")
    receivers: dict[Name, Receiver] = Field(default_factory=dict, description="who is told of alerts; nobody when left out")

    @property
    def freshness(self) -> float:
        """Seconds after which a recorded sample no longer counts: as many missed scrapes as a window survives."""
        return WINDOW_SCRAPES * self.scrape_interval

    @property
    def scrape_timeout(self) -> float:
        """Seconds that a target may take to answer: Prometheus' own ten, and no longer than from one scrape to the next."""
        return min(10, self.scrape_interval)

    @model_validator(mode="after")
    def _window_holds_four_scrapes(self) -> Monitoring:
        if self.window < WINDOW_SCRAPES * self.scrape_interval:
            shortest, longest = WINDOW_SCRAPES * self.scrape_interval, self.window / WINDOW_SCRAPES
            raise ValueError(
                f"window is shorter than {WINDOW_SCRAPES} scrape intervals: one missed scrape would blind the autoscaler; "
                f"set window to {shortest:g}s or more, or scrapeInterval to {longest:g}s or less"
            )
        return self

    @model_validator(mode="after")
    def _what_is_installed_is_not_elsewhere(self) -> Monitoring:
        if self.url and self.mode is not Mode.EXISTING:
            raise ValueError("url is where an existing Prometheus answers: set mode: existing, or leave url out")
        if self.access != Access() and not self.url:
            raise ValueError("access is for a Prometheus that url names: give url, or leave access out")
        if self.access.ca and self.url and self.url.startswith("http://"):
            raise ValueError("access.ca is for https, and url says http: there is no certificate to check")
        return self

    @model_validator(mode="after")
    def _receivers_are_not_the_charts(self) -> Monitoring:
        if NOBODY in self.receivers:
            raise ValueError(f"receivers: {NOBODY} is the chart's own, for what nobody is told of: choose another name")
        return self
