"""How KEDA shows a Prometheus that it may ask: fields of a trigger, and the TriggerAuthentication and Secret that they refer to.

Source: kedacore/keda v2.20.2 pkg/scalers/prometheus_scaler.go and pkg/scalers/authentication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.desired.objects import Object, obj
from headroom.desired.serving import CredentialUse, Uses
from headroom.desired.serving.secrets import secret
from headroom.settings.platform.access import Access

_ACCEPTS = {"customAuthHeader": "Accept", "customAuthValue": "application/json"}
"""KEDA looks at a CA only where some mode of authentication is on. This one says what every answer is anyway."""

SECRET, AUTHENTICATION = "prometheus-secret", "prometheus-authentication"
"""Roles of the objects."""


@dataclass(frozen=True)
class TriggerAccess:
    """What a server's triggers add to say who asks."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    reference: Object = field(default_factory=dict)
    """`authenticationRef` of a trigger, as a field of it; empty where there is nothing to refer to."""
    objects: Mapping[str, Object] = field(default_factory=dict)
    """By role."""
    credentials: Mapping[str, Uses] = field(default_factory=dict)
    """What is filled into which Secret, by role and key."""


def trigger_access(server: str, namespace: str, labels: dict[str, str], access: Access) -> TriggerAccess:
    """Objects of the server's own namespace: KEDA reads Secrets of others only where it may read all of the cluster's."""
    headers = {"customHeaders": ",".join(f"{name}={value}" for name, value in access.headers.items())} if access.headers else {}
    mode, uses, known = _mode(access)
    if mode is None:
        return TriggerAccess(headers)
    name = f"{server}-prometheus"
    references = [{"parameter": key, "name": name, "key": key} for key in (*known, *uses)]
    return TriggerAccess(
        {"authModes": mode, **headers},
        {"authenticationRef": {"name": name}},
        {
            SECRET: secret(server, namespace, labels, "prometheus", uses, known),
            AUTHENTICATION: obj(
                "keda.sh/v1alpha1",
                "TriggerAuthentication",
                name,
                namespace=namespace,
                labels=labels,
                spec={"secretTargetRef": references},
            ),
        },
        {SECRET: uses} if uses else {},
    )


def _mode(access: Access) -> tuple[str | None, Uses, dict[str, str]]:
    """KEDA's mode of authentication, the parameters that are secret, and those that are not."""
    ca = {"ca": access.ca} if access.ca else {}
    if access.token:
        return "bearer", {"bearerToken": CredentialUse(access.token)}, ca
    if access.user and access.password:
        return "basic", {"password": CredentialUse(access.password)}, {"username": access.user, **ca}
    return ("custom", {}, {**_ACCEPTS, **ca}) if access.ca else (None, {}, {})
