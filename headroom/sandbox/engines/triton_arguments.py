"""Triton's command line: every option of the real server, and those few that the simulator acts on.

Source: `tritonserver --help` of 2.51.0 (the server in nvidia-pytriton 0.7.0).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

# Accepted and without effect here.
_IGNORED = frozenset(
    """
allow-gpu-metrics allow-sagemaker allow-vertex-ai backend-config backend-directory buffer-manager-thread-count cache-config
cache-directory cuda-memory-pool-byte-size cuda-virtual-address-size disable-auto-complete-config enable-peer-access grpc-address
grpc-header-forward-pattern grpc-http2-max-ping-strikes grpc-http2-max-pings-without-data
grpc-http2-min-recv-ping-interval-without-data grpc-infer-allocation-pool-size grpc-infer-response-compression-level
grpc-keepalive-permit-without-calls grpc-keepalive-time grpc-keepalive-timeout grpc-max-connection-age grpc-max-connection-age-grace
grpc-restricted-protocol grpc-root-cert grpc-server-cert grpc-server-key grpc-use-ssl grpc-use-ssl-mutual host-policy
http-header-forward-pattern http-restricted-api http-thread-count log-error log-file log-format log-info log-verbose log-warning
metrics-config metrics-interval-ms min-supported-compute-capability model-config-name model-load-gpu-limit model-load-retry-count
model-load-thread-count model-namespacing pinned-memory-pool-byte-size rate-limit rate-limit-resource repoagent-directory
repository-poll-secs response-cache-byte-size reuse-grpc-port reuse-http-port sagemaker-port sagemaker-safe-port-range
sagemaker-thread-count strict-model-config strict-readiness trace-config trace-count trace-file trace-level trace-log-frequency
trace-rate vertex-ai-default-model vertex-ai-port vertex-ai-thread-count
""".split()  # noqa: SIM905
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"tritonserver: {message}\nUsage: tritonserver [options]", file=sys.stderr)
        sys.exit(1)


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "1", "on"):
        return True
    if text.lower() in ("false", "0", "off"):
        return False
    raise argparse.ArgumentTypeError(f"invalid value for bool option: {text}")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Ends the process with status 1 at an option that Triton does not know, or a value that it does not take."""
    parser = _Parser(prog="tritonserver", add_help=False, allow_abbrev=False)
    parser.add_argument("--model-repository", "--model-store", action="append", default=[])
    parser.add_argument("--model-control-mode", choices=("none", "poll", "explicit"), default="none")
    parser.add_argument("--load-model", action="append", default=[])
    parser.add_argument("--id", default="triton")
    parser.add_argument("--exit-on-error", type=_boolean, default=True)
    parser.add_argument("--exit-timeout-secs", type=int, default=30)
    for service, port in (("http", 8000), ("grpc", 8001), ("metrics", 8002)):
        parser.add_argument(f"--allow-{service}", type=_boolean, default=True)
        parser.add_argument(f"--{service}-port", type=int, default=port)
    parser.add_argument("--http-address", default="0.0.0.0")
    parser.add_argument("--metrics-address", default=None)
    parser.add_argument("--allow-cpu-metrics", type=_boolean, default=True)
    for option in _IGNORED:
        parser.add_argument(f"--{option}", action="append", nargs="?")
    options = parser.parse_args(arguments)
    if not options.model_repository:
        parser.error("--model-repository must be specified")
    return options
