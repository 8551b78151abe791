"""NVIDIA NIM for large language models: the model is in the image's name, its weights come from NVIDIA's registry.

Up to 1.x NIM shows vLLM's metrics without their prefix, under their old names, whatever runs below. From 2.0 on it is a proxy before
vLLM, and `/v1/metrics` is what vLLM says.

Sources: docs.nvidia.com/nim/large-language-models: 24.05 and 1.5.0 observability (`/metrics`, later `/v1/metrics`), 1.2.0 configuration
(variables, shared memory), 2.0.0 architecture (proxy) and reference/advanced-configuration (arguments are vLLM's, and come before
variables), 2.0.13 get-started/configuration (NGC_API_KEY no longer needed for every image from 2.0.10 on); an exposition recorded in
DataDog/integrations-core nvidia_nim; NVIDIA/nim-deploy helm/nim-llm @01f3757 (key of the secret, user, probes); 1.3.0 support-matrix
(compute capability above 7.0). docs.nvidia.com/nim/speech 26.05.0 reference/support-matrix (what speech NIMs need),
docs.nvidia.com/nim/riva/asr getting-started (their names).
"""

from __future__ import annotations

import re
from dataclasses import replace

from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, Release, SignalSource
from headroom.catalog.engines.needs import Cache, GpuNeed, SecretUse, genai_perf
from headroom.catalog.engines.vllm import BLINDING, SERVED_AS
from headroom.catalog.engines.vllm import METRICS as VLLM_METRICS
from headroom.catalog.engines.vllm import OUTCOME as VLLM_OUTCOME
from headroom.catalog.engines.vllm import SIGNALS as VLLM_SIGNALS

_LABELS = ("model_name",)
_REQUEST_MAX = Metric("num_request_max", MetricType.GAUGE, "requests", _LABELS)
_HF = SecretUse("huggingface", "huggingface", "HF_TOKEN", variable="HF_TOKEN", required=False)

# At least 16 GB, says its matrix, and a T4 of 16 GB reports 15360 MiB.
_SPEECH = GpuNeed((8, 0), 15360)
_SPEECH_NIMS = ("asr", "tts", "nmt", "parakeet", "canary", "conformer", "whisper", "magpie", "riva")


def _ngc(*, required: bool) -> SecretUse:
    return SecretUse("ngc", "ngc-api", "NGC_API_KEY", variable="NGC_API_KEY", required=required)


NIM = EngineFamily(
    oldest=Engine(
        name="nim",
        title="NIM for LLMs",
        image="nvcr.io/nim/*",
        version=(1, 0, 0),
        command=(),
        arguments=(),
        ports=(Port("http", 8000, "http"),),
        health=Health(port="http", ready="/v1/health/ready", live="/v1/health/live"),
        metrics_port="http",
        metrics_path="/metrics",
        # The chart's own budget, 180 x 10 s: a 70B model that is fetched takes a quarter of an hour, an 8B one from a cache half a minute.
        startup_seconds=1800,
        exit_seconds=30,
        user=1000,
        model_directory="/models",
        shared_memory=True,
        model_label="model_name",
        served_as=replace(SERVED_AS, variable="NIM_SERVED_MODEL_NAME"),
        blinding=BLINDING,
        metrics=(
            Metric("num_requests_running", MetricType.GAUGE, "requests", _LABELS),
            Metric("num_requests_waiting", MetricType.GAUGE, "requests", _LABELS),
            _REQUEST_MAX,
            Metric("gpu_cache_usage_perc", MetricType.GAUGE, "ratio", _LABELS),
            Metric("prompt_tokens_total", MetricType.COUNTER, "tokens", _LABELS),
            Metric("generation_tokens_total", MetricType.COUNTER, "tokens", _LABELS),
            Metric("request_success_total", MetricType.COUNTER, "requests", _LABELS),
            Metric("request_failure_total", MetricType.COUNTER, "requests", _LABELS),
            Metric("request_finish_total", MetricType.COUNTER, "requests", (*_LABELS, "finished_reason")),
            Metric("time_to_first_token_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
            Metric("time_per_output_token_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
            Metric("e2e_request_latency_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
            Metric("request_prompt_tokens", MetricType.HISTOGRAM, "tokens", _LABELS),
            Metric("request_generation_tokens", MetricType.HISTOGRAM, "tokens", _LABELS),
        ),
        signals={
            "requests-waiting": SignalSource("num_requests_waiting{$selector}"),
            "requests-running": SignalSource("num_requests_running{$selector}"),
            "kv-cache-usage": SignalSource("gpu_cache_usage_perc{$selector}", within_pod="max"),
        },
        outcome=Outcome(
            answered="rate(request_success_total{$selector}[$window])",
            failed="rate(request_failure_total{$selector}[$window])",
            seconds="rate(e2e_request_latency_seconds_sum{$selector}[$window])",
        ),
        environment={"NIM_CACHE_PATH": "$cache", "NIM_SERVER_PORT": "8000", "OUTLINES_CACHE_DIR": "/tmp/outlines"},
        secrets=(_ngc(required=True), _HF),
        registry="nvcr.io",
        cache=Cache("/opt/nim/.cache", "weights"),
        client=genai_perf(8000),
        needs_models=False,
        gpu=GpuNeed((7, 5)),
        gpu_by_image={f"nvcr.io/nim/*{word}*": _SPEECH for word in _SPEECH_NIMS},
    ),
    newest=(3, 0, 0),
    tag=re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[.-][a-z0-9.-]+)?"),
    releases=(
        Release((1, 5, 0), {"metrics_path": "/v1/metrics"}),
        Release(
            (2, 0, 0),
            {
                "metrics": (*(metric for metric in VLLM_METRICS if metric.exists_in((0, 12))), _REQUEST_MAX),
                "signals": VLLM_SIGNALS,
                "outcome": VLLM_OUTCOME,
            },
        ),
        Release((2, 0, 10), {"secrets": (_ngc(required=False), _HF)}),
    ),
)
