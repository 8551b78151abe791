"""Serves the language host until its engine stops: `python -m headroom.plugins.python_host --executor PATH [options] ENGINE`."""

from __future__ import annotations

import argparse
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from headroom.plugins.protocol import language_pb2_grpc
from headroom.plugins.python_host.children import Children
from headroom.plugins.python_host.service import LanguageHost

_CALLS_AT_ONCE = 16
_UNLIMITED = -1
_CONNECT_SECONDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="pulumi-language-python", description="Runs Python programs for a Pulumi engine.")
    parser.add_argument("--executor", type=Path, required=True, help="Pulumi's pulumi-language-python-exec")
    parser.add_argument("--tracing", help="accepted and ignored")
    parser.add_argument("engine", help="address of the engine's gRPC server")
    # The engine adds logging flags of its own, before the address.
    arguments, _ = parser.parse_known_args()

    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    children = Children()
    server = grpc.server(
        ThreadPoolExecutor(_CALLS_AT_ONCE),
        options=[("grpc.max_receive_message_length", _UNLIMITED), ("grpc.max_send_message_length", _UNLIMITED)],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(arguments.engine, arguments.executor, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)

    threading.Thread(target=_watch, args=(arguments.engine, stop), daemon=True).start()
    stop.wait()
    children.end_all()
    server.stop(grace=1).wait()


def _watch(engine: str, stop: threading.Event) -> None:
    """Sets `stop` when nothing listens at the engine's address any more: an engine that was killed cannot say goodbye.

    A silent connection is closed by the engine's server after a while, which is no reason to go: the next one decides.
    """
    host, _, port = engine.rpartition(":")
    while not stop.is_set():
        try:
            with socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS) as connection:
                connection.settimeout(None)
                while connection.recv(4096):
                    pass
        except ConnectionResetError:
            continue
        except OSError:
            stop.set()


main()
