"""Settings to plain Kubernetes objects and Helm values: pure functions, no cluster, no Pulumi."""

from headroom.desired.render import Desired, render

__all__ = ["Desired", "render"]
