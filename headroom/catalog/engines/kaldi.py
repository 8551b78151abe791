"""Kaldi's speech recognition as a backend of Triton.

NVIDIA publishes how to build the image, not the image. Its version here is that of the Triton it is built on.
Sources: NVIDIA/DeepLearningExamples Kaldi/SpeechRecognition (Dockerfile on Triton 21.05, model-repo/kaldi_online/config.pbtxt,
kaldi-asr-backend, scripts/docker/prepare_data.sh); when Triton's metrics appeared: triton-inference-server/core, src/metrics.cc.
"""

from __future__ import annotations

import re

from headroom.catalog.engines.kaldi_model import ARCHIVE, CONFIGURATION, PREPARATION
from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, Release, SignalSource
from headroom.catalog.engines.needs import Cache, Option, Preparation

_MODEL = ("model", "version")
_QUEUE = "rate(nv_inference_queue_duration_us{$selector}[$window]) / 1e6"
_CHUNKS = "rate(nv_inference_request_success{$selector}[$window])"

_SIGNALS = {
    "queue-time": SignalSource(_QUEUE, _CHUNKS),
    "queue-length": SignalSource(_QUEUE),
    "queue-compute-ratio": SignalSource(_QUEUE, "rate(nv_inference_compute_infer_duration_us{$selector}[$window]) / 1e6", floor=0.000001),
    # A stream in real time brings one chunk per chunk's length, and each is one request.
    "streams": SignalSource(f"{_CHUNKS} * $samples / 16000"),
}

KALDI = EngineFamily(
    ended="the last change to its backend is of October 2021",
    oldest=Engine(
        name="kaldi",
        title="Kaldi on Triton",
        image="triton_kaldi_server",
        version=(21, 5),
        command=("tritonserver",),
        arguments=(
            "--model-repository=/workspace/model-repo",
            "--http-port=8000",
            "--grpc-port=8001",
            "--metrics-port=8002",
            "--allow-metrics=true",
            "--exit-timeout-secs=$exit",
        ),
        ports=(
            Port("http", 8000, "http", exposed=False),
            Port("grpc", 8001, "kubernetes.io/h2c"),
            Port("metrics", 8002, "http", exposed=False),
        ),
        health=Health(port="http", ready="/v2/health/ready", live="/v2/health/live"),
        metrics_port="metrics",
        metrics_path="/metrics",
        startup_seconds=300,
        exit_seconds=30,
        user=1000,
        model_directory="/workspace/model-repo",
        shared_memory=True,
        model_label="model",
        # The image brings the backend; beside it belongs the configuration, alone.
        files={"/workspace/model-repo/kaldi_online/config.pbtxt": CONFIGURATION},
        needs_models=False,
        options={
            "streams": Option(4000, "streams that a replica has open at most: candidate sequences, and channels of the decoder", 1),
            "samples": Option(8160, "samples in a chunk of audio, 16000 are a second; clients send chunks of just this size", 160),
            "batch": Option(600, "chunks that are computed at once at most", 1),
            "workers": Option(40, "threads of the decoder: ask for as many CPUs", 1),
            "archive": Option(ARCHIVE, "where the acoustic model and the decoding graph come from: a .tgz with final.mdl and HCLG.fst"),
        },
        cache=Cache("/data", "the acoustic model and the decoding graph"),
        preparation=Preparation(command=("bash", "-c"), arguments=(PREPARATION,), key=("archive",), seconds=3600),
        metrics=(
            Metric("nv_inference_request_success", MetricType.COUNTER, "requests", _MODEL),
            Metric("nv_inference_request_failure", MetricType.COUNTER, "requests", _MODEL),
            Metric("nv_inference_count", MetricType.COUNTER, "inferences", _MODEL),
            Metric("nv_inference_exec_count", MetricType.COUNTER, "executions", _MODEL),
            Metric("nv_inference_request_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_queue_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_input_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_infer_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_compute_output_duration_us", MetricType.COUNTER, "microseconds", _MODEL),
            Metric("nv_inference_pending_request_count", MetricType.GAUGE, "requests", _MODEL, since=(23, 9)),
            Metric("nv_gpu_utilization", MetricType.GAUGE, "ratio", ("gpu_uuid",)),
            Metric("nv_gpu_memory_total_bytes", MetricType.GAUGE, "bytes", ("gpu_uuid",)),
            Metric("nv_gpu_memory_used_bytes", MetricType.GAUGE, "bytes", ("gpu_uuid",)),
        ),
        signals=_SIGNALS,
        outcome=Outcome(
            answered=_CHUNKS,
            failed="rate(nv_inference_request_failure{$selector}[$window])",
            seconds="rate(nv_inference_request_duration_us{$selector}[$window]) / 1e6",
        ),
    ),
    newest=(23, 9),
    # Bare: an image of plain Triton says what it is behind the number.
    tag=re.compile(r"(\d{2})\.(\d{2})"),
    releases=(
        Release((23, 9), {"signals": {**_SIGNALS, "requests-waiting": SignalSource("nv_inference_pending_request_count{$selector}")}}),
    ),
)
