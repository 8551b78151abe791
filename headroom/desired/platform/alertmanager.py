"""The Alertmanager of kube-prometheus-stack: who is told of which alerts, in the chart's values.

Source of the keys: prometheus/alertmanager docs/configuration.md; of where Secrets are mounted: prometheus-operator
Documentation/api-reference/api.md, alertmanagerSpec.secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headroom.catalog.names import NAMESPACE_LABEL, SERVER_LABEL
from headroom.desired.objects import Object
from headroom.desired.serving import CredentialUse, Uses
from headroom.settings.platform.receivers import NOBODY, Email, PagerDuty, Receiver, Slack, Webhook

_MOUNTED = "/etc/alertmanager/secrets"
_TEXT = "{{ range .Alerts }}*{{ .Labels.severity }}* {{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ end }}"


def configuration(receivers: Mapping[str, Receiver], secret: str) -> Object:
    """The Alertmanager's configuration; values of credentials are read from files of the Secret that is called `secret`."""
    return {
        "route": {
            "receiver": NOBODY,
            # One message for what one server suffers from, the namespace for what belongs to none.
            "group_by": [NAMESPACE_LABEL, SERVER_LABEL, "alertname"],
            "routes": [
                {"receiver": name, "matchers": [f'severity=~"{"|".join(settings.severities)}"'], "continue": True}
                for name, settings in receivers.items()
            ],
        },
        "receivers": [
            {"name": NOBODY},
            *(_receiver(name, settings, f"{_MOUNTED}/{secret}/{name}") for name, settings in receivers.items()),
        ],
    }


def credentials(receivers: Mapping[str, Receiver]) -> Uses:
    """What stands under which key of the Secret: one for each receiver that needs something."""
    return {name: CredentialUse(settings.credential[1]) for name, settings in receivers.items() if settings.credential}


def _receiver(name: str, settings: Receiver, file: str) -> Object:
    match settings.way:
        case Slack(channel=channel):
            told: dict[str, Any] = {"api_url_file": file, **({"channel": channel} if channel else {}), "text": _TEXT}
            return {"name": name, "slack_configs": [{**told, "send_resolved": True}]}
        case PagerDuty():
            return {"name": name, "pagerduty_configs": [{"routing_key_file": file, "send_resolved": True}]}
        case Webhook():
            return {"name": name, "webhook_configs": [{"url_file": file, "send_resolved": True}]}
        case Email(to=to, sender=sender, smarthost=smarthost, user=user):
            login = {"auth_username": user, "auth_password_file": file} if user else {}
            return {"name": name, "email_configs": [{"to": to, "from": sender, "smarthost": smarthost, **login, "send_resolved": True}]}
