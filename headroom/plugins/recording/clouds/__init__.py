"""What each cloud fills in and answers, so that a program can go on: addresses of the sandbox, names of what lies below a resource."""

from __future__ import annotations

from headroom.plugins.recording.clouds import aws, azure, gcp
from headroom.plugins.recording.outputs import Cloud

CLOUDS: dict[str, Cloud] = {"aws": aws.CLOUD, "gcp": gcp.CLOUD, "azure-native": azure.CLOUD}
"""By the name of the provider."""
