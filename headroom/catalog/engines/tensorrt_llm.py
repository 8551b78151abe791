"""NVIDIA Triton with the TensorRT-LLM backend: engines built for one kind of GPU, in-flight batching by the backend's own executor.

Sources: triton-inference-server/tutorials Deployment/Kubernetes/TensorRT-LLM_Autoscaling_and_Load_Balancing (flags, command of the ranks,
secret), EKS_Multinode_Triton_TRTLLM (ranks on several nodes); triton-inference-server/tensorrtllm_backend README at 25.05 (commands of the
preparation, metrics); NVIDIA/TensorRT-LLM triton_backend/inflight_batcher_llm/src (what the gauges count),
cpp/tensorrt_llm/executor/executorImpl.cpp and batch_manager/trtGptModel.h (what is active, what is queued);
nvidia.github.io/TensorRT-LLM 0.18.2 and 0.19.0 reference/support-matrix (GPUs: Ampere and later).
"""

from __future__ import annotations

import re

from headroom.catalog.engines.model import Engine, EngineFamily, Metric, MetricType, Outcome, SignalSource
from headroom.catalog.engines.needs import Cache, GpuNeed, Option, SecretUse, genai_perf_of_ensemble
from headroom.catalog.engines.tensorrt_llm_build import PREPARATION
from headroom.catalog.engines.tensorrt_llm_ranks import RANKS, SINGLE
from headroom.catalog.engines.triton import TRITON

_MODEL = ("model", "version")
_GPU = '$selector, model="tensorrt_llm"'
"""The one model on the GPU. Tokenizer, detokenizer and the ensemble have counters of their own and run on the CPU."""
_BY_POD = "by (namespace, pod, server)"

# Triton books a request as computing from the moment it hands it to the executor, so this rate is how many are inside: by Little's law, the
# mean over the window of those that completed. What is not active of them is in the executor's queue, which no gauge shows.
_INSIDE = f"sum {_BY_POD} (rate(nv_inference_compute_infer_duration_us{{{_GPU}}}[$window])) / 1e6"
_ACTIVE = f'sum {_BY_POD} (avg_over_time(nv_trt_llm_request_metrics{{{_GPU}, request_type="active"}}[$window]))'

TENSORRT_LLM = EngineFamily(
    oldest=Engine(
        name="tensorrt-llm",
        title="TensorRT-LLM in Triton",
        image="nvcr.io/nvidia/tritonserver",
        version=(25, 5),
        command=("tritonserver",),
        arguments=SINGLE,
        ports=TRITON.oldest.ports,
        health=TRITON.oldest.health,
        metrics_port="metrics",
        metrics_path="/metrics",
        # An engine of tens of gigabytes is read from shared storage; building it is not part of a start.
        startup_seconds=1200,
        exit_seconds=60,
        user=1000,
        model_directory="/models",
        shared_memory=True,
        model_label=None,
        metrics=(
            *TRITON.oldest.metrics,
            Metric("nv_trt_llm_request_metrics", MetricType.GAUGE, "requests", ("request_type", *_MODEL)),
            Metric("nv_trt_llm_kv_cache_block_metrics", MetricType.GAUGE, "blocks", ("kv_cache_block_type", *_MODEL)),
            Metric("nv_trt_llm_inflight_batcher_metrics", MetricType.GAUGE, "requests", ("inflight_batcher_specific_metric", *_MODEL)),
            Metric("nv_trt_llm_runtime_memory_metrics", MetricType.GAUGE, "bytes", ("memory_type", *_MODEL)),
            Metric("nv_trt_llm_general_metrics", MetricType.GAUGE, "iterations", ("general_type", *_MODEL)),
            Metric("nv_trt_llm_disaggregated_serving_metrics", MetricType.COUNTER, "requests", ("disaggregated_serving_type", *_MODEL)),
        ),
        signals={
            "requests-running": SignalSource(f'nv_trt_llm_request_metrics{{{_GPU}, request_type="active"}}'),
            "queue-length": SignalSource(f"clamp_min({_INSIDE} - {_ACTIVE}, 0)"),
            "kv-cache-usage": SignalSource(
                f'nv_trt_llm_kv_cache_block_metrics{{{_GPU}, kv_cache_block_type="fraction"}}', within_pod="max"
            ),
            # The backend subtracts one count from another, and the two are not of the same moment.
            "requests-waiting": SignalSource(f'clamp_min(nv_trt_llm_request_metrics{{{_GPU}, request_type="waiting"}}, 0)'),
            "queue-compute-ratio": SignalSource(
                f"rate(nv_inference_queue_duration_us{{{_GPU}}}[$window]) / 1e6",
                f"rate(nv_inference_compute_infer_duration_us{{{_GPU}}}[$window]) / 1e6",
                floor=0.000001,
            ),
        },
        outcome=Outcome(
            answered=f"rate(nv_inference_request_success{{{_GPU}}}[$window])",
            failed=f"rate(nv_inference_request_failure{{{_GPU}}}[$window])",
            seconds=f"rate(nv_inference_request_duration_us{{{_GPU}}}[$window]) / 1e6",
            # The published rules' averages. What a request waits inside the executor is in its compute time, see above.
            spent={
                "Mean queue time": f"rate(nv_inference_queue_duration_us{{{_GPU}}}[$window]) / 1e6",
                "Mean compute time": f"rate(nv_inference_compute_infer_duration_us{{{_GPU}}}[$window]) / 1e6",
            },
        ),
        environment={
            "HF_HOME": "$cache/huggingface",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        },
        secrets=(
            SecretUse(
                credential="huggingface",
                secret="hf-model-pull",
                key="password",
                variable="HF_TOKEN",
                file="/var/run/secrets/hugging_face/password",
                required=False,
            ),
        ),
        registry="nvcr.io",
        client=genai_perf_of_ensemble(8001),
        cache=Cache("/var/run/models", "the engine, the tokenizer and the model repository"),
        preparation=PREPARATION,
        needs_models=False,
        needs_model=True,
        options={
            "family": Option("llama", "kind of model: the directory of its converter in TensorRT-LLM's examples/models/core"),
            "dtype": Option("float16", "type of the weights", choices=("float16", "bfloat16", "float32")),
            "maxBatchSize": Option(8, "requests that one replica computes at once", minimum=1, maximum=4096),
            "maxInputLength": Option(4096, "tokens of the longest prompt", minimum=1),
            "maxSequenceLength": Option(8192, "tokens of the longest prompt and its answer", minimum=1),
            "maxTokens": Option(4096, "tokens of one iteration, over all requests", minimum=1),
            "decoupled": Option(True, "whether answers may be streamed token by token"),
        },
        ranks=RANKS,
        gpu=GpuNeed((8, 0)),
    ),
    newest=(26, 6),
    tag=re.compile(r"(\d{2})\.(\d{2})(?:-trtllm(?:-[a-z0-9.-]+)?)?"),
)
