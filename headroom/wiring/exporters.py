"""Series of exporters that speak of other pods or of their GPUs, or of the requests for pods.

Source: NVIDIA/dcgm-exporter etc/default-counters.csv and etc/dcp-metrics-included.csv (names, types, units); kubernetes/kube-state-metrics
docs/metrics; traefik/traefik pkg/observability/metrics/prometheus.go.
"""

from __future__ import annotations

from headroom.catalog.engines.model import Metric, MetricType

_OF_A_GPU = ("gpu", "UUID", "device", "modelName", "Hostname")
_PERCENT = ("GPU_UTIL", "MEM_COPY_UTIL", "ENC_UTIL", "DEC_UTIL")
_RATIOS = (
    "GR_ENGINE_ACTIVE",
    "SM_ACTIVE",
    "SM_OCCUPANCY",
    "PIPE_TENSOR_ACTIVE",
    "PIPE_FP64_ACTIVE",
    "PIPE_FP32_ACTIVE",
    "PIPE_FP16_ACTIVE",
)
_GAUGES = {"FB_FREE": "mebibytes", "FB_USED": "mebibytes", "GPU_TEMP": "celsius", "MEMORY_TEMP": "celsius", "POWER_USAGE": "watts"}

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *(Metric(f"DCGM_FI_DEV_{name}", MetricType.GAUGE, "percent", _OF_A_GPU) for name in _PERCENT),
        *(Metric(f"DCGM_FI_PROF_{name}", MetricType.GAUGE, "ratio", _OF_A_GPU) for name in (*_RATIOS, "DRAM_ACTIVE")),
        *(Metric(f"DCGM_FI_DEV_{name}", MetricType.GAUGE, unit, _OF_A_GPU) for name, unit in _GAUGES.items()),
        Metric("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", MetricType.COUNTER, "millijoules", _OF_A_GPU),
    )
}

STATE_METRICS, TRAEFIK = "kube-state-metrics", "Traefik"
_OF_STATE = ("deletion_timestamp", "info", "labels", "owner", "start_time", "status_phase", "status_ready", "container_status_ready")
_OF_DEPLOYMENTS = ("spec_replicas", "status_replicas", "status_replicas_available", "status_replicas_ready")
_OF_HPAS = ("spec_max_replicas", "spec_min_replicas", "status_condition", "status_current_replicas", "status_desired_replicas")
_COUNTED = (
    "entrypoint_requests_total",
    "entrypoint_open_connections",
    "open_connections",
    "router_requests_total",
    "service_requests_total",
)

BY: dict[str, str] = {
    **{f"kube_pod_{name}": STATE_METRICS for name in _OF_STATE},
    **{f"kube_deployment_{name}": STATE_METRICS for name in _OF_DEPLOYMENTS},
    **{f"kube_horizontalpodautoscaler_{name}": STATE_METRICS for name in _OF_HPAS},
    **{f"traefik_{name}": TRAEFIK for name in (*_COUNTED, "config_last_reload_success")},
}
"""Series of what a platform brings, and which part of it has them: what an expression may well read beside those of engines."""
PREFIXES = {"kube_": STATE_METRICS, "traefik_": TRAEFIK}
