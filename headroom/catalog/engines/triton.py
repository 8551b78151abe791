"""NVIDIA Triton Inference Server (since March 2025: Dynamo Triton; images and metric names unchanged).

Sources: triton-inference-server/server docs/user_guide/metrics.md, docs/protocol/extension_*.md, src/command_line_parser.h
(defaults of the flags), deploy/k8s-onprem; triton-inference-server/core src/metric_model_reporter.cc (label sets);
the container's release notes 24.06 and 25.01 (compute capability), 21.10 (for ARM too).
"""

from __future__ import annotations

import re

from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, Release, SignalSource
from headroom.catalog.engines.needs import GpuNeed, perf_analyzer

_MODEL = ("model", "version")
_QUEUE = "rate(nv_inference_queue_duration_us{$selector}[$window]) / 1e6"

TRITON = EngineFamily(
    oldest=Engine(
        name="triton",
        title="Triton Inference Server",
        image="nvcr.io/nvidia/tritonserver",
        version=(24, 1),
        command=("tritonserver",),
        arguments=(
            "--model-repository=$models",
            "--http-port=8000",
            "--grpc-port=8001",
            "--metrics-port=8002",
            "--allow-metrics=true",
            "--strict-readiness=true",
            "--exit-timeout-secs=$exit",
        ),
        ports=(
            Port("http", 8000, "http"),
            Port("grpc", 8001, "kubernetes.io/h2c"),
            Port("metrics", 8002, "http", exposed=False),
        ),
        health=Health(port="http", ready="/v2/health/ready", live="/v2/health/live"),
        metrics_port="metrics",
        metrics_path="/metrics",
        # Triton answers its probes only after the models are loaded: 30 x 10 s in the project's own deploy/k8s-onprem.
        startup_seconds=300,
        exit_seconds=30,
        user=1000,
        model_directory="/models",
        shared_memory=True,
        model_label="model",
        client=perf_analyzer(8000),
        metrics=(
            Metric("nv_inference_request_success", MetricType.COUNTER, "requests", _MODEL),
            Metric("nv_inference_request_failure", MetricType.COUNTER, "requests", (*_MODEL, "reason")),
            Metric("nv_inference_count", MetricType.COUNTER, "inferences", _MODEL),
            Metric("nv_inference_exec_count", MetricType.COUNTER, "executions", _MODEL),
            Metric("nv_inference_request_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_queue_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_input_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_infer_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_output_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_pending_request_count", MetricType.GAUGE, "requests", _MODEL),
            Metric("nv_model_load_duration_secs", MetricType.GAUGE, "seconds", _MODEL, since=(24, 11)),
            Metric("nv_gpu_utilization", MetricType.GAUGE, "ratio", ("gpu_uuid",)),
            Metric("nv_gpu_memory_total_bytes", MetricType.GAUGE, "bytes", ("gpu_uuid",)),
            Metric("nv_gpu_memory_used_bytes", MetricType.GAUGE, "bytes", ("gpu_uuid",)),
            Metric("nv_cpu_utilization", MetricType.GAUGE, "ratio", ()),
            Metric("nv_cpu_memory_total_bytes", MetricType.GAUGE, "bytes", ()),
            Metric("nv_cpu_memory_used_bytes", MetricType.GAUGE, "bytes", ()),
            Metric("nv_pinned_memory_pool_total_bytes", MetricType.GAUGE, "bytes", (), since=(24, 2)),
            Metric("nv_pinned_memory_pool_used_bytes", MetricType.GAUGE, "bytes", (), since=(24, 2)),
        ),
        signals={
            # Both counters are credited when a request completes, over every series of the pod: a GPU model has a twin series
            # without gpu_uuid that stays 0, and an idle model must not dilute the others.
            "queue-time": SignalSource(_QUEUE, "rate(nv_inference_request_success{$selector}[$window])"),
            "queue-length": SignalSource(_QUEUE),
            "requests-waiting": SignalSource("nv_inference_pending_request_count{$selector}"),
            "queue-compute-ratio": SignalSource(
                _QUEUE, "rate(nv_inference_compute_infer_duration_us{$selector}[$window]) / 1e6", floor=0.000001
            ),
        },
        outcome=Outcome(
            answered="rate(nv_inference_request_success{$selector}[$window])",
            failed="rate(nv_inference_request_failure{$selector}[$window])",
            seconds="rate(nv_inference_request_duration_us{$selector}[$window]) / 1e6",
        ),
        gpu=GpuNeed((6, 0)),
    ),
    newest=(26, 7),
    tag=re.compile(r"(\d{2})\.(\d{2})(?:-[a-z0-9.-]+)?"),
    releases=(Release((25, 1), {"gpu": GpuNeed((7, 5))}),),
)
