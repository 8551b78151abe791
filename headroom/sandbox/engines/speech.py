"""What Riva and Kaldi have in common: Triton inside, whose health and metrics are reached over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from headroom.sandbox.engines import exposition
from headroom.sandbox.engines.http import Request, Response, Server
from headroom.sandbox.engines.triton_metrics import CpuGauges, Release, Served, families

# Of no GPU that there is.
GPU = "GPU-00000000-0000-0000-0000-000000000000"
SAMPLE_RATE = 16000


class Triton:
    """Its HTTP ports: health and metrics."""

    def __init__(self, served: Callable[[], Iterable[Served]], release: Release) -> None:
        self._served = served
        self._release = release
        self._cpu = CpuGauges()
        self._servers = (Server(self._health), Server(self._metrics))

    async def start(self, host: str, http_port: int, metrics_port: int) -> None:
        for server, port in zip(self._servers, (http_port, metrics_port), strict=True):
            await server.start(host, port)

    async def end(self) -> None:
        for server in self._servers:
            await server.end(0)

    async def _health(self, request: Request) -> Response:
        known = request.path in ("/v2/health/live", "/v2/health/ready")
        return Response() if known else Response.of({"error": "Not Found"}, 404)

    async def _metrics(self, request: Request) -> Response:
        if request.path != "/metrics":
            return Response.of({"error": "Not Found"}, 404)
        shown = families(self._served(), self._cpu, self._release)
        return Response(200, exposition.written(shown).encode(), exposition.CONTENT_TYPE)


def transcript(seconds: float) -> str:
    """Of audio that nobody listens to: a word for each half second."""
    return " ".join(["word"] * max(1, round(seconds * 2)))
