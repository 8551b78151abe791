"""A gRPC server of messages as bytes. The only module here that needs a package: grpcio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import grpc
from grpc import aio

from headroom.sandbox.engines.protobuf import content, read, written

# A chunk of audio may be larger than the 4 MB that gRPC takes unless told otherwise; Triton takes 2 GB.
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)]
SERVING = written((1, 1))

Context = aio.ServicerContext
Stream = Callable[[AsyncIterator[bytes], Context], AsyncIterator[bytes]]
Call = Callable[[bytes, Context], Awaitable[bytes]]


class Server:
    """`streams` and `calls` by full method name, such as `/inference.GRPCInferenceService/ModelStreamInfer`.

    It answers health checks too (grpc.health.v1), for every service that it has and for the whole.
    """

    def __init__(self, streams: Mapping[str, Stream] | None = None, calls: Mapping[str, Call] | None = None) -> None:
        self._server = aio.server(options=OPTIONS)
        handlers: dict[str, Any] = {"/grpc.health.v1.Health/Check": grpc.unary_unary_rpc_method_handler(self._check)}
        handlers |= {name: grpc.stream_stream_rpc_method_handler(handler) for name, handler in (streams or {}).items()}
        handlers |= {name: grpc.unary_unary_rpc_method_handler(handler) for name, handler in (calls or {}).items()}
        self._services = {name.split("/")[1] for name in handlers}
        for service in self._services:
            own = {name.rpartition("/")[2]: handler for name, handler in handlers.items() if name.split("/")[1] == service}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, own),))

    async def start(self, host: str, port: int) -> None:
        """Raises `OSError` when the address is taken."""
        try:
            self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(str(error)) from None
        await self._server.start()

    async def end(self, seconds: float) -> None:
        """No stream begins any more; those that run have `seconds` to end."""
        await self._server.stop(seconds)

    async def _check(self, request: bytes, context: Context) -> bytes:
        service = content(read(request), 1).decode()
        if service and service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return SERVING


async def refuse(context: Context, message: str) -> None:
    """Ends a call whose request is wrong."""
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
