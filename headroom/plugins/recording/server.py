"""The process: `python -m headroom.plugins.recording PACKAGE ENGINE`, started by Pulumi."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

from headroom.plugins.kubernetes.engine import Engine
from headroom.plugins.protocol import provider_pb2_grpc
from headroom.plugins.recording.service import Service

_THREADS = 32
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("A recording provider of headroom's tests. Pulumi starts it, with the name of the provider and the address of the engine.")
    package, engine = sys.argv[1:]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_UNLIMITED)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Service(package, Engine(engine)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    parent = os.getppid()
    # An engine that was killed cannot say so: nobody would end its plugins.
    while os.getppid() == parent:
        time.sleep(1)
