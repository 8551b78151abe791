"""Series of exporters that speak of other pods or of their GPUs.

Source: NVIDIA/dcgm-exporter etc/default-counters.csv and etc/dcp-metrics-included.csv (names, types, units).
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
