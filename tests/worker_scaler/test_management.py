"""What the worker scaler reads out of TorchServe's answers, as they were recorded from TorchServe 0.12.0."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path

import pytest

from headroom.worker_scaler.management import Described, Server, Unanswered, arrivals, described

RECORDED = Path(__file__).parents[1] / "sandbox" / "engines" / "recorded" / "torchserve-0.12.0.txt"


def test_a_worker_that_loads_is_there_and_not_ready() -> None:
    workers = [{"id": "9000", "status": "READY"}, {"id": "9001", "status": "UNLOADING"}]
    answer = [{"modelName": "tiny", "workers": workers, "jobQueueStatus": {"remainingCapacity": 93, "pendingRequests": 7}}]
    assert described(answer) == Described(workers=2, ready=1, pending=7)


def test_arrivals_are_those_of_the_model_in_the_recorded_exposition() -> None:
    assert arrivals(RECORDED.read_text(), "tiny") == 15
    assert arrivals(RECORDED.read_text(), "other") == 0


class _Babble(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"what is no HTTP\r\n")


def test_an_answer_that_is_no_http_fails_one_step() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Babble) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(Unanswered):
            Server(f"http://127.0.0.1:{server.server_address[1]}", "", "tiny").look()
