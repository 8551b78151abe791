"""The engine's side of a policy pack: pulumi/pulumi proto/pulumi/analyzer.proto, spoken with the Pulumi SDK alone.

The library pulumi-policy wants a protobuf and a grpcio that are older than what the rest here needs, shows a secret as plain text, and
judges the whole stack once per rule. A rule here needs all three: to run in the project's environment, to tell a secret from a value,
and to share one reading of the stack with seventy others.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import yaml
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from headroom.wiring.registry import all_checks
from policy.judgement import Level, Resource, judge

NAME = "headroom"
VERSION = str(yaml.safe_load((Path(__file__).parent / "PulumiPolicy.yaml").read_text())["version"])
_LEVELS: dict[int, Level] = {
    analyzer_pb2.ADVISORY: "advisory",
    analyzer_pb2.MANDATORY: "mandatory",
    analyzer_pb2.DISABLED: "disabled",
}
_NUMBERS: dict[Level, Any] = {level: number for number, level in _LEVELS.items()}
_LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes: the engine's own limit (pulumi/pulumi sdk/go/common/util/rpcutil)."""


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Remembers every resource's inputs as they are shown, and judges them together at the end."""

    def __init__(self) -> None:
        self._seen: dict[str, Resource] = {}
        self._levels: dict[str, Level] = {}

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        policies = [
            analyzer_pb2.PolicyInfo(
                name=check.name,
                displayName=check.name,
                description=check.title,
                message=check.page,
                enforcementLevel=analyzer_pb2.MANDATORY,
            )
            for check in all_checks().values()
        ]
        return analyzer_pb2.AnalyzerInfo(name=NAME, displayName="Headroom", version=VERSION, supportsConfig=True, policies=policies)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=VERSION)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._levels = {
            name: _LEVELS[config.enforcementLevel] for name, config in request.policyConfig.items() if config.enforcementLevel in _LEVELS
        }
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._seen[request.urn] = _resource(request)
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        resources = [self._seen.get(shown.urn) or _resource(shown) for shown in request.resources]
        return analyzer_pb2.AnalyzeResponse(
            diagnostics=[
                analyzer_pb2.AnalyzeDiagnostic(
                    policyName=violation.check,
                    policyPackName=NAME,
                    policyPackVersion=VERSION,
                    description=all_checks()[violation.check].title,
                    message=violation.message,
                    enforcementLevel=_NUMBERS[violation.level],
                    urn=violation.urn,
                )
                for violation in judge(resources, self._levels)
            ]
        )


def _resource(shown: Any) -> Resource:
    inputs = json_format.MessageToDict(shown.properties)
    return Resource(shown.urn, shown.type, shown.name or shown.urn.rpartition("::")[2], inputs, bool(shown.options.protect))


def serve() -> None:
    """Answers the engine until it ends this process; the port goes to standard output, as it expects."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port)
    sys.stdout.flush()
    threading.Event().wait()
