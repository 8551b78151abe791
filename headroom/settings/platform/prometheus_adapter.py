"""PrometheusAdapter: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class PrometheusAdapter(AddOn):
    """prometheus-adapter, owner of the API custom.metrics.k8s.io."""

    namespace: Name = Field(default="monitoring", description="namespace that it runs in")
    release: Name = Field(default="prometheus-adapter", description="name of its Helm release; its objects are named after it")
