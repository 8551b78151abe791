"""vLLM's OpenAI-compatible server.

Sources: vllm-project/vllm vllm/v1/metrics/loggers.py (names, labels, types), vllm/v1/engine/llm_engine.py (no metrics without log stats);
#18354, #24245, #29330 (`gpu_cache_usage_perc` renamed in 0.9.2, hidden in 0.11), #24110, #32661 (`time_per_output_token_seconds` renamed
in 0.11, hidden in 0.12); #36666, llm-d/llm-d#927 (`--shutdown-timeout`, 0.18); docs.vllm.ai deployment/k8s, cli/serve,
configuration/env_vars, configuration/engine_args (of several served names the metrics have the first), getting_started/installation
(compute capability 7.0, and 7.5 in that of 0.23.1's development).
"""

from __future__ import annotations

import re

from headroom.catalog.engines.model import Engine, EngineFamily, Health, Metric, MetricType, Outcome, Port, Release, SignalSource
from headroom.catalog.engines.needs import Cache, GpuNeed, SecretUse, ServedAs, genai_perf

# Data parallel: one series for each engine of a pod.
_LABELS = ("model_name", "engine")
_ARGUMENTS = ("serve", "$model", "--host=0.0.0.0", "--port=8000")

METRICS = (
    Metric("vllm:num_requests_running", MetricType.GAUGE, "requests", _LABELS),
    Metric("vllm:num_requests_waiting", MetricType.GAUGE, "requests", _LABELS),
    Metric("vllm:gpu_cache_usage_perc", MetricType.GAUGE, "ratio", _LABELS, until=(0, 11)),
    Metric("vllm:kv_cache_usage_perc", MetricType.GAUGE, "ratio", _LABELS, since=(0, 9, 2)),
    Metric("vllm:num_preemptions_total", MetricType.COUNTER, "requests", _LABELS),
    Metric("vllm:prompt_tokens_total", MetricType.COUNTER, "tokens", _LABELS),
    Metric("vllm:generation_tokens_total", MetricType.COUNTER, "tokens", _LABELS),
    Metric("vllm:request_success_total", MetricType.COUNTER, "requests", (*_LABELS, "finished_reason")),
    Metric("vllm:time_to_first_token_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
    Metric("vllm:time_per_output_token_seconds", MetricType.HISTOGRAM, "seconds", _LABELS, until=(0, 12)),
    Metric("vllm:inter_token_latency_seconds", MetricType.HISTOGRAM, "seconds", _LABELS, since=(0, 11)),
    Metric("vllm:e2e_request_latency_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
    Metric("vllm:request_queue_time_seconds", MetricType.HISTOGRAM, "seconds", _LABELS),
    Metric("vllm:request_prompt_tokens", MetricType.HISTOGRAM, "tokens", _LABELS),
    Metric("vllm:request_generation_tokens", MetricType.HISTOGRAM, "tokens", _LABELS),
)

_WAITED = "rate(vllm:request_queue_time_seconds_sum{$selector}[$window])"
_OLD_CACHE = SignalSource("vllm:gpu_cache_usage_perc{$selector}", within_pod="max")

SIGNALS = {
    "requests-waiting": SignalSource("vllm:num_requests_waiting{$selector}"),
    "requests-running": SignalSource("vllm:num_requests_running{$selector}"),
    # Of several engines in a pod the fullest: it is the one that makes requests wait.
    "kv-cache-usage": SignalSource("vllm:kv_cache_usage_perc{$selector}", within_pod="max"),
    "queue-time": SignalSource(_WAITED, "rate(vllm:request_queue_time_seconds_count{$selector}[$window])"),
    "queue-length": SignalSource(_WAITED),
}

SERVED_AS = ServedAs("--served-model-name")
BLINDING = ("--disable-log-stats",)

OUTCOME = Outcome(
    answered="rate(vllm:e2e_request_latency_seconds_count{$selector}[$window])",
    seconds="rate(vllm:e2e_request_latency_seconds_sum{$selector}[$window])",
)

VLLM = EngineFamily(
    oldest=Engine(
        name="vllm",
        title="vLLM",
        image="vllm/vllm-openai",
        version=(0, 8, 0),
        command=("vllm",),
        arguments=_ARGUMENTS,
        ports=(Port("http", 8000, "http"),),
        health=Health(port="http", ready="/health", live="/health"),
        metrics_port="http",
        metrics_path="/metrics",
        # An 8B model: some minutes to fetch 16 GB, one to load and compile; a cache leaves the latter.
        startup_seconds=1200,
        # It gives no promise before 0.18; running requests end while the container's preStop sleeps.
        exit_seconds=5,
        user=1000,
        model_directory="/models",
        shared_memory=True,
        model_label="model_name",
        served_as=SERVED_AS,
        blinding=BLINDING,
        metrics=METRICS,
        signals={**SIGNALS, "kv-cache-usage": _OLD_CACHE},
        outcome=OUTCOME,
        environment={
            "HF_HOME": "$cache/huggingface",
            "VLLM_CACHE_ROOT": "$cache/vllm",
            # The image is made for root: another user has no home there, and PyTorch asks for its name.
            "HOME": "/tmp",
            "USER": "vllm",
        },
        secrets=(SecretUse("huggingface", "huggingface", "HF_TOKEN", variable="HF_TOKEN", required=False),),
        cache=Cache("/cache", "weights and compiled graphs"),
        client=genai_perf(8000),
        needs_models=False,
        needs_model=True,
        parallel_arguments=("--tensor-parallel-size=$tensor", "--pipeline-parallel-size=$pipeline"),
        gpu=GpuNeed((7, 0)),
    ),
    newest=(0, 32, 0),
    tag=re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[.-][a-z0-9.-]+)?"),
    releases=(
        Release((0, 9, 2), {"signals": SIGNALS}),
        Release((0, 18, 0), {"arguments": (*_ARGUMENTS, "--shutdown-timeout=$exit"), "exit_seconds": 60}),
        Release((0, 24, 0), {"gpu": GpuNeed((7, 5))}),
    ),
)
