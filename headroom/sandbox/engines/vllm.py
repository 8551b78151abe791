"""Simulator of `vllm`: `python -m …engines.vllm serve MODEL [--option …]`. Options it does not act on are accepted unread.

Sources: docs.vllm.ai serving/openai_compatible_server, cli/serve; vllm-project/vllm#36666 (`--shutdown-timeout`, 0.18).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from headroom.sandbox.engines import llm_metrics
from headroom.sandbox.engines.llm import SEQUENCES
from headroom.sandbox.engines.llm_metrics import Version
from headroom.sandbox.engines.serving import Profile, serve, version

NEWEST = (0, 32, 0)
DRAINS_SINCE = (0, 18)


def parse(arguments: Sequence[str], release: Version) -> argparse.Namespace:
    """Ends the process with status 2 for another command than `serve`, an option that came later, or a value that is no number."""
    parser = argparse.ArgumentParser(prog="vllm", add_help=False, allow_abbrev=False)
    parser.add_argument("command", choices=("serve",))
    parser.add_argument("model", nargs="?", default="Qwen/Qwen3-0.6B")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--served-model-name")
    parser.add_argument("--max-model-len", type=int, default=131072)
    parser.add_argument("--max-num-seqs", type=int)
    parser.add_argument("--shutdown-timeout", type=float, default=0.0)
    options, unread = parser.parse_known_args(arguments)
    if release < DRAINS_SINCE and any(argument.startswith("--shutdown-timeout") for argument in arguments):
        parser.error("unrecognized arguments: --shutdown-timeout")
    if unread:
        print(f"not acted on: {' '.join(unread)}", file=sys.stderr)
    return options


def main() -> int:
    found = version(NEWEST)
    options = parse(sys.argv[1:], found)
    if options.max_num_seqs:
        os.environ.setdefault(SEQUENCES, str(options.max_num_seqs))
    profile = Profile(
        title=f"vLLM {'.'.join(map(str, found))}",
        model=options.served_model_name or options.model,
        version=found,
        health=("/health",),
        metrics_path="/metrics",
        metrics=llm_metrics.vllm,
        context=options.max_model_len,
    )
    return asyncio.run(serve(profile, options.host, options.port, options.shutdown_timeout))


if __name__ == "__main__":
    sys.exit(main())
