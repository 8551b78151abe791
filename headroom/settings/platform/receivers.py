"""Who is told of alerts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from headroom.settings.base import Name, Settings
from headroom.settings.platform.forms import form

NOBODY = "null"
"""The receiver of the chart for what nobody is to be told of."""


Mailbox = Annotated[str, form(r"[^@\s]+@[^@\s]+", "an address such as on-call@example.com")]
MailServer = Annotated[str, form(r"[A-Za-z0-9.-]+:[0-9]+", "a host and its port such as smtp.example.com:587")]


class Severity(StrEnum):
    """The severities of the alerts of this project; those of kube-prometheus are the same."""

    CRITICAL = "critical"
    WARNING = "warning"


class Slack(Settings):
    """A channel of Slack, or of what takes its webhooks."""

    url: Name = Field(description="credential that is the webhook's URL")
    channel: str | None = Field(default=None, min_length=1, description="channel such as '#inference'; the webhook's own when left out")


class PagerDuty(Settings):
    """A service of PagerDuty, through its Events API v2."""

    routing_key: Name = Field(description="credential that is the integration's routing key")


class Webhook(Settings):
    """Whatever takes the Alertmanager's own JSON."""

    url: Name = Field(description="credential that is the URL; whoever knows it may post")


class Email(Settings):
    """A mailbox."""

    to: Mailbox = Field(description="who it goes to")
    sender: Mailbox = Field(description="who it comes from")
    smarthost: MailServer = Field(description="server that sends it, such as smtp.example.com:587")
    user: str | None = Field(default=None, min_length=1, description="user name there")
    password: Name | None = Field(default=None, description="credential that is the user's password")

    @model_validator(mode="after")
    def _login(self) -> Email:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: give both, or neither")
        return self


class Receiver(Settings):
    """Somebody who is told of alerts: exactly one way to tell."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    severities: tuple[Severity, ...] = Field(default=tuple(Severity), min_length=1, description="which alerts; all of them when left out")
    slack: Slack | None = Field(default=None, description="a Slack channel")
    pagerduty: PagerDuty | None = Field(default=None, description="a PagerDuty service")
    webhook: Webhook | None = Field(default=None, description="a URL that takes the Alertmanager's JSON")
    email: Email | None = Field(default=None, description="a mailbox")

    @property
    def way(self) -> Slack | PagerDuty | Webhook | Email:
        (found,) = self._ways
        return found

    @property
    def credential(self) -> tuple[str, str] | None:
        """The credential that it needs, and below which of its keys it is named."""
        match self.way:
            case Slack(url=name):
                return "slack.url", name
            case PagerDuty(routing_key=name):
                return "pagerduty.routingKey", name
            case Webhook(url=name):
                return "webhook.url", name
            case Email(password=name):
                return ("email.password", name) if name else None

    @property
    def _ways(self) -> list[Slack | PagerDuty | Webhook | Email]:
        return [way for way in (self.slack, self.pagerduty, self.webhook, self.email) if way is not None]

    @model_validator(mode="after")
    def _one_way(self) -> Receiver:
        if len(self._ways) != 1:
            raise ValueError("give exactly one of slack, pagerduty, webhook, email; whoever is told in two ways is two receivers")
        return self
