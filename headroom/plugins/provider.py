"""What the resource plugins here have in common: their process, and how the engine hears of failures and differences."""

from __future__ import annotations

import functools
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from headroom.plugins.protocol import provider_pb2, provider_pb2_grpc

DIFF_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
}
"""By the kind of a change, and whether it replaces."""

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 2.5
"""For operations that were told to stop: Helm records that its release failed."""
_TIDYING_SECONDS = 1.0
"""For taking away the files of a child that was killed. All of it ends before the engine, after five seconds, kills the plugin."""

Method = Callable[..., Any]


def told(
    refusals: tuple[type[Exception], ...], *, defect: str, details: Callable[[Exception], bytes | None] = lambda _: None
) -> Callable[[Method], Method]:
    """A method of a service with its `refusals` as gRPC errors, each with the `details` that it carries.

    Any other exception is a `defect`: where it is matters more than what gRPC would say of it.
    """

    def decorated(method: Method) -> Method:
        @functools.wraps(method)
        def wrapped(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return method(self, request, context)
            except refusals as refusal:
                carried = details(refusal)
                if carried is not None:
                    context.set_trailing_metadata((("grpc-status-details-bin", carried),))
                context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
            except Exception:  # noqa: BLE001
                context.abort(grpc.StatusCode.INTERNAL, f"{defect}\n{traceback.format_exc()}")

        return wrapped

    return decorated


def serve(service: provider_pb2_grpc.ResourceProviderServicer, *, threads: int, cancel: Callable[[], None] = lambda: None) -> None:
    """Serves until the engine ends the process, or ends itself; never returns.

    An engine that was killed cannot say so, and the next one may begin at once: `cancel` is called, and what goes on nevertheless is
    cut off, with every process that it started.
    """
    workers = ThreadPoolExecutor(threads)
    server = grpc.server(workers, options=UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    _until_told_or_alone()
    try:
        cancel()
        stopped = server.stop(_GRACE_SECONDS)
        if not _idle(workers, _GRACE_SECONDS):
            _kill_children()
            _idle(workers, _TIDYING_SECONDS)
        stopped.wait(_TIDYING_SECONDS)
    finally:
        # Python would wait for its threads.
        os._exit(0)


def _until_told_or_alone() -> None:
    """Returns at a signal, or when the process that started this one is gone."""
    parent = os.getppid()
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.default_int_handler)
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        pass
    for number in _SIGNALS:
        # Told once is enough. No SIG_IGN: children would inherit it.
        signal.signal(number, lambda *_: None)


def _idle(workers: ThreadPoolExecutor, seconds: float) -> bool:
    """Whether all that was begun has ended after at most so many seconds; nothing new is begun."""
    ending = threading.Thread(target=workers.shutdown, daemon=True)
    ending.start()
    ending.join(seconds)
    return not ending.is_alive()


def _kill_children() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
