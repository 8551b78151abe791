"""Lines for the user, told to the Pulumi engine."""

from __future__ import annotations

from typing import Literal

import grpc

from headroom.plugins.protocol import engine_pb2, engine_pb2_grpc

Severity = Literal["debug", "info", "warning", "error"]


class Engine:
    """The engine that started this plugin."""

    def __init__(self, address: str) -> None:
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def log(self, urn: str, message: str, severity: Severity) -> None:
        """A line that stays."""
        self._send(urn, message, severity, ephemeral=False)

    def status(self, urn: str, message: str, severity: Severity = "info") -> None:
        """A line of progress, shown beside the resource until the next one."""
        self._send(urn, message, severity, ephemeral=True)

    def _send(self, urn: str, message: str, severity: Severity, *, ephemeral: bool) -> None:
        level = engine_pb2.LogSeverity.Value(severity.upper())
        request = engine_pb2.LogRequest(severity=level, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._stub.Log(request)
        except grpc.RpcError:
            # The engine is going away: nobody is left to read the line.
            return
