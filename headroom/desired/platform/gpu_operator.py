"""NVIDIA GPU Operator (chart v26.7.0).

Source of the keys: NVIDIA/gpu-operator deployments/gpu-operator/values.yaml.
"""

from __future__ import annotations

from headroom.catalog import charts
from headroom.catalog.distributions import Distribution
from headroom.desired.objects import Object
from headroom.desired.platform.addon import DesiredAddOn, installed
from headroom.settings.platform import Platform
from headroom.settings.stack import Stack


def values(platform: Platform, on: Distribution) -> Object:
    """Values of the chart."""
    return {}


def add_on(stack: Stack) -> DesiredAddOn:
    """What a stack asks for."""
    platform, on = stack.platform, stack.cluster.runs_on
    return installed("gpuOperator", charts.GPU_OPERATOR, platform.gpu_operator, values(platform, on), stack, pod_security="privileged")
