"""What the TensorRT-LLM backend adds to Triton's metrics: gauges of the executor's latest iteration.

Names, texts and labels: README of triton-inference-server/tensorrtllm_backend ("Triton Metrics"), NVIDIA/TensorRT-LLM
triton_backend/inflight_batcher_llm/src/custom_metrics_reporter/custom_metrics_reporter.cc.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from headroom.sandbox.engines.exposition import Family
from headroom.sandbox.engines.tensorrt_llm_executor import BLOCK_TOKENS, Executor
from headroom.sandbox.engines.tensorrt_llm_repository import MODEL

_ENGINE_BYTES = 16_000_000_000


def families(executor: Executor) -> list[Family]:
    scheduled, context, used, blocks = executor.scheduled, executor.context, executor.used_blocks, executor.blocks
    requests = {
        "waiting": executor.active - scheduled,
        "context": context,
        "scheduled": scheduled,
        "max": executor.places,
        "active": executor.active,
    }
    memory = {"pinned": 0, "gpu": _ENGINE_BYTES, "cpu": 0}
    cache = {"fraction": used / blocks, "tokens_per": BLOCK_TOKENS, "used": used, "free": blocks - used, "max": blocks}
    batcher = {
        "micro_batch_id": 0,
        "generation_requests": scheduled - context,
        "total_context_tokens": sum(one.prompt for one in executor.running if one.last is None),
    }
    general = {"iteration_counter": executor.iterations, "timestamp": int(time.time())}
    return [
        _gauges("nv_trt_llm_request_metrics", "TRT LLM request metrics", "request_type", requests),
        _gauges("nv_trt_llm_runtime_memory_metrics", "TRT LLM runtime memory metrics", "memory_type", memory),
        _gauges("nv_trt_llm_kv_cache_block_metrics", "TRT LLM KV cache block metrics", "kv_cache_block_type", cache),
        _gauges(
            "nv_trt_llm_inflight_batcher_metrics", "TRT LLM inflight_batcher-specific metrics", "inflight_batcher_specific_metric", batcher
        ),
        _gauges("nv_trt_llm_general_metrics", "General TRT LLM metrics", "general_type", general),
    ]


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Family:
    return Family(name, "gauge", text, tuple(({label: kind, "model": MODEL, "version": "1"}, value) for kind, value in values.items()))
