"""MetricsServer: settings of the add-on."""

from __future__ import annotations

from pydantic import Field

from headroom.settings.base import Name
from headroom.settings.platform.addon import AddOn


class MetricsServer(AddOn):
    """metrics-server, owner of the API metrics.k8s.io."""

    namespace: Name = Field(default="kube-system", description="namespace that it runs in")
    release: Name = Field(default="metrics-server", description="name of its Helm release; its objects are named after it")
