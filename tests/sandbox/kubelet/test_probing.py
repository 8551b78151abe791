"""What a look of a probe sees, against listeners on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from headroom.sandbox.kubelet.probes import Kind, Probe
from headroom.sandbox.kubelet.probing import Outcome, Target, look


class Commands:
    """A container in which every command ends with `code`."""

    def __init__(self, code: int | None = 0) -> None:
        self.code = code

    async def execute(self, command: list[str], seconds: float) -> tuple[int | None, str]:
        return self.code, " ".join(command)


class CannotBeEntered(Commands):
    async def execute(self, command: list[str], seconds: float) -> tuple[int | None, str]:
        raise FileNotFoundError("nsenter")


def see(action: str, answer: bytes | None, code: int | None = 0, **settings: Any) -> tuple[Outcome, list[str]]:
    """One look with a timeout of 0.3 s at a server that gives `answer` (None: never); what it was asked."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        if answer is not None:
            writer.write(answer)
            writer.close()

    async def whole() -> Outcome:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        container = {"ports": [{"name": "http", "containerPort": port}]}
        async with server:
            return await look(
                Probe(Kind.READINESS, action, {"port": "http", **settings}, timeout=0.3), Target("127.0.0.1", container, Commands(code))
            )  # type: ignore[arg-type]

    return asyncio.run(whole()), asked


@pytest.mark.parametrize(("status", "success"), [(200, True), (302, True), (399, True), (400, False), (404, False), (503, False)])
def test_http_statuses_from_200_to_399_are_a_success(status: int, success: bool) -> None:
    outcome, _ = see("httpGet", f"HTTP/1.1 {status} X\r\n\r\n".encode())
    assert outcome.success is success


def test_an_http_probe_asks_for_its_path_with_its_headers() -> None:
    _, asked = see("httpGet", b"HTTP/1.1 200 OK\r\n\r\n", path="/v2/health/ready", httpHeaders=[{"name": "Host", "value": "me"}])
    assert asked[0].startswith("GET /v2/health/ready HTTP/1.1\r\nHost: me\r\n")


def test_a_failing_status_is_told_with_its_body() -> None:
    outcome, _ = see("httpGet", b"HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbusy")
    assert outcome.message == "HTTP probe failed with statuscode: 503 (busy)"


def test_a_server_that_does_not_answer_in_time_has_failed() -> None:
    outcome, _ = see("httpGet", None)
    assert not outcome.success
    assert "context deadline exceeded" in outcome.message


def test_a_closed_port_is_a_refused_connection() -> None:
    outcome, _ = see("httpGet", b"", port=1)
    assert outcome.message == 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused'


@pytest.mark.parametrize("answer", [b"hello\r\n\r\n", b"HTTP/1.1\r\n", b"HTTP/1.1 \r\n", b"HTTP/1.1 OK\r\n", b""])
def test_what_is_not_http_has_failed(answer: bytes) -> None:
    outcome, _ = see("httpGet", answer)
    assert "malformed HTTP response" in outcome.message


def test_a_name_that_no_port_has_is_told() -> None:
    outcome, _ = see("httpGet", b"", port="web")
    assert outcome.message == "invalid port: the container has no port named 'web'"


def test_a_tcp_probe_only_connects() -> None:
    outcome, asked = see("tcpSocket", None)
    assert outcome.success
    assert asked == []


@pytest.mark.parametrize(("code", "success"), [(0, True), (1, False), (None, False)])
def test_a_command_succeeds_with_status_zero_within_its_time(code: int | None, success: bool) -> None:
    outcome, _ = see("exec", b"", code, command=["a", "b"])
    assert outcome.success is success


def test_a_look_that_fails_unforeseen_is_a_failure_that_says_so() -> None:
    outcome = asyncio.run(look(Probe(Kind.LIVENESS, "exec", {"command": ["a"]}), Target("127.0.0.1", {}, CannotBeEntered())))
    assert outcome == Outcome(False, "FileNotFoundError: nsenter")


@pytest.mark.parametrize(("status", "success"), [(1, True), (2, False)])
def test_a_grpc_probe_asks_the_health_service(status: int, success: bool) -> None:
    grpc = pytest.importorskip("grpc")
    asked: list[bytes] = []

    async def check(request: bytes, _: Any) -> bytes:
        asked.append(request)
        return bytes([8, status])

    outcome = _grpc(grpc, check)
    assert (outcome.success, asked) == (success, [b"\x0a\x02me"])


def _grpc(grpc: Any, check: Callable[[bytes, Any], Awaitable[bytes]]) -> Outcome:
    async def whole() -> Outcome:
        server = grpc.aio.server()
        method = grpc.unary_unary_rpc_method_handler(check)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": method}),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        probe = Probe(Kind.READINESS, "grpc", {"port": port, "service": "me"}, timeout=3)
        try:
            return await look(probe, Target("127.0.0.1", {}, Commands()))  # type: ignore[arg-type]
        finally:
            await server.stop(None)

    return asyncio.run(whole())
