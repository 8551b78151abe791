"""Simulator of NVIDIA NIM for LLMs: `python -m …engines.nim`. Configured by NIM's environment variables, as its image is.

Sources: docs.nvidia.com/nim/large-language-models (configuration, api-reference, observability of 24.05, 1.5.0, 2.0.0).
"""

from __future__ import annotations

import asyncio
import os
import sys

from headroom.sandbox.engines import llm_metrics
from headroom.sandbox.engines.serving import Profile, serve, version

NEWEST = (3, 0, 0)
DEFAULT_MODEL = "meta/llama-3.1-8b-instruct"
EXIT_SECONDS = 60.0


def profile() -> Profile:
    found = version(NEWEST)
    return Profile(
        title=f"NIM {'.'.join(map(str, found))}",
        model=os.environ.get("NIM_SERVED_MODEL_NAME") or DEFAULT_MODEL,
        version=found,
        health=("/v1/health/ready", "/v1/health/live"),
        metrics_path="/v1/metrics" if found >= (1, 5) else "/metrics",
        metrics=llm_metrics.nim,
        context=int(os.environ.get("NIM_MAX_MODEL_LEN", "131072")),
    )


def main() -> int:
    """Ends at once where the weights could not be had: without a key, or without a place to keep them."""
    if not os.environ.get("NGC_API_KEY"):
        print("The NGC_API_KEY environment variable is required to download the model.", file=sys.stderr)
        return 1
    cache = os.environ.get("NIM_CACHE_PATH", "/opt/nim/.cache")
    if not os.access(cache, os.W_OK):
        print(f"Permission denied: {cache} (NIM_CACHE_PATH) is not writable by user {os.getuid()}", file=sys.stderr)
        return 1
    return asyncio.run(serve(profile(), "0.0.0.0", int(os.environ.get("NIM_SERVER_PORT", "8000")), EXIT_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
